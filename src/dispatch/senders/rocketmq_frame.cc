#include "dispatch/senders/rocketmq_frame.h"

#include <limits>
#include <optional>

#include "base/encoding.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/legacy_digest.h"

namespace ferry::dispatch {
namespace {

// V4_9_4 or later, so that routes come in standard JSON (contract section 5.4).
constexpr int kVersion = 435;
constexpr std::size_t kLengthBytes = 4;
constexpr std::uint32_t kHeadBytesMask = 0x00FF'FFFF;
constexpr int kEncodingShift = 24;
constexpr std::int64_t kAnswerFlag = 1;

void append_u32(std::string& out, std::size_t value) {
  for (const int shift : {24, 16, 8, 0}) {
    out.push_back(static_cast<char>(static_cast<unsigned char>(value >> shift)));
  }
}

std::uint32_t read_u32(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char c : bytes.substr(0, kLengthBytes)) {
    value = (value << 8) | static_cast<unsigned char>(c);
  }
  return value;
}

std::unexpected<Error> malformed(std::string why) {
  return fail(ErrorCode::kProtocolError, "the answer is no frame of RocketMQ: " + std::move(why));
}

// 0 when there is none; nothing when it is no number of 32 bits. A code that is cut off or
// defaulted to 0 would be a success.
std::optional<std::int32_t> number(const JsonValue& object, std::string_view name) {
  using Limits = std::numeric_limits<std::int32_t>;
  const auto value = object.find(name);
  if (!value) return 0;
  const auto number = value->integer();
  if (!number || *number < Limits::min() || *number > Limits::max()) return std::nullopt;
  return static_cast<std::int32_t>(*number);
}

std::string text_of(const JsonValue& value) { return std::string(value.text().value_or("")); }

Result<RocketMqFrame> frame_of(const JsonValue& head) {
  const auto code = head.find("code") ? number(head, "code") : std::nullopt;
  const auto opaque = number(head, "opaque");
  const auto flag = number(head, "flag");
  if (!code || !opaque || !flag) return malformed("its head has no code or a number that is none");
  RocketMqFrame frame{.code = *code, .opaque = *opaque, .is_answer = (*flag & kAnswerFlag) != 0};
  if (const auto remark = head.find("remark")) frame.remark = text_of(*remark);
  const auto fields = head.find("extFields");
  if (!fields || fields->kind() != JsonKind::kObject) return frame;
  for (std::size_t i = 0; i < fields->size(); ++i) {
    const JsonMember field = fields->member(i);
    frame.fields.emplace(std::string(field.name), text_of(field.value));
  }
  return frame;
}

}  // namespace

std::string write_rocketmq_head(const RocketMqFrame& frame) {
  JsonWriter head(512);
  head.begin_object()
      .field("code", frame.code)
      .field("language", "CPP")
      .field("version", kVersion)
      .field("opaque", frame.opaque)
      .field("flag", frame.is_answer ? kAnswerFlag : 0)
      .field_if("remark", frame.remark)
      .key("extFields")
      .begin_object();
  for (const auto& [name, value] : frame.fields) head.field(name, value);
  head.end_object().end_object();

  std::string out;
  out.reserve(2 * kLengthBytes + head.size());
  append_u32(out, kLengthBytes + head.size() + frame.body.size());
  append_u32(out, head.size());
  return out + head.text();
}

Result<std::optional<std::size_t>> rocketmq_frame_bytes(std::string_view received) {
  if (received.size() < kLengthBytes) return std::nullopt;
  const std::size_t following = read_u32(received);
  if (following < kLengthBytes || following > kRocketMqAnswerBytesMax) {
    return malformed("a length of " + std::to_string(following));
  }
  return kLengthBytes + following;
}

Result<RocketMqFrame> read_rocketmq_frame(std::string_view frame) {
  if (frame.size() < 2 * kLengthBytes) return malformed("it ends too early");
  const std::uint32_t mark = read_u32(frame.substr(kLengthBytes));
  frame.remove_prefix(2 * kLengthBytes);
  const std::size_t head_bytes = mark & kHeadBytesMask;
  if (mark >> kEncodingShift != 0) return malformed("its head is not JSON");
  if (head_bytes > frame.size()) return malformed("its head is longer than itself");
  const Result<JsonDocument> head = JsonDocument::parse(frame.substr(0, head_bytes));
  if (!head || head->root().kind() != JsonKind::kObject) {
    return malformed("its head is not JSON");
  }
  ASSIGN_OR_RETURN(RocketMqFrame read, frame_of(head->root()));
  read.body = Bytes::copy(frame.substr(head_bytes));
  return read;
}

std::string rocketmq_signature(const RocketMqFrame& frame, std::string_view secret) {
  std::string text;
  for (const auto& [name, value] : frame.fields) text += value;
  text += frame.body.view();
  return base64_encode(as_text(hmac_sha1(secret, text)));
}

}  // namespace ferry::dispatch
