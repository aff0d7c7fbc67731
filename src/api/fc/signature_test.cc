#include "api/fc/signature.h"

#include <gtest/gtest.h>

#include "api/api_under_test.h"
#include "base/digest.h"
#include "base/encoding.h"

namespace ferry::api::fc {
namespace {

using api::test::make_request;

// The vector of contract section 1.7.
constexpr std::string_view kAcs3Signature =
    "c3e6297cf0fee9906ce3b8efb8d0f92ba72b9851fe35e4de8d54cbe9e4714297";
constexpr std::string_view kSignedHeaders =
    "content-type;host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;"
    "x-acs-version";

http::Request acs3_request(std::string_view body = R"({"a":1})") {
  return make_request("POST", "/2023-03-30/functions/f1/invocations?qualifier=LATEST&x=a%20b%2A~",
                      {{"Host", "127.0.0.1:9000"},
                       {"Content-Type", "application/octet-stream"},
                       {"x-acs-version", "2023-03-30"},
                       {"x-acs-action", "InvokeFunction"},
                       {"x-acs-date", "2026-01-02T03:04:05Z"},
                       {"x-acs-signature-nonce", "nonce-1"},
                       {"x-acs-content-sha256", hex_encode(as_text(sha256(R"({"a":1})")))}},
                      body);
}

Signature acs3() {
  return *parse_signature(
      "ACS3-HMAC-SHA256 Credential=AKID,SignedHeaders=" + std::string(kSignedHeaders) +
      ",Signature=" + std::string(kAcs3Signature));
}

http::Request classic_request() {
  return make_request("POST", "/2016-08-15/services/svc.prod/functions/f1/invocations",
                      {{"x-fc-invocation-type", "Async"},
                       {"X-Fc-Account-Id", "123456789"},
                       {"Content-MD5", "YmI2Y2I1YzY4ZGY0NjUyOTQxY2FmNjUyYTM2NmYyZDg="},
                       {"Content-Type", "application/octet-stream"},
                       {"Date", "Sat, 21 Nov 2026 20:32:40 GMT"}});
}

TEST(Signature, OfAcs3IsThatOfTheVector) {
  EXPECT_EQ(acs3().key_id, "AKID");
  EXPECT_TRUE(is_signed(acs3_request(), acs3(), "SECRET"));
}

TEST(Signature, OfAcs3CoversSecretBodyQueryAndSignedHeaders) {
  EXPECT_FALSE(is_signed(acs3_request(), acs3(), "secret"));
  EXPECT_FALSE(is_signed(acs3_request(R"({"a":2})"), acs3(), "SECRET"));
  http::Request other_query = acs3_request();
  other_query.head.target += "1";
  EXPECT_FALSE(is_signed(other_query, acs3(), "SECRET"));
  http::Request other_date = acs3_request();
  other_date.head.headers.set("x-acs-date", "2026-01-02T03:04:06Z");
  EXPECT_FALSE(is_signed(other_date, acs3(), "SECRET"));
  http::Request other_method = acs3_request();
  other_method.head.method = "PUT";
  EXPECT_FALSE(is_signed(other_method, acs3(), "SECRET"));
}

TEST(Signature, OfAcs3LeavesOtherHeadersAlone) {
  http::Request request = acs3_request();
  request.head.headers.add("x-fc-invocation-type", "Async");
  EXPECT_TRUE(is_signed(request, acs3(), "SECRET"));
}

TEST(Signature, OfTheClassicSchemeIsThatOfTheVector) {
  const auto signature = parse_signature("FC AKID:/CbTg1ypgkrjZU3DQnQgnqImH11nkq/cwDXNA43JJVE=");
  ASSERT_TRUE(signature);
  EXPECT_EQ(signature->key_id, "AKID");
  EXPECT_TRUE(is_signed(classic_request(), *signature, "SECRET"));
  http::Request other = classic_request();
  other.head.headers.set("x-fc-invocation-type", "Sync");
  EXPECT_FALSE(is_signed(other, *signature, "SECRET"));
  EXPECT_FALSE(is_signed(classic_request(), *signature, "other"));
}

TEST(Signature, OfTheClassicSchemeTakesThePathAsSentOrDecoded) {
  http::Request request = classic_request();
  request.head.target = "/2016-08-15/services/%C3%A9/functions/f/invocations";
  for (const std::string_view path : {"/2016-08-15/services/%C3%A9/functions/f/invocations",
                                      "/2016-08-15/services/\xC3\xA9/functions/f/invocations"}) {
    const Signature signature{.scheme = SignatureScheme::kClassic,
                              .key_id = "AKID",
                              .signed_headers = {},
                              .text = classic_signature(request.head, path, "SECRET"),
                              .expires = {}};
    EXPECT_TRUE(is_signed(request, signature, "SECRET")) << path;
  }
}

// The vectors of aliyun/fc-go-sdk, sign_url_request_test.go and signature_test.go.
TEST(Signature, OfAPresignedUrlIsThatOfTheVectors) {
  const std::string url =
      "/2016-08-15/proxy/service/func/?x-fc-access-key-id=akid&x-fc-expires=1583339600";
  for (const std::string_view rest :
       {"&x-fc-security-token=stsToken&x-fc-signature=Yi0jCBQ6cTZc%2BtN8wtYUz9FbYNijx5jDiE3sVNW6XwA"
        "%3D",
        "&x-fc-signature=6Rc4KxEAv3%2BlHpbNQWceIUqWVWq3ewxhadlJBRzZ0XQ%3D"}) {
    const http::Request request = make_request("GET", url + std::string(rest));
    const auto signature = parse_presigned(request.head.target);
    ASSERT_TRUE(signature);
    EXPECT_EQ(signature->key_id, "akid");
    EXPECT_EQ(signature->expires, "1583339600");
    EXPECT_TRUE(is_signed(request, *signature, "akSec")) << rest;
    EXPECT_FALSE(is_signed(request, *signature, "aksec")) << rest;
  }
  const http::Request full =
      make_request("GET",
                   "/2016-08-15/proxy/service.LATEST/func/abc%20123?x=xyz&x=456&a=123+45"
                   "&x-fc-expires=1583221068&x-fc-access-key-id=akID&x-fc-security-token=stsToken"
                   "&x-fc-signature=QFdNhz0Dl%2BonUM%2FMvpX940WFH3H8OHayZHbby1c01aI%3D",
                   {{"X-Fc-Trace-Id", "trace-id"},
                    {"Content-Type", "text/json"},
                    {"Content-MD5", "ef5b43a0fe1d5b401b62c3ba33a7a3d6"}});
  EXPECT_TRUE(
      is_signed(full, *parse_presigned(full.head.target), "S9MWOBG0AOWHSO9HPASP216QOPHT5YR4NLH3A"));
}

TEST(Signature, OfAPresignedUrlCoversMethodPathQueryAndExpiry) {
  http::Request request =
      make_request("GET", "/2016-08-15/services?x-fc-access-key-id=AKID&x-fc-expires=9&limit=1");
  const Signature signature{
      .scheme = SignatureScheme::kPresigned,
      .key_id = "AKID",
      .signed_headers = {},
      .text = presigned_signature(request.head, "/2016-08-15/services", "9", "SECRET"),
      .expires = "9"};
  EXPECT_TRUE(is_signed(request, signature, "SECRET"));
  Signature later = signature;
  later.expires = "10";
  EXPECT_FALSE(is_signed(request, later, "SECRET"));
  http::Request other_method = request;
  other_method.head.method = "DELETE";
  EXPECT_FALSE(is_signed(other_method, signature, "SECRET"));
  http::Request other_query = request;
  other_query.head.target += "0";
  EXPECT_FALSE(is_signed(other_query, signature, "SECRET"));
  http::Request other_path = request;
  other_path.head.target.replace(0, 20, "/2016-08-15/servicex");
  EXPECT_FALSE(is_signed(other_path, signature, "SECRET"));
}

TEST(Signature, UrlsWithoutOneAreNotPresigned) {
  EXPECT_FALSE(parse_presigned("/2016-08-15/services"));
  EXPECT_FALSE(parse_presigned("/2016-08-15/services?x-fc-access-key-id=a&x-fc-expires=1"));
  EXPECT_FALSE(parse_presigned("/2016-08-15/services?x-fc-signature="));
}

TEST(Signature, FieldsOfOtherSchemesAndMalformedOnesAreNone) {
  for (const std::string_view field :
       {"", "Bearer x", "FC", "FC key", "FC :x", "FC key:", "ACS3-HMAC-SHA256",
        "ACS3-HMAC-SHA256 Credential=AKID", "ACS3-HMAC-SHA256 Signature=x", "ACS3-HMAC-SHA256 x"}) {
    EXPECT_FALSE(parse_signature(field)) << field;
  }
}

TEST(Signature, DatesHaveOneForm) {
  EXPECT_EQ(parse_acs_date("2026-01-02T03:04:05Z"), from_unix_ms(1'767'323'045'000));
  for (const std::string_view text :
       {"", "2026-01-02", "2026-13-02T03:04:05Z", "2026-02-30T03:04:05Z", "2026-01-02T24:04:05Z",
        "2026-01-02 03:04:05Z", "2026-01-02T03:04:05z", "2026-01-02T-3:04:05Z"}) {
    EXPECT_FALSE(parse_acs_date(text)) << text;
  }
}

}  // namespace
}  // namespace ferry::api::fc
