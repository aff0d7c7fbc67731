#include "api/body_size.h"

#include <gtest/gtest.h>

namespace ferry::api {
namespace {

bool announces(const char* length, std::size_t bytes_max) {
  http::RequestHead head;
  if (length != nullptr) head.headers.add("content-length", length);
  return announces_more_than(head, bytes_max);
}

TEST(BodySize, IsCompared) {
  EXPECT_FALSE(announces(nullptr, 0));
  EXPECT_FALSE(announces("10", 10));
  EXPECT_TRUE(announces("11", 10));
}

TEST(BodySize, BeyondAllNumbersIsMoreThanAnything) {
  for (const char* length : {"9223372036854775807", "9223372036854775808", "18446744073709551615",
                             "18446744073709551616", "99999999999999999999999999"}) {
    EXPECT_TRUE(announces(length, std::size_t{1} << 30)) << length;
  }
}

}  // namespace
}  // namespace ferry::api
