#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/cuts.h"
#include "fuzz/input.h"
#include "http/response_reader.h"

// The client's reading of an answer. However the bytes are cut into reads, the same comes out:
// the answer and the bytes that belong to it, or the reason why it is none.
//
//   input = kind:u8 answer

namespace {

using namespace ferry;        // NOLINT: a program of one file
using namespace ferry::http;  // NOLINT

constexpr std::size_t kBodyBytesMax = 64;
constexpr std::size_t kCutsMax = 24;

struct Reading {
  std::optional<Error> error;
  std::size_t taken = 0;
  bool keeps_connection = false;
  ClientResponse response;

  friend bool operator==(const Reading& a, const Reading& b) {
    if (a.error || b.error) {
      return a.error && b.error && a.error->code == b.error->code && a.error->text == b.error->text;
    }
    return a.taken == b.taken && a.keeps_connection == b.keeps_connection &&
           a.response.status == b.response.status && a.response.headers == b.response.headers &&
           a.response.body.view() == b.response.body.view() &&
           a.response.truncated == b.response.truncated;
  }
};

// The end of the bytes is the peer's close.
Reading read_response(std::string_view bytes, ResponseReader::Kind kind, cuts::Ends ends) {
  ResponseReader reader({.body_bytes_max = kBodyBytesMax, .kind = kind});
  Reading reading;
  reading.taken = cuts::put_in_pieces(
      bytes, ends,
      [&](std::string_view piece) -> std::size_t {
        const Result<std::size_t> taken = reader.put(piece);
        if (!taken) reading.error = taken.error();
        if (!taken) return 0;
        CHECK(*taken <= piece.size());
        CHECK(reader.done() || piece.size() - *taken < ResponseReader::kHeadBytesMax);
        return *taken;
      },
      [&] { return reading.error || reader.done(); });
  if (!reading.error && !reader.done()) {
    if (const Result<void> end = reader.put_end(); !end) reading.error = end.error();
  }
  if (reading.error) return reading;
  CHECK(reader.done());
  reading.keeps_connection = reader.keeps_connection();
  reading.response = reader.take();
  return reading;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes = fuzz::text_of(data, size);
  const auto kind = static_cast<ResponseReader::Kind>(fuzz::take_byte(bytes) % 3);
  const auto read = [&](cuts::Ends ends) { return read_response(bytes, kind, ends); };
  CHECK(cuts::first_difference(bytes, read, kCutsMax).empty());
  const Reading whole = read({});
  if (whole.error) {
    CHECK(!whole.error->text.empty());
    return 0;
  }
  CHECK(whole.response.status >= 200 && whole.response.status <= 999);
  CHECK(whole.response.body.size() <= kBodyBytesMax);
  return 0;
}
