#include "api/qstash/publish_item.h"

#include <gtest/gtest.h>

#include "api/api_under_test.h"

namespace ferry::api {
namespace {

using test::ApiUnderTest;

const engine::PublishItem& published(ApiUnderTest& api, std::string_view target,
                                     HeaderList headers = {}, std::string_view body = {}) {
  api.engine = test::obliging_engine();
  api.commands.clear();
  const auto response = api.send("POST", target, std::move(headers), body);
  EXPECT_LT(response.status, 300) << response.body;
  return api.command<engine::Publish>().items.at(0);
}

TEST(PublishItem, AnExplicitDeduplicationIdBeatsTheContent) {
  ApiUnderTest api;
  const auto& item = published(
      api, "/v2/publish/https://a.com",
      {{"Upstash-Deduplication-Id", "abc"}, {"Upstash-Content-Based-Deduplication", "true"}});
  EXPECT_EQ(item.dedup_key, dedup_key_of_id("abc"));
}

TEST(PublishItem, TheContentKeyCoversDestinationBodyTypeAndForwardedHeaders) {
  ApiUnderTest api;
  const HeaderList headers = {{"Upstash-Content-Based-Deduplication", "1"},
                              {"Content-Type", "text/plain"},
                              {"Upstash-Forward-X-A", "1"}};
  EXPECT_EQ(published(api, "/v2/publish/https://a.com", headers, "body").dedup_key,
            dedup_key_of_content("https://a.com", "body", "text/plain", {{"X-A", "1"}}));
  EXPECT_EQ(published(api, "/v2/publish/grp", headers, "body").dedup_key,
            dedup_key_of_content("grp", "body", "text/plain", {{"X-A", "1"}}))
      << "of a group one decision for all of its endpoints";
  EXPECT_FALSE(published(api, "/v2/publish/https://a.com").dedup_key);
}

TEST(PublishItem, ALargeBodyIsHashedOnceWhereItArrives) {
  ApiUnderTest api;
  const std::string large(limits::kBodyHeldMax + 1, 'b');
  EXPECT_EQ(published(api, "/v2/publish/https://a.com", {}, large).body_sha256, sha256(large));
  const auto& keyed = published(api, "/v2/publish/https://a.com",
                                {{"Upstash-Content-Based-Deduplication", "1"}}, large);
  EXPECT_EQ(keyed.body_sha256, sha256(large));
  EXPECT_EQ(keyed.dedup_key, dedup_key_of_content("https://a.com", large, "", {}));
  EXPECT_FALSE(published(api, "/v2/publish/https://a.com", {}, "small").body_sha256);
}

TEST(PublishItem, OfACallToAGroupAllItsHeadersAreKeptForTheGroupToDecide) {
  ApiUnderTest api;
  const auto& item =
      published(api, "/v2/publish/grp", {{"X-A", "1"}, {"x-b", "2"}, {"Upstash-Forward-X-B", "3"}});
  EXPECT_EQ(item.group_name, "grp");
  EXPECT_TRUE(item.target.url.empty());
  EXPECT_EQ(item.options.forward_headers, (HeaderList{{"X-B", "3"}}));
  EXPECT_EQ(item.incoming, (HeaderList{{"X-A", "1"}}));
}

TEST(PublishItem, ACallThatDecidesAboutItsHeadersLeavesTheGroupNothing) {
  ApiUnderTest api;
  const auto& all =
      published(api, "/v2/publish/grp", {{"X-A", "1"}, {"Upstash-Header-Forward", "true"}});
  EXPECT_EQ(all.options.forward_headers, (HeaderList{{"X-A", "1"}}));
  EXPECT_TRUE(all.incoming.empty());
  const auto& none =
      published(api, "/v2/publish/grp", {{"X-A", "1"}, {"Upstash-Header-Forward", "false"}});
  EXPECT_TRUE(none.options.forward_headers.empty());
  EXPECT_TRUE(none.incoming.empty());
}

TEST(PublishItem, OfACallToAUrlNoOtherHeadersAreKept) {
  ApiUnderTest api;
  EXPECT_TRUE(published(api, "/v2/publish/https://a.com", {{"X-A", "1"}}).incoming.empty());
}

Options with_llm() {
  Options options;
  options.api_destinations["llm"] = {
      .url = "https://llm.test/v1",
      .headers = {{"authorization", "Bearer operator"}, {"X-V", "1"}}};
  return options;
}

TEST(PublishItem, AnApiDestinationIsItsUrlWithTheOperatorsHeadersHidden) {
  ApiUnderTest api(with_llm());
  const auto& item = published(api, "/v2/publish/api/llm?ignored=1",
                               {{"Upstash-Callback", "https://c.com"},
                                {"Upstash-Forward-X-V", "2"},
                                {"Upstash-Redact-Fields", "body"}});
  EXPECT_EQ(item.target.url, "https://llm.test/v1");
  EXPECT_EQ(item.options.forward_headers,
            (HeaderList{{"X-V", "2"}, {"Authorization", "Bearer operator"}}));
  EXPECT_EQ(item.options.redaction,
            (Redaction{.body = true, .all_headers = false, .headers = {"authorization"}}));
}

TEST(PublishItem, AModelWithoutACallbackIsRefused) {
  ApiUnderTest api(with_llm());
  const auto response = api.send("POST", "/v2/publish/api/llm");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body,
            R"({"error":"invalid Upstash-Callback header: api/llm needs a callback"})");
}

TEST(PublishItem, AnApiDestinationThatIsNotConfiguredIsRefusedByName) {
  ApiUnderTest api;
  const auto response = api.send("POST", "/v2/publish/api/llm");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body, R"({"error":"api/llm destination is not configured; )"
                           R"(publish to the provider URL instead"})");
}

TEST(PublishItem, TheQueueOfThePathWinsOverTheHeader) {
  ApiUnderTest api;
  const auto& item = published(api, "/v2/enqueue/my%2Dqueue/https://a.com/x?y=1&upstash-label=l",
                               {{"Upstash-Queue-Name", "other"}});
  EXPECT_EQ(item.options.queue_name, "my-queue");
  EXPECT_EQ(item.target.url, "https://a.com/x?y=1");
  EXPECT_EQ(
      published(api, "/v2/publish/https://a.com", {{"Upstash-Queue-Name", "q"}}).options.queue_name,
      "q");
}

TEST(PublishItem, ABadQueueNameIsRefused) {
  ApiUnderTest api;
  const auto response = api.send("POST", "/v2/enqueue/a%20b/https://a.com");
  EXPECT_EQ(response.status, 400);
  EXPECT_TRUE(response.body.starts_with(R"({"error":"invalid queue name: 'a b' is not a name)"));
  EXPECT_EQ(api.send("POST", "/v2/enqueue/q").status, 400) << "no destination";
}

}  // namespace
}  // namespace ferry::api
