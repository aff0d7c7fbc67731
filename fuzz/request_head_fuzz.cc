#include <string>
#include <string_view>

#include "base/check.h"
#include "fuzz/input.h"
#include "http/chunked_decoder.h"
#include "http/head_parser.h"

// The server's reading of a request and of its chunked body. However the bytes are cut into reads,
// the same request comes out, or none: what ends without one may be seen earlier in one cut than in
// another.
//
//   input = step:u8 request

namespace {

using namespace ferry;        // NOLINT: a program of one file
using namespace ferry::http;  // NOLINT

constexpr HeadLimits kHeadLimits{
    .target_bytes_max = 256, .header_bytes_max = 1024, .header_fields_max = 16};
constexpr ChunkedDecoder::Limits kBodyLimits{.body_bytes_max = 512, .trailer_bytes_max = 128};

struct ReadHead {
  HeadParser::Status status = HeadParser::Status::kNeedsMore;
  std::size_t bytes = 0;
  Framing framing;
  RequestHead head;
};

ReadHead read_head(std::string_view bytes, std::size_t step) {
  HeadParser parser(kHeadLimits);
  ReadHead read;
  fuzz::put_in_pieces(
      bytes, step,
      [&](std::string_view piece) {
        const HeadParser::Progress progress = parser.put(piece);
        CHECK(progress.taken <= piece.size());
        read.status = progress.status;
        read.bytes += progress.taken;
        return progress.taken;
      },
      [&] { return read.status != HeadParser::Status::kNeedsMore; });
  if (read.status == HeadParser::Status::kRefused) CHECK(parser.refusal().status >= 400);
  read.framing = parser.framing();
  read.head = parser.take_head();
  return read;
}

struct ReadBody {
  ChunkedDecoder::Status status = ChunkedDecoder::Status::kNeedsMore;
  std::size_t bytes = 0;
  std::string body;
};

ReadBody read_body(std::string_view bytes, std::size_t step) {
  ChunkedDecoder decoder(kBodyLimits);
  ReadBody read;
  fuzz::put_in_pieces(
      bytes, step,
      [&](std::string_view piece) {
        const ChunkedDecoder::Progress progress = decoder.put(piece, read.body);
        CHECK(progress.taken <= piece.size());
        read.status = progress.status;
        read.bytes += progress.taken;
        return progress.taken;
      },
      [&] { return read.status != ChunkedDecoder::Status::kNeedsMore; });
  CHECK(read.body.size() <= kBodyLimits.body_bytes_max);
  return read;
}

void check_head(const ReadHead& whole, const ReadHead& pieces) {
  const bool done = whole.status == HeadParser::Status::kDone;
  CHECK((pieces.status == HeadParser::Status::kDone) == done);
  if (!done) return;
  CHECK(pieces.bytes == whole.bytes);
  CHECK(pieces.head.method == whole.head.method && pieces.head.target == whole.head.target);
  CHECK(pieces.head.headers == whole.head.headers);
  CHECK(pieces.framing.chunked == whole.framing.chunked);
  CHECK(pieces.framing.content_length == whole.framing.content_length);
  CHECK(pieces.framing.keep_alive == whole.framing.keep_alive);
  CHECK(whole.head.target.size() <= kHeadLimits.target_bytes_max);
  CHECK(whole.head.headers.size() <= kHeadLimits.header_fields_max);
  CHECK(!whole.framing.chunked || whole.framing.content_length == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes = fuzz::text_of(data, size);
  const std::size_t step = 1u + fuzz::take_byte(bytes) % 64u;
  const ReadHead whole = read_head(bytes, bytes.size() + 1);
  check_head(whole, read_head(bytes, step));
  if (whole.status != HeadParser::Status::kDone || !whole.framing.chunked) return 0;

  bytes.remove_prefix(whole.bytes);
  const ReadBody body = read_body(bytes, bytes.size() + 1);
  const ReadBody body_in_pieces = read_body(bytes, step);
  const bool done = body.status == ChunkedDecoder::Status::kDone;
  CHECK((body_in_pieces.status == ChunkedDecoder::Status::kDone) == done);
  if (!done) return 0;
  CHECK(body_in_pieces.bytes == body.bytes && body_in_pieces.body == body.body);
  return 0;
}
