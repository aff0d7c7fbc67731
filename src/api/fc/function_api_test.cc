// Who may call, what every answer has, and which paths there are.

#include "api/fc/function_api.h"

#include <gtest/gtest.h>

#include <set>

#include "api/fc/functions_under_test.h"
#include "api/fc/identity.h"
#include "api/fc/routes.h"
#include "base/digest.h"
#include "base/encoding.h"

namespace ferry::api::fc {
namespace {

using namespace test;

const std::string kFunctions = std::string(k3) + "/functions";

std::string acs_date(TimePoint time) { return wire_time(time); }

// Signed as the generated clients do it.
http::Request signed_request(TimePoint date, std::string_view nonce = "n",
                             std::string_view secret = "SECRET", std::string_view key = "AKID") {
  http::Request request = make_request("GET", kFunctions,
                                       {{"Host", "localhost"},
                                        {"x-acs-date", acs_date(date)},
                                        {"x-acs-signature-nonce", std::string(nonce)},
                                        {"x-acs-content-sha256", hex_encode(as_text(sha256("")))}});
  const std::vector<std::string> names = {"host", "x-acs-content-sha256", "x-acs-date",
                                          "x-acs-signature-nonce"};
  request.head.headers.add(
      "Authorization",
      "ACS3-HMAC-SHA256 Credential=" + std::string(key) +
          ",SignedHeaders=host;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce,Signature=" +
          acs3_signature(request.head, names, hex_encode(as_text(sha256(""))), secret));
  return request;
}

http::Request classic_request(std::string date) {
  http::Request request =
      make_request("GET", std::string(k2016) + "/services", {{"Date", std::move(date)}});
  const std::string signature =
      classic_signature(request.head, std::string(k2016) + "/services", "SECRET");
  request.head.headers.add("Authorization", "FC AKID:" + signature);
  return request;
}

TEST(FunctionApi, TakesSignaturesOfBothSchemes) {
  FunctionsUnderTest api;
  EXPECT_EQ(api.send_raw(signed_request(kNow)).status, 200);
  EXPECT_EQ(api.send_raw(classic_request(format_http_date(kNow))).status, 200);
}

http::ServerResponse call_presigned(FunctionsUnderTest& api, std::string_view path,
                                    std::string_view expires, std::string_view secret = "SECRET",
                                    std::string_view key = "AKID") {
  http::Request request =
      make_request("GET", std::string(path) + "?x-fc-access-key-id=" + std::string(key) +
                              "&x-fc-expires=" + std::string(expires));
  request.head.target +=
      "&x-fc-signature=" + percent_encode(presigned_signature(request.head, path, expires, secret));
  return api.send_raw(std::move(request));
}

TEST(FunctionApi, TakesPresignedUrlsUntilTheyExpire) {
  FunctionsUnderTest api;
  const std::string services = std::string(k2016) + "/services";
  const std::int64_t now = to_unix_seconds(kNow);
  EXPECT_EQ(call_presigned(api, services, std::to_string(now + 1)).status, 200);
  EXPECT_EQ(call_presigned(api, services, std::to_string(now + 10'000'000'000)).status, 200);
  const auto expired = call_presigned(api, services, std::to_string(now - 1));
  EXPECT_EQ(expired.status, 403);
  EXPECT_EQ(fault(expired), "AccessDenied");
  for (const std::string_view expires : {"", "x", "-1", "99999999999999999999", "253402300800"}) {
    EXPECT_EQ(fault(call_presigned(api, services, expires)), "InvalidArgument") << expires;
  }
}

TEST(FunctionApi, RefusesPresignedUrlsOfOtherSecretsKeysAndFaces) {
  FunctionsUnderTest api;
  const std::string services = std::string(k2016) + "/services";
  const std::string expires = std::to_string(to_unix_seconds(kNow) + 60);
  const auto wrong = call_presigned(api, services, expires, "other");
  EXPECT_EQ(wrong.status, 403);
  EXPECT_EQ(fault(wrong), "SignatureNotMatch");
  EXPECT_EQ(fault(call_presigned(api, services, expires, "SECRET", "NOBODY")),
            "InvalidAccessKeyID");
  EXPECT_EQ(fault(call_presigned(api, kFunctions, expires)), "SignatureNotMatch");
}

TEST(FunctionApi, RefusesWrongSecretsAndUnknownKeys) {
  FunctionsUnderTest api;
  const auto wrong = api.send_raw(signed_request(kNow, "n", "other"));
  EXPECT_EQ(wrong.status, 403);
  EXPECT_EQ(fault(wrong), "SignatureNotMatch");
  const auto unknown = api.send_raw(signed_request(kNow, "n", "SECRET", "NOBODY"));
  EXPECT_EQ(unknown.status, 403);
  EXPECT_EQ(fault(unknown), "InvalidAccessKeyID");
}

TEST(FunctionApi, RefusesDatesMoreThanAQuarterOfAnHourAway) {
  FunctionsUnderTest api;
  EXPECT_EQ(api.send_raw(signed_request(kNow - kClockSkewMax, "1")).status, 200);
  EXPECT_EQ(api.send_raw(signed_request(kNow + kClockSkewMax, "2")).status, 200);
  for (const TimePoint date : {kNow - kClockSkewMax - std::chrono::seconds(1),
                               kNow + kClockSkewMax + std::chrono::seconds(1)}) {
    EXPECT_EQ(fault(api.send_raw(signed_request(date, "3"))), "AccessDenied");
    EXPECT_EQ(api.send_raw(classic_request(format_http_date(date))).status, 403);
  }
}

TEST(FunctionApi, TakesANonceOnceOfManagementCalls) {
  FunctionsUnderTest api;
  EXPECT_EQ(api.send_raw(signed_request(kNow, "same")).status, 200);
  EXPECT_EQ(fault(api.send_raw(signed_request(kNow, "same"))), "SignatureNotMatch");
  EXPECT_EQ(api.send_raw(signed_request(kNow, "other")).status, 200);
}

TEST(FunctionApi, AWrongSignatureUsesUpNoNonce) {
  FunctionsUnderTest api;
  EXPECT_EQ(api.send_raw(signed_request(kNow, "same", "other")).status, 403);
  EXPECT_EQ(api.send_raw(signed_request(kNow, "same")).status, 200);
}

TEST(FunctionApi, WantsTheDateSigned) {
  FunctionsUnderTest api;
  http::Request request = signed_request(kNow);
  const std::string hash = hex_encode(as_text(sha256("")));
  request.head.headers.set("Authorization",
                           "ACS3-HMAC-SHA256 Credential=AKID,SignedHeaders=host,Signature=" +
                               acs3_signature(request.head, {"host"}, hash, "SECRET"));
  EXPECT_EQ(fault(api.send_raw(std::move(request))), "SignatureNotMatch");
}

TEST(FunctionApi, NamesTheHeaderThatIsMissing) {
  FunctionsUnderTest api;
  const auto none = api.send_raw(make_request("GET", kFunctions));
  EXPECT_EQ(none.status, 400);
  EXPECT_EQ(fault(none), "MissingRequiredHeader");
  http::Request request = signed_request(kNow);
  request.head.headers.remove("x-acs-signature-nonce");
  EXPECT_EQ(member(api.send_raw(std::move(request)), "Message"),
            "required HTTP header x-acs-signature-nonce was not specified");
}

TEST(FunctionApi, TakesTokensInBothPlaces) {
  FunctionsUnderTest api;
  EXPECT_EQ(api.call("GET", kFunctions).status, 200);
  const auto send = [&api](std::string token) {
    return api.send_raw(make_request(
        "GET", kFunctions,
        {{"x-acs-signature-type", "BEARERTOKEN"}, {"x-acs-bearer-token", std::move(token)}}));
  };
  EXPECT_EQ(send(std::string(kToken)).status, 200);
  EXPECT_EQ(fault(send("nobody's")), "AccessDenied");
  EXPECT_EQ(fault(send(std::string(kSuspendedToken))), "AccessDenied");
}

TEST(FunctionApi, AReadOnlyTokenMayOnlyGet) {
  FunctionsUnderTest api;
  const HeaderList reader = {{"Authorization", "Bearer " + std::string(kReadOnlyToken)}};
  EXPECT_EQ(api.send_raw(make_request("GET", kFunctions, reader)).status, 200);
  EXPECT_EQ(fault(api.send_raw(make_request("POST", kFunctions, reader, "{}"))), "AccessDenied");
  EXPECT_EQ(fault(api.send_raw(make_request("POST", kFunctions + "/f/invocations", reader, "x"))),
            "AccessDenied");
}

TEST(FunctionApi, UnknownPathsAndMethodsAreNotSupported) {
  FunctionsUnderTest api;
  for (const std::string& target : {std::string(k3) + "/nothing", std::string(k3) + "/services",
                                    std::string(k2021) + "/functions"}) {
    const auto response = api.call("GET", target);
    EXPECT_EQ(response.status, 400) << target;
    EXPECT_EQ(fault(response), "PathNotSupported") << target;
  }
  EXPECT_EQ(fault(api.call("PATCH", kFunctions)), "PathNotSupported");
  EXPECT_EQ(api.call("GET", "/2020-01-01/functions").status, 404);
}

TEST(FunctionApi, AServerThatIsNotReadyIsUnavailable) {
  FunctionsUnderTest api;
  api.ready = false;
  const auto response = api.call("GET", kFunctions);
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(fault(response), "ServiceUnavailable");
  EXPECT_EQ(header(response, "Retry-After"), "1");
}

TEST(FunctionApi, AFullInboxIsUnavailable) {
  FunctionsUnderTest api;
  api.engine_is_full = true;
  EXPECT_EQ(fault(api.call("GET", kFunctions)), "ServiceUnavailable");
}

TEST(FunctionApi, EveryAnswerHasARequestIdAndKeepsTheCallersOwn) {
  FunctionsUnderTest api;
  const std::string made = header(api.call("GET", kFunctions), "x-fc-request-id");
  EXPECT_EQ(made.size(), std::string("1-67a59f35-150c1267-f381ba1c085c").size());
  EXPECT_TRUE(made.starts_with("1-"));
  EXPECT_EQ(
      header(api.call("GET", kFunctions, "", {{"x-fc-request-id", "mine-1"}}), "x-fc-request-id"),
      "mine-1");
  EXPECT_NE(
      header(api.call("GET", kFunctions, "", {{"x-fc-request-id", "not one!"}}), "x-fc-request-id"),
      "not one!");
}

TEST(FunctionApi, HasRoutesThatDifferFromEachOther) {
  std::set<std::string> seen;
  for (const Route& route : routes()) {
    const std::string face = route.generation == Generation::k2 ? "2 " : "3 ";
    EXPECT_TRUE(seen.insert(face + std::string(route.method) + std::string(route.pattern)).second)
        << route.pattern;
    EXPECT_NE(route.handler, nullptr) << route.pattern;
  }
}

}  // namespace
}  // namespace ferry::api::fc
