#include <gtest/gtest.h>

#include <string>

#include "api/api_under_test.h"
#include "api/auth.h"
#include "api/routes.h"

// What a request may hold, by its head alone.

namespace ferry::api {
namespace {

using test::ApiUnderTest;
using test::make_request;

const http::Party kTenantParty =
    http::Party::of_caller(static_cast<std::uint64_t>(test::kTenant.value));

http::Admission admit(ApiUnderTest& api, std::string_view method, std::string_view target,
                      HeaderList headers = {}) {
  return api.admit(make_request(method, target, std::move(headers)).head);
}

HeaderList token(std::string_view text = test::kToken) {
  return {{"Authorization", "Bearer " + std::string(text)}};
}

TEST(ApiAdmission, NothingOfABodyIsReadWithoutACaller) {
  ApiUnderTest api;
  for (const auto& [method, target] : {std::pair{"OPTIONS", "/x"},
                                       {"OPTIONS", "/v2/publish/https://a.com"},
                                       {"GET", "/healthz"},
                                       {"GET", "/metrics"},
                                       {"POST", "/nothing"},
                                       {"POST", "/v2/publish/https://a.com"},
                                       {"POST", "/v2/nothing"},
                                       {"POST", "/2023-03-30/functions/f/invocations"},
                                       {"POST", "/2016-08-15/proxy/s/f/"}}) {
    const http::Admission admission = admit(api, method, target);
    EXPECT_EQ(admission.body_bytes_max, 0u) << target;
    EXPECT_TRUE(admission.party.is_none()) << target;
  }
}

TEST(ApiAdmission, ACallerIsChargedAndItsBodyRead) {
  ApiUnderTest api;
  const auto by_header = admit(api, "POST", "/v2/publish/https://a.com", token());
  EXPECT_EQ(by_header.party, kTenantParty);
  EXPECT_EQ(by_header.body_bytes_max, limits::kBodyBytesMaxDefault);
  const auto by_query =
      admit(api, "POST", "/v2/publish/https://a.com?qstash_token=" + std::string(test::kToken));
  EXPECT_EQ(by_query.party, kTenantParty);
  EXPECT_EQ(by_query.body_bytes_max, limits::kBodyBytesMaxDefault);
  EXPECT_NE(admit(api, "GET", "/v2/queues", token(test::kOtherToken)).party, kTenantParty);
  const auto for_function = admit(api, "POST", "/2023-03-30/functions/f/invocations", token());
  EXPECT_EQ(for_function.party, kTenantParty);
  EXPECT_EQ(for_function.body_bytes_max, limits::kSyncEventBytesMax);
}

TEST(ApiAdmission, ACallerOfNoRouteIsChargedAndItsBodyNotRead) {
  ApiUnderTest api;
  const auto admission = admit(api, "POST", "/v2/nothing", token());
  EXPECT_EQ(admission.party, kTenantParty);
  EXPECT_EQ(admission.body_bytes_max, 0u);
}

TEST(ApiAdmission, WhatIsTooLargeIsRefusedAndCharged) {
  ApiUnderTest api;
  HeaderList headers = token();
  headers.add("Content-Length", std::to_string(limits::kBodyBytesMaxDefault + 1));
  const auto admission = admit(api, "POST", "/v2/publish/https://a.com", headers);
  ASSERT_TRUE(admission.refusal);
  EXPECT_EQ(admission.refusal->status, 413);
  EXPECT_EQ(admission.party, kTenantParty);
}

TEST(ApiAdmission, AForgedSignatureIsRefusedByTheHead) {
  ApiUnderTest api;
  api.tenant.access_keys.push_back(
      {.id = "AKID", .secret = "SECRET", .created_at = test::kNow, .note = {}});
  api.publish_catalog();
  const auto admission =
      admit(api, "POST", "/2016-08-15/services/s/functions/f/invocations",
            {{"Date", format_http_date(test::kNow)}, {"Authorization", "FC AKID:bm9uZQ=="}});
  ASSERT_TRUE(admission.refusal);
  EXPECT_EQ(admission.refusal->status, 403);
  EXPECT_NE(admission.refusal->body.find("SignatureNotMatch"), std::string::npos);
  EXPECT_TRUE(admission.party.is_none());
}

TEST(ApiAdmission, OnlyOpenRoutesAreVital) {
  ApiUnderTest api;
  for (const char* target : {"/healthz", "/readyz", "/version", "/metrics"}) {
    EXPECT_TRUE(admit(api, "GET", target).is_vital) << target;
  }
  EXPECT_FALSE(admit(api, "OPTIONS", "/x").is_vital);
  EXPECT_FALSE(admit(api, "GET", "/nothing").is_vital);
  EXPECT_FALSE(admit(api, "GET", "/v2/queues", token()).is_vital);
  EXPECT_FALSE(admit(api, "GET", "/v2/queues").is_vital);
}

TEST(ApiAdmission, AStrangerBehindATrustedProxyIsChargedByItsOwnAddress) {
  Options options;
  options.trusted_proxies = {"10.0.0.0/8"};
  ApiUnderTest api(options);
  const auto by = [&](const char* peer, const char* forwarded, HeaderList headers = {}) {
    headers.add("X-Forwarded-For", forwarded);
    http::Request request = make_request("GET", "/v2/queues", std::move(headers));
    request.head.peer_ip = peer;
    return api.admit(request.head).party;
  };
  EXPECT_EQ(by("10.1.2.3", "9.9.9.9"), http::Party::of_address("9.9.9.9"));
  EXPECT_EQ(by("10.1.2.3", "8.8.8.8, 9.9.9.9"), http::Party::of_address("9.9.9.9"));
  EXPECT_EQ(by("10.1.2.3", "9.9.9.9", token()), kTenantParty);
  EXPECT_TRUE(by("11.1.2.3", "9.9.9.9").is_none());
}

}  // namespace
}  // namespace ferry::api
