#include <optional>
#include <string_view>

#include "base/check.h"
#include "fuzz/input.h"
#include "http/response_reader.h"

// The client's reading of an answer. However the bytes are cut into reads, no two answers come out;
// whether a malformed trailer is noticed may depend on the cut.
//
//   input = step:u8 kind:u8 answer

namespace {

using namespace ferry;        // NOLINT: a program of one file
using namespace ferry::http;  // NOLINT

constexpr std::size_t kBodyBytesMax = 64;

// Nothing when the answer was refused or is not whole; the end of the bytes is the peer's close.
std::optional<ClientResponse> read_response(std::string_view bytes, std::size_t step,
                                            ResponseReader::Kind kind) {
  ResponseReader reader({.body_bytes_max = kBodyBytesMax, .kind = kind});
  bool failed = false;
  fuzz::put_in_pieces(
      bytes, step,
      [&](std::string_view piece) -> std::size_t {
        const Result<std::size_t> taken = reader.put(piece);
        failed = !taken;
        if (failed) return 0;
        CHECK(*taken <= piece.size());
        return *taken;
      },
      [&] { return failed || reader.done(); });
  if (failed) return std::nullopt;
  if (!reader.done() && !reader.put_end()) return std::nullopt;
  CHECK(reader.done());
  (void)reader.keeps_connection();
  return reader.take();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes = fuzz::text_of(data, size);
  const std::size_t step = 1u + fuzz::take_byte(bytes) % 64u;
  const auto kind = static_cast<ResponseReader::Kind>(fuzz::take_byte(bytes) % 3);
  const auto whole = read_response(bytes, bytes.size() + 1, kind);
  const auto pieces = read_response(bytes, step, kind);
  if (!whole || !pieces) return 0;
  CHECK(whole->status >= 200 && whole->status <= 999);
  CHECK(whole->body.size() <= kBodyBytesMax);
  CHECK(pieces->status == whole->status && pieces->headers == whole->headers);
  CHECK(pieces->body == whole->body && pieces->truncated == whole->truncated);
  return 0;
}
