#include <string>
#include <string_view>

#include "base/check.h"
#include "base/cuts.h"
#include "fuzz/input.h"
#include "http/chunked_decoder.h"
#include "http/head_parser.h"

// The server's reading of a request and of its chunked body. However the bytes are cut into reads,
// the same comes out: the request and the bytes that belong to it, or why it is refused.
//
//   input = request

namespace {

using namespace ferry;        // NOLINT: a program of one file
using namespace ferry::http;  // NOLINT

constexpr HeadLimits kHeadLimits{
    .target_bytes_max = 256, .header_bytes_max = 1024, .header_fields_max = 16};
constexpr ChunkedDecoder::Limits kBodyLimits{.body_bytes_max = 512, .trailer_bytes_max = 128};
constexpr std::size_t kCutsMax = 24;

struct ReadHead {
  HeadParser::Status status = HeadParser::Status::kNeedsMore;
  std::size_t bytes = 0;
  std::string_view refusal;
  Framing framing;
  RequestHead head;

  friend bool operator==(const ReadHead& a, const ReadHead& b) {
    return a.status == b.status && a.bytes == b.bytes && a.refusal == b.refusal &&
           a.framing == b.framing && a.head.method == b.head.method &&
           a.head.target == b.head.target && a.head.headers == b.head.headers;
  }
};

ReadHead read_head(std::string_view bytes, cuts::Ends ends) {
  HeadParser parser(kHeadLimits);
  ReadHead read;
  read.bytes = cuts::put_in_pieces(
      bytes, ends,
      [&](std::string_view piece) {
        const HeadParser::Progress progress = parser.put(piece);
        CHECK(progress.taken <= piece.size());
        read.status = progress.status;
        return progress.taken;
      },
      [&] { return read.status != HeadParser::Status::kNeedsMore; });
  if (read.status == HeadParser::Status::kRefused) CHECK(parser.refusal().status >= 400);
  read.refusal = parser.refusal().text;
  read.framing = parser.framing();
  read.head = parser.take_head();
  return read;
}

struct ReadBody {
  ChunkedDecoder::Status status = ChunkedDecoder::Status::kNeedsMore;
  std::size_t bytes = 0;
  std::string_view refusal;
  std::string body;

  friend bool operator==(const ReadBody&, const ReadBody&) = default;
};

ReadBody read_body(std::string_view bytes, cuts::Ends ends) {
  ChunkedDecoder decoder(kBodyLimits);
  ReadBody read;
  read.bytes = cuts::put_in_pieces(
      bytes, ends,
      [&](std::string_view piece) {
        const ChunkedDecoder::Progress progress = decoder.put(piece, read.body);
        CHECK(progress.taken <= piece.size());
        read.status = progress.status;
        return progress.taken;
      },
      [&] { return read.status != ChunkedDecoder::Status::kNeedsMore; });
  CHECK(read.body.size() <= kBodyLimits.body_bytes_max);
  read.refusal = decoder.refusal().text;
  return read;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes = fuzz::text_of(data, size);
  const auto head_of = [&](cuts::Ends ends) { return read_head(bytes, ends); };
  CHECK(cuts::first_difference(bytes, head_of, kCutsMax).empty());
  const ReadHead whole = head_of({});
  if (whole.status != HeadParser::Status::kDone) return 0;
  CHECK(whole.head.target.size() <= kHeadLimits.target_bytes_max);
  CHECK(whole.head.headers.size() <= kHeadLimits.header_fields_max);
  CHECK(!whole.framing.chunked || whole.framing.content_length == 0);

  if (!whole.framing.chunked) return 0;
  bytes.remove_prefix(whole.bytes);
  const auto body_of = [&](cuts::Ends ends) { return read_body(bytes, ends); };
  CHECK(cuts::first_difference(bytes, body_of, kCutsMax).empty());
  return 0;
}
