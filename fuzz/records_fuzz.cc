#include <string>
#include <string_view>

#include "base/check.h"
#include "fuzz/input.h"
#include "store/records.h"

// Every stored record, from any bytes: what decodes is encoded again, in no more bytes than it came
// in, and from then on stays the same. Versions older than ours may grow.
//
//   input = kind:u8 record

namespace {

using namespace ferry;         // NOLINT: a program of one file
using namespace ferry::store;  // NOLINT

template <class T>
void check_record(std::string_view data, Result<T> (*decode)(std::string_view),
                  void (*encode)(const T&, std::string&)) {
  const Result<T> decoded = decode(data);
  if (!decoded) return;
  std::string encoded;
  encode(*decoded, encoded);
  CHECK(encoded.size() <= data.size() || encoded.front() > data.front());
  const Result<T> again = decode(encoded);
  CHECK(again);
  std::string encoded_again;
  encode(*again, encoded_again);
  CHECK(encoded_again == encoded);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view record = fuzz::text_of(data, size);
  switch (fuzz::take_byte(record)) {
    case 'm':
      check_record(record, decode_message, encode_message);
      break;
    case 'd':
      check_record(record, decode_delivery, encode_delivery);
      break;
    case 'e':
      check_record(record, decode_entry, encode_entry);
      break;
    case 'l':
      check_record(record, decode_dead_letter, encode_dead_letter);
      break;
    case 'k':
      check_record(record, decode_dedup, encode_dedup);
      break;
    case 't':
      check_record(record, decode_tenant, encode_tenant);
      break;
    case 'w':
      check_record(record, decode_write_set, encode_write_set);
      break;
    default:
      break;
  }
  return 0;
}
