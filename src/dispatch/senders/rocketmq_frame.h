#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace ferry::dispatch {

// A request or answer of RocketMQ's remoting protocol (contract section 5.4), all numbers
// big-endian:
//
//   frame  = u32 bytes that follow, u32 (encoding << 24 | head bytes), head, body
//   head   = JSON {"code","language","version","opaque","flag","remark","extFields":{name:text}}
//
// Encoding 0 is JSON, the one that answers to JSON come in. Flag bit 0 marks an answer, whose
// opaque is that of its request.
struct RocketMqFrame {
  std::int32_t code = 0;  // of a request what to do, of an answer how it went
  std::int32_t opaque = 0;
  bool is_answer = false;
  std::string remark;
  std::map<std::string, std::string> fields;
  Bytes body;
};

// Beyond it the peer is not what it should be; routes have some hundred bytes a broker.
inline constexpr std::size_t kRocketMqAnswerBytesMax = std::size_t{4} << 20;

// Everything of a frame but its body.
std::string write_rocketmq_head(const RocketMqFrame& frame);

// The bytes of the whole frame that `received` begins with; nothing until that can be told.
// kProtocolError for more than kRocketMqAnswerBytesMax and for what is no frame.
Result<std::optional<std::size_t>> rocketmq_frame_bytes(std::string_view received);

// Reads one whole frame. kProtocolError when it is malformed or encoded otherwise.
Result<RocketMqFrame> read_rocketmq_frame(std::string_view frame);

// base64 of the HMAC-SHA1 under `secret` of the fields' values in the order of their names, and the
// body. The caller adds AccessKey (and SecurityToken) before and the result as Signature after.
std::string rocketmq_signature(const RocketMqFrame& frame, std::string_view secret);

}  // namespace ferry::dispatch
