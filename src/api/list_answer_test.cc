#include "api/list_answer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "api/api_under_test.h"
#include "base/json.h"

// Lists of large entries, as a reader sees them.

namespace ferry::api {
namespace {

using test::ApiUnderTest;
using test::kNow;

constexpr std::size_t kMb = 1u << 20;

// `count` messages with bodies of `bytes`, pending, with ids from 1 on.
void add_messages(ApiUnderTest& api, std::int64_t count, std::size_t bytes) {
  for (std::int64_t id = 1; id <= count; ++id) {
    test::Row row{.id = id};
    row.body = std::string(bytes, static_cast<char>('a' + id % 26));
    test::add_delivery(*api.store, row);
  }
}

JsonDocument get(ApiUnderTest& api, const std::string& target) {
  const auto response = api.send("GET", target);
  EXPECT_EQ(response.status, 200) << target;
  auto document = JsonDocument::parse(response.body, {.values_max = 10'000'000});
  EXPECT_TRUE(document) << target << ": " << (document ? "" : document.error().text);
  return document ? std::move(*document) : *JsonDocument::parse("{}");
}

std::string cursor_of(const JsonDocument& page) {
  const auto cursor = page.root().find("cursor");
  return cursor ? std::string(*cursor->text()) : "";
}

// The ids that all pages of a list have together.
std::vector<std::string> walk(ApiUnderTest& api, const std::string& target,
                              const std::string& array) {
  std::vector<std::string> ids;
  std::string cursor;
  do {
    const JsonDocument page = get(api, target + (cursor.empty() ? "" : "&cursor=" + cursor));
    const auto entries = page.root().find(array);
    if (!entries) return ids;
    for (std::size_t i = 0; i < entries->size(); ++i) {
      ids.emplace_back(*entries->element(i).find("messageId")->text());
    }
    cursor = cursor_of(page);
  } while (!cursor.empty());
  return ids;
}

TEST(ListAnswer, ASmallPageComesWholeWithItsLength) {
  ApiUnderTest api;
  add_messages(api, 3, 10);
  EXPECT_EQ(get(api, "/v2/messages").root().find("messages")->size(), 3u);
  EXPECT_EQ(api.pieces.size(), 1u);
}

TEST(ListAnswer, APageEndsAtEightMegabytesAndThePagesJoinToTheWhole) {
  for (const std::string target :
       {"/v2/messages?count=100", "/v2/logs?count=1000", "/v2/events?count=1000"}) {
    SCOPED_TRACE(target);
    ApiUnderTest api;
    add_messages(api, 40, kMb / 2);
    const auto response = api.send("GET", target);
    EXPECT_LE(response.body.size(), kPageBytesMax + 1'000);
    EXPECT_GT(response.body.size(), kPageBytesMax / 2);
    for (const std::size_t piece : api.pieces) EXPECT_LE(piece, 3 * kPartBytes);
    const auto ids = walk(api, target, target.starts_with("/v2/messages") ? "messages" : "events");
    EXPECT_EQ(ids.size(), 40u);
    EXPECT_TRUE(std::ranges::adjacent_find(ids) == ids.end());
  }
}

TEST(ListAnswer, APageHasAtLeastOneEntryAndNothingOfItIsCut) {
  ApiUnderTest api;
  add_messages(api, 3, 10 * kMb);
  const JsonDocument page = get(api, "/v2/messages?count=100");
  ASSERT_EQ(page.root().find("messages")->size(), 1u);
  EXPECT_EQ(page.root().find("messages")->element(0).find("body")->text()->size(), 10 * kMb);
  EXPECT_NE(cursor_of(page), "");
  EXPECT_EQ(walk(api, "/v2/messages?count=100", "messages").size(), 3u);
}

TEST(ListAnswer, TrimmedBodiesLeaveRoomForMoreEntries) {
  ApiUnderTest api;
  add_messages(api, 30, kMb);
  const JsonDocument page = get(api, "/v2/messages?count=100&trimBody=10");
  EXPECT_EQ(page.root().find("messages")->size(), 30u);
  EXPECT_EQ(cursor_of(page), "");
}

TEST(ListAnswer, BothArraysOfALogPageHaveTheSameEvents) {
  ApiUnderTest api;
  add_messages(api, 20, kMb / 2);
  const JsonDocument page = get(api, "/v2/logs?count=1000&order=earliestFirst");
  EXPECT_GT(api.pieces.size(), 2u);
  const auto events = page.root().find("events");
  ASSERT_GT(events->size(), 1u);
  EXPECT_EQ(events->to_json(), page.root().find("logs")->to_json());
  EXPECT_NE(cursor_of(page), "");
}

TEST(ListAnswer, ASlowReaderGetsTheSameAsAFastOne) {
  ApiUnderTest api;
  add_messages(api, 5, 3 * kMb);
  const auto fast = api.send("GET", "/v2/messages?count=100");
  api.reader_is_slow = true;
  const auto slow = api.send("GET", "/v2/messages?count=100");
  EXPECT_EQ(slow.status, 200);
  EXPECT_TRUE(slow.body == fast.body);
}

TEST(ListAnswer, WithoutMemoryForAnEntryItIsReadAgainForEachPiece) {
  ApiUnderTest api;
  add_messages(api, 2, 3 * kMb);
  const auto whole = api.send("GET", "/v2/messages?count=100");
  const auto others = api.answers->claim(http::Party::of_caller(99), 5 * kMb);
  const auto pressed = api.send("GET", "/v2/messages?count=100");
  EXPECT_EQ(pressed.status, 200);
  EXPECT_TRUE(pressed.body == whole.body);
}

TEST(ListAnswer, AnEntryThatIsGoneBeforeItWasSentEndsTheAnswer) {
  ApiUnderTest api;
  add_messages(api, 1, 3 * kMb);
  api.reader_is_slow = true;
  api.after_piece = [&](std::size_t piece) {
    if (piece != 2) return;
    store::WriteSet set;
    set.add(store::DropDelivery{DeliveryId{1}});
    ASSERT_TRUE(api.store->commit(std::span(&set, 1)));
  };
  EXPECT_EQ(api.send("GET", "/v2/messages?count=100").status, 0);
}

TEST(ListAnswer, OneLargeMessageComesInPieces) {
  ApiUnderTest api;
  add_messages(api, 1, 5 * kMb);
  const JsonDocument message = get(api, "/v2/messages/" + api.wire(1));
  EXPECT_EQ(message.root().find("body")->text()->size(), 5 * kMb);
  EXPECT_GT(api.pieces.size(), 15u);
  EXPECT_EQ(api.send("GET", "/v2/messages/" + api.wire(2)).status, 404);
}

TEST(ListAnswer, WhatWasHeldIsGivenBack) {
  ApiUnderTest api;
  add_messages(api, 5, 3 * kMb);
  api.send("GET", "/v2/logs?count=1000");
  EXPECT_EQ(api.answers->bytes_held(), 0u);
}

TEST(ListAnswer, AListWithoutCursorStaysComplete) {
  ApiUnderTest api;
  std::vector<engine::ResourceView> groups;
  for (int i = 0; i < 300; ++i) {
    UrlGroup group;
    group.tenant = test::kTenant;
    group.name = "g" + std::to_string(1'000 + i);
    for (int n = 0; n < 100; ++n) {
      group.endpoints.push_back({.name = {}, .url = "https://a.test/" + std::string(400, 'x')});
    }
    groups.push_back({.resource = std::make_shared<const UrlGroup>(group)});
  }
  api.engine = test::obliging_engine(groups);
  const auto response = api.send("GET", "/v2/topics");
  EXPECT_GT(response.body.size(), kPageBytesMax);
  const auto list = JsonDocument::parse(response.body);
  ASSERT_TRUE(list);
  EXPECT_EQ(list->root().size(), 300u);
  EXPECT_GT(api.pieces.size(), 20u);
}

}  // namespace
}  // namespace ferry::api
