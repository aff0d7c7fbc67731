#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "http/client.h"

namespace ferry::http {

// Turns the bytes of a connection into one response. Strict: a response that could be read two ways
// is kProtocolError. Interim responses (1xx) are skipped, trailer fields dropped. One object a
// response.
class ResponseReader {
 public:
  enum class Kind : std::uint8_t {
    kOrdinary,
    kToHead,     // ends with its head
    kToConnect,  // the same, and with status 2xx the connection becomes a tunnel, whatever it says
  };

  struct Options {
    std::size_t body_bytes_max = 0;
    Kind kind = Kind::kOrdinary;
  };

  // A head larger than this is refused.
  static constexpr std::size_t kHeadBytesMax = std::size_t{64} << 10;
  // What a body has beyond `body_bytes_max` is read and dropped up to here, because a kept
  // connection is worth it; a body known or found to be longer is cut off.
  static constexpr std::size_t kDroppedBytesMax = std::size_t{1} << 20;
  static constexpr int kInterimResponsesMax = 32;

  explicit ResponseReader(Options options);
  ~ResponseReader();
  ResponseReader(const ResponseReader&) = delete;
  ResponseReader& operator=(const ResponseReader&) = delete;

  // Takes what it can of `bytes` and says how many those were; the rest must be offered again with
  // more behind it. Once `done()`, the rest does not belong to this response. kProtocolError says
  // what is malformed; after an error the reader is of no use.
  Result<std::size_t> put(std::string_view bytes);

  // The peer has closed: completes a body that only the close delimits, else kConnectionLost.
  Result<void> put_end();

  bool done() const;
  bool head_done() const;  // the body has begun

  // Once done: whether the connection stays open behind the response.
  bool keeps_connection() const;
  // Once done.
  ClientResponse take();

 private:
  struct Parser;

  Result<void> skip_interim();

  Options options_;
  // The parser of Beast cannot be used again after an interim response.
  std::unique_ptr<Parser> parser_;
  int interim_responses_ = 0;
};

}  // namespace ferry::http
