#include "dispatch/request_builder.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ferry::dispatch {
namespace {

class RequestBuilder : public testing::Test {
 protected:
  http::ClientRequest build() const { return build_request(message_, delivery_, ids_, facts_); }

  std::size_t count(const http::ClientRequest& request, std::string_view name) const {
    HeaderList one{{std::string(name), ""}};
    return static_cast<std::size_t>(std::ranges::count_if(
        request.headers, [&](const HeaderField& field) { return one.contains(field.name); }));
  }

  RequestBuilder() {
    delivery_.id = DeliveryId{42};
    delivery_.retried = 2;
    destination_.target.url = "https://example.com/p?q=1";
    message_.caller_ip = "10.0.0.7";
    message_.body = Bytes::copy("payload");
    publish();
  }
  void publish() { delivery_.to = std::make_shared<const Destination>(destination_); }

  Message message_;
  Destination destination_;
  Delivery delivery_;
  IdCodec ids_{"secret"};
  RequestFacts facts_{.region = "EU-CENTRAL-1",
                      .signature = "a.b.c",
                      .timeout_max = std::chrono::hours(2),
                      .response_bytes_max = 77};
};

TEST_F(RequestBuilder, CarriesTheHeadersOfTheContract) {
  message_.headers.add("Content-Type", "application/json");
  const auto request = build();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://example.com/p?q=1");
  EXPECT_EQ(request.body.view(), "payload");
  EXPECT_EQ(request.response_bytes_max, 77u);
  EXPECT_EQ(*request.headers.find("content-type"), "application/json");
  EXPECT_EQ(*request.headers.find("user-agent"), "Upstash-QStash");
  EXPECT_EQ(*request.headers.find("upstash-message-id"), ids_.wire(delivery_.id));
  EXPECT_EQ(*request.headers.find("upstash-retried"), "2");
  EXPECT_EQ(*request.headers.find("upstash-signature"), "a.b.c");
  EXPECT_EQ(*request.headers.find("upstash-region"), "EU-CENTRAL-1");
  EXPECT_EQ(*request.headers.find("upstash-caller-ip"), "10.0.0.7");
}

TEST_F(RequestBuilder, InventsNoContentType) {
  EXPECT_FALSE(build().headers.contains("content-type"));
}

TEST_F(RequestBuilder, LetsNoPublisherForgeWhatTheServerMakes) {
  for (const char* name :
       {"Upstash-Signature", "upstash-message-id", "UPSTASH-RETRIED", "Upstash-Topic-Name",
        "Upstash-Schedule-Id", "Upstash-Endpoint-Name", "Upstash-Caller-IP", "Upstash-Region",
        "Host", "Content-Length", "Transfer-Encoding", "Connection"}) {
    message_.headers.add(name, "forged");
  }
  const auto request = build();
  for (const HeaderField& field : request.headers) EXPECT_NE(field.value, "forged") << field.name;
  EXPECT_EQ(count(request, "upstash-signature"), 1u);
}

TEST_F(RequestBuilder, PassesOtherUpstashNamesAndAForwardedUserAgent) {
  message_.headers.add("Upstash-Workflow-RunId", "wfr_1");
  message_.headers.add("User-Agent", "mine");
  const auto request = build();
  EXPECT_EQ(*request.headers.find("upstash-workflow-runid"), "wfr_1");
  EXPECT_EQ(*request.headers.find("user-agent"), "mine");
  EXPECT_EQ(count(request, "user-agent"), 1u);
}

TEST_F(RequestBuilder, NamesGroupAndSchedule) {
  destination_.group_name = "g";
  destination_.schedule_id = "scd_1";
  publish();
  const auto request = build();
  EXPECT_EQ(*request.headers.find("upstash-topic-name"), "g");
  EXPECT_EQ(*request.headers.find("upstash-schedule-id"), "scd_1");
}

TEST_F(RequestBuilder, PassesTheTraceOnUnlessTheMessageHasItsOwn) {
  message_.trace_context = "00-aa-bb-01";
  EXPECT_EQ(*build().headers.find("traceparent"), "00-aa-bb-01");
  message_.headers.add("Traceparent", "00-cc-dd-01");
  EXPECT_EQ(*build().headers.find("traceparent"), "00-cc-dd-01");
  EXPECT_EQ(count(build(), "traceparent"), 1u);
}

TEST_F(RequestBuilder, AllowsATimeoutOnlyToShortenTheServersOwn) {
  EXPECT_EQ(build().timeout, Duration(std::chrono::hours(2)));
  message_.timeout = std::chrono::seconds(5);
  EXPECT_EQ(build().timeout, Duration(std::chrono::seconds(5)));
  message_.timeout = std::chrono::hours(3);
  EXPECT_EQ(build().timeout, Duration(std::chrono::hours(2)));
}

}  // namespace
}  // namespace ferry::dispatch
