#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/chunked_decoder.h"
#include "http/client.h"
#include "http/response_head.h"

namespace ferry::http {

// Turns the bytes of a connection into one response. Strict: a response that could be read two ways
// is kProtocolError. Interim responses (1xx) are skipped, trailer fields dropped. However the bytes
// are cut into calls of put(), the result is the same. One object a response.
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
  static constexpr std::size_t kTrailerBytesMax = std::size_t{32} << 10;
  static constexpr int kInterimResponsesMax = 32;

  explicit ResponseReader(const Options& options) : options_(options) {}

  // Takes what it can of `bytes` and says how many those were; the rest, less than kHeadBytesMax,
  // must be offered again with more behind it. Once `done()`, the rest does not belong to this
  // response. kProtocolError says what is malformed; after an error the reader is of no use.
  Result<std::size_t> put(std::string_view bytes);

  // The peer has closed: completes a body that only the close delimits, else kConnectionLost.
  Result<void> put_end();

  bool done() const { return stage_ == Stage::kDone; }
  bool head_done() const { return stage_ != Stage::kHead; }  // the body has begun

  // Bytes of the body that are kept so far, and the most it can become.
  std::size_t bytes_kept() const { return body_.size(); }
  std::size_t bytes_kept_max() const;

  // Once done: whether the connection stays open behind the response.
  bool keeps_connection() const;
  // Once done.
  ClientResponse take();

 private:
  enum class Stage : std::uint8_t { kHead, kSizedBody, kChunkedBody, kBodyToClose, kDone };

  Result<std::size_t> put_head(std::string_view bytes);
  Result<void> skip_interim();
  void begin_body();
  Result<std::size_t> put_chunks(std::string_view bytes);
  std::size_t put_plain(std::string_view bytes);
  std::size_t keep(std::string_view content);

  Options options_;
  Stage stage_ = Stage::kHead;
  ResponseHead head_{kHeadBytesMax};
  ChunkedDecoder chunks_{{.body_bytes_max = UINT64_MAX, .trailer_bytes_max = kTrailerBytesMax},
                         ChunkedDecoder::Of::kResponse};
  std::uint64_t body_rest_ = 0;
  std::size_t dropped_bytes_max_ = kDroppedBytesMax;
  std::size_t dropped_bytes_ = 0;
  bool cut_off_ = false;
  bool ends_with_connection_ = false;
  int interim_responses_ = 0;
  std::string body_;
};

}  // namespace ferry::http
