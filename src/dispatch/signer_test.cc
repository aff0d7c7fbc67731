#include "dispatch/signer.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "base/digest.h"
#include "base/encoding.h"

namespace ferry::dispatch {
namespace {

constexpr std::string_view kKey = "sig_7kYjw48mhY7kAjqNGcy6cr29RJ6r";

std::vector<std::string> parts_of(const std::string& token) {
  const std::size_t first = token.find('.');
  const std::size_t second = token.find('.', first + 1);
  return {token.substr(0, first), token.substr(first + 1, second - first - 1),
          token.substr(second + 1)};
}

TEST(Signer, MakesAJwtWithTheClaimsOfTheContract) {
  Signer signer(7);
  const auto parts = parts_of(
      signer.sign(kKey, "https://example.com/a?b=1", "hello", from_unix_ms(1'700'000'000'999)));
  EXPECT_EQ(*base64_decode(parts[0]), R"({"alg":"HS256","typ":"JWT"})");
  const std::string claims = *base64_decode(parts[1]);
  EXPECT_TRUE(claims.starts_with(
      R"({"iss":"Upstash","sub":"https://example.com/a?b=1","exp":1700000300,"nbf":0,)"
      R"("iat":1700000000,"jti":"jwt_)"))
      << claims;
  // base64url of SHA-256("hello"), padded.
  EXPECT_TRUE(claims.ends_with(R"("body":"LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="})"))
      << claims;
}

TEST(Signer, SignsHeaderAndClaimsWithTheKeysOwnText) {
  Signer signer(7);
  const std::string token = signer.sign(kKey, "https://example.com", "", from_unix_ms(1));
  const auto parts = parts_of(token);
  HmacSha256 hmac(kKey);
  EXPECT_EQ(base64url_encode(as_text(hmac.sign(parts[0] + "." + parts[1])), false), parts[2]);
}

// The example of the specification's reference libraries: secret
// "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", whose bytes stand here as the key.
TEST(Signer, SignsAsStandardWebhooksDo) {
  Signer signer(7);
  const std::string key = *base64_decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  EXPECT_EQ(signer.sign_standard(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", R"({"test": 2432232314})",
                                 from_unix_ms(1'614'265'330'000)),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(Signer, GivesEveryTokenAnIdOfItsOwn) {
  Signer signer(7);
  std::set<std::string> tokens;
  for (int i = 0; i < 1'000; ++i) tokens.insert(signer.sign(kKey, "u", "b", from_unix_ms(5'000)));
  EXPECT_EQ(tokens.size(), 1'000u);
}

TEST(Signer, KeepsSigningRightlyWithMoreKeysThanItPrepares) {
  Signer signer(7);
  for (int i = 0; i < 600; ++i) {
    const std::string key = "sig_" + std::to_string(i % 300);
    const auto parts = parts_of(signer.sign(key, "u", "b", from_unix_ms(5'000)));
    ASSERT_EQ(base64url_encode(as_text(HmacSha256(key).sign(parts[0] + "." + parts[1])), false),
              parts[2]);
  }
}

}  // namespace
}  // namespace ferry::dispatch
