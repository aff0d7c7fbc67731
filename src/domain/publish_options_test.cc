#include "domain/publish_options.h"

#include <gtest/gtest.h>

namespace ferry {
namespace {

using std::chrono::seconds;

HookOptions hook(std::string url, PublishOptions options = {}) {
  return {std::move(url), std::make_shared<const PublishOptions>(std::move(options))};
}

TEST(Method, NamesReadBackInAnyCase) {
  for (const Method method :
       {Method::kGet, Method::kPost, Method::kPut, Method::kPatch, Method::kDelete}) {
    EXPECT_EQ(parse_method(method_name(method)), method);
  }
  EXPECT_EQ(parse_method("get"), Method::kGet);
  EXPECT_EQ(parse_method("Patch"), Method::kPatch);
}

TEST(Method, OthersAreNotRead) {
  for (const std::string_view text : {"", "HEAD", "OPTIONS", "GET ", "POSTS", "CONNECT"}) {
    EXPECT_FALSE(parse_method(text)) << text;
  }
}

TEST(HookOptions, CompareByWhatTheyPointTo) {
  EXPECT_EQ(hook("https://a.test"), hook("https://a.test"));
  EXPECT_FALSE(hook("https://a.test") == hook("https://b.test"));
  PublishOptions other;
  other.max_retries = 1;
  EXPECT_FALSE(hook("https://a.test") == hook("https://a.test", other));
}

PublishOptions full(std::string mark, int number) {
  PublishOptions options;
  options.method = number % 2 == 0 ? Method::kPut : Method::kGet;
  options.delay = seconds(number);
  options.not_before = from_unix_ms(number);
  options.max_retries = number;
  options.retry_delay_expression = mark;
  options.timeout = seconds(number);
  options.content_type = mark;
  options.forward_headers = {{"X-" + mark, mark}};
  options.callback = hook("https://" + mark + ".test/callback");
  options.failure_callback = hook("https://" + mark + ".test/failure");
  options.deduplication_id = mark;
  options.content_based_deduplication = number % 2 == 0;
  options.labels = {{mark}};
  options.redaction = Redaction{.body = number % 2 == 0, .headers = {mark}};
  return options;
}

TEST(Merge, AnOptionThatIsSetAboveHidesTheOneBelow) {
  PublishOptions over = full("over", 1);
  PublishOptions expected = over;
  expected.forward_headers.add("X-under", "under");
  EXPECT_EQ(merge(over, full("under", 2)), expected);
}

TEST(Merge, WhatIsNotSetAboveComesFromBelow) {
  EXPECT_EQ(merge({}, full("under", 2)), full("under", 2));
  EXPECT_EQ(merge(full("over", 1), {}), full("over", 1));
  EXPECT_EQ(merge({}, {}), PublishOptions{});
}

TEST(Merge, AForwardedNameAboveHidesAllOfThatNameBelow) {
  PublishOptions over;
  over.forward_headers = {{"X-A", "1"}, {"X-A", "2"}};
  PublishOptions under;
  under.forward_headers = {{"X-B", "3"}, {"x-a", "4"}, {"X-B", "5"}};
  EXPECT_EQ(merge(over, under).forward_headers,
            (HeaderList{{"X-A", "1"}, {"X-A", "2"}, {"X-B", "3"}, {"X-B", "5"}}));
}

// Otherwise a group's Not-Before would win over the request's own Delay.
TEST(Merge, ADelayAboveHidesTheNotBeforeBelow) {
  PublishOptions over;
  over.delay = seconds(5);
  PublishOptions under;
  under.not_before = from_unix_ms(1);
  EXPECT_EQ(merge(over, under).delay, seconds(5));
  EXPECT_FALSE(merge(over, under).not_before);
  EXPECT_FALSE(merge(under, over).delay);
  EXPECT_EQ(merge({}, under).not_before, from_unix_ms(1));
}

TEST(Merge, ContentDeduplicationAboveHidesTheIdBelow) {
  PublishOptions over;
  over.content_based_deduplication = true;
  PublishOptions under;
  under.deduplication_id = "id";
  EXPECT_FALSE(merge(over, under).deduplication_id);
  EXPECT_FALSE(merge(under, over).content_based_deduplication);
}

TEST(Merge, EmptyListsAboveAreSetAndHideWhatIsBelow) {
  PublishOptions over;
  over.labels.emplace();
  over.redaction.emplace();
  const PublishOptions merged = merge(over, full("under", 2));
  EXPECT_TRUE(merged.labels->empty());
  EXPECT_FALSE(merged.redaction->any());
}

}  // namespace
}  // namespace ferry
