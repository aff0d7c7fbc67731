#include "base/legacy_digest.h"

#include <gtest/gtest.h>

#include <string>

#include "base/encoding.h"

namespace ferry {
namespace {

// RFC 1321, appendix A.5.
TEST(LegacyDigest, HasTheMd5OfTheRfc) {
  EXPECT_EQ(hex_encode(as_text(md5(""))), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(hex_encode(as_text(md5("message digest"))), "f96b697d7cb7938d525a2f31aaf161d0");
}

// RFC 2202, section 3, cases 1, 2 and 6.
TEST(LegacyDigest, HasTheHmacSha1OfTheRfc) {
  EXPECT_EQ(hex_encode(as_text(hmac_sha1(std::string(20, '\x0b'), "Hi There"))),
            "b617318655057264e28bc0b6fb378c8ef146be00");
  EXPECT_EQ(hex_encode(as_text(hmac_sha1("Jefe", "what do ya want for nothing?"))),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(
      hex_encode(as_text(hmac_sha1(std::string(80, '\xaa'),
                                   "Test Using Larger Than Block-Size Key - Hash Key First"))),
      "aa4ae5e15272d00e95705637ce8a3b55ed402112");
}

TEST(LegacyDigest, SignsWithAnEmptyKeyAndNoData) {
  EXPECT_EQ(hex_encode(as_text(hmac_sha1("", ""))), "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d");
}

}  // namespace
}  // namespace ferry
