#include <string>

#include "base/check.h"
#include "domain/publish_options.h"
#include "fuzz/input.h"

// Stored options from any bytes: what decodes stays the same through encoding and decoding, and
// merging with nothing changes nothing.

using namespace ferry;  // NOLINT: a program of one file

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto options = decode_publish_options(fuzz::text_of(data, size));
  if (!options) return 0;
  std::string encoded;
  encode_publish_options(*options, encoded);
  const auto again = decode_publish_options(encoded);
  CHECK(again && *again == *options);
  CHECK(merge(*options, {}) == *options);
  CHECK(merge({}, *options) == *options);
  CHECK(merge(*options, *options) == *options);
  return 0;
}
