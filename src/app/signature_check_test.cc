#include "app/signature_check.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/digest.h"
#include "base/encoding.h"
#include "dispatch/signer.h"

namespace ferry::app {
namespace {

constexpr TimePoint kNow = from_unix_ms(1'700'000'000'000);
const std::string kUrl = "http://127.0.0.1:3000/in?a=b";
const std::vector<std::string> kKeys{"sig_other", "sig_key"};

std::string signature(const std::string& body = "hello") {
  return dispatch::Signer(1).sign("sig_key", kUrl, body, kNow);
}

// A JWT with claims of the test's own.
std::string jwt(const std::string& header, const std::string& claims) {
  std::string text = base64url_encode(header, false) + "." + base64url_encode(claims, false);
  const Sha256Digest mac = HmacSha256("sig_key").sign(text);
  return text + "." + base64url_encode(as_text(mac), false);
}

std::string verdict(const std::string& token, const std::string& url = kUrl,
                    const std::string& body = "hello", TimePoint now = kNow) {
  const auto checked = check_signature(token, kKeys, url, body, now);
  return checked ? "good" : checked.error().text;
}

TEST(SignatureCheck, WhatTheDispatcherSignsIsGood) {
  EXPECT_EQ(verdict(signature()), "good");
  EXPECT_EQ(verdict(signature(""), kUrl, ""), "good");
}

TEST(SignatureCheck, ItHoldsUntilItExpires) {
  EXPECT_EQ(verdict(signature(), kUrl, "hello", kNow + std::chrono::seconds(299)), "good");
  EXPECT_EQ(verdict(signature(), kUrl, "hello", kNow + std::chrono::seconds(300)),
            "it has expired");
}

TEST(SignatureCheck, AnotherKeyDoesNotFit) {
  const std::vector<std::string> keys{"sig_other"};
  const auto checked = check_signature(signature(), keys, kUrl, "hello", kNow);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().text, "no key fits it");
}

TEST(SignatureCheck, AnotherUrlOrBodyIsNamed) {
  EXPECT_EQ(verdict(signature(), "http://127.0.0.1:3000/in"),
            "it is for http://127.0.0.1:3000/in?a=b, not for http://127.0.0.1:3000/in");
  EXPECT_EQ(verdict(signature(), kUrl, "hello!"), "it is for another body");
}

TEST(SignatureCheck, AChangedClaimBreaksIt) {
  std::string token = signature();
  const std::size_t middle = token.find('.') + 5;
  token[middle] = token[middle] == 'A' ? 'B' : 'A';
  EXPECT_EQ(verdict(token), "no key fits it");
}

TEST(SignatureCheck, TheAlgorithmIsFixed) {
  EXPECT_EQ(verdict(jwt(R"({"alg":"none"})", "{}")), "its algorithm is not HS256");
}

TEST(SignatureCheck, ClaimsThatAreMissingOrEarlyAreNamed) {
  const std::string header = R"({"alg":"HS256","typ":"JWT"})";
  EXPECT_EQ(verdict(jwt(header, "{}")), "its issuer is not Upstash");
  const std::string start = R"({"iss":"Upstash","sub":")" + kUrl + "\"";
  EXPECT_EQ(verdict(jwt(header, start + "}")), "its claim exp is no number");
  EXPECT_EQ(verdict(jwt(header, start + R"(,"exp":1800000000})")), "its claim nbf is no number");
  EXPECT_EQ(verdict(jwt(header, start + R"(,"exp":1800000000,"nbf":1700000001})")),
            "it is not valid yet");
  EXPECT_EQ(verdict(jwt(header, start + R"(,"exp":1800000000,"nbf":1700000000})")),
            "it is for another body");
}

TEST(SignatureCheck, TextsThatAreNoJwtAreRefused) {
  EXPECT_EQ(verdict(""), "it is no JWT");
  EXPECT_EQ(verdict("a.b"), "it is no JWT");
  EXPECT_EQ(verdict("!.b.c"), "its header is no base64");
  EXPECT_EQ(verdict("e30x.b.c"), "its header is no JSON");
}

}  // namespace
}  // namespace ferry::app
