#include "store/message_list.h"

#include <gtest/gtest.h>

#include "store/id_list.h"
#include "store/sqlite_tables.h"
#include "store/test_folder.h"
#include "store/test_rows.h"

// What a page reads is bounded, whatever passes; what it holds is in the conformance suite.

namespace ferry::store {

using namespace test;

namespace {

constexpr std::int64_t kRows = static_cast<std::int64_t>(kRowsReadMax) + 50;

std::unique_ptr<SqliteTables> open(const TestFolder& folder) {
  auto tables = SqliteTables::open({.folder = folder.path(), .vfs = {}});
  EXPECT_TRUE(tables) << tables.error().text;
  return tables ? std::move(*tables) : nullptr;
}

// More deliveries than one page reads, of one message; the first is the only one in queue "few".
void fill(SqliteTables& tables, TenantId tenant = kTenant) {
  WriteSet set;
  set.add(PutMessage{make_message({.id = MessageId{1}, .tenant = tenant})});
  for (std::int64_t id = 1; id <= kRows; ++id) {
    set.add(PutDelivery{make_delivery({.id = DeliveryId{id},
                                       .message_id = MessageId{1},
                                       .tenant = tenant,
                                       .queue = id == 1 ? "few" : "many"})});
  }
  CommitRun run(0);
  run.add(1, set, 0);
  ASSERT_TRUE(tables.apply(run));
}

MessagePage page_of(SqliteTables& tables, const PageRequest& request) {
  Result<MessagePage> page = list_messages(tables.state(), request);
  EXPECT_TRUE(page) << page.error().text;
  return page.value_or(MessagePage{});
}

TEST(MessageList, APageThatFindsLittleEndsEarlyAndTheNextGoesOn) {
  const TestFolder folder;
  const auto tables = open(folder);
  fill(*tables);
  PageRequest request{.filter = {.tenant = kTenant}};
  request.filter.urls = {"https://example.com/unknown"};
  const MessagePage first = page_of(*tables, request);
  EXPECT_TRUE(first.rows.empty());
  EXPECT_EQ(first.cursor, cursor_behind(51));
  request.cursor = first.cursor;
  EXPECT_EQ(page_of(*tables, request).cursor, "");
}

TEST(MessageList, AQueueIsFoundWithoutReadingTheOthers) {
  const TestFolder folder;
  const auto tables = open(folder);
  fill(*tables);
  PageRequest request{.filter = {.tenant = kTenant}};
  request.filter.queues = {"few"};
  const MessagePage few = page_of(*tables, request);
  ASSERT_EQ(few.rows.size(), 1u);
  EXPECT_EQ(few.rows[0].delivery.id, DeliveryId{1});
  EXPECT_EQ(few.cursor, "");
  request.filter.queues = {"many"};
  request.filter.urls = {"https://example.com/unknown"};
  const MessagePage many = page_of(*tables, request);
  EXPECT_TRUE(many.rows.empty());
  EXPECT_EQ(many.cursor, cursor_behind(51));
  request.cursor = many.cursor;
  EXPECT_EQ(page_of(*tables, request).cursor, "");
}

TEST(MessageList, RowsOfOtherTenantsCountForLittle) {
  const TestFolder folder;
  const auto tables = open(folder);
  fill(*tables, kOtherTenant);
  const MessagePage page = page_of(*tables, {.filter = {.tenant = kTenant}});
  EXPECT_TRUE(page.rows.empty());
  EXPECT_EQ(page.cursor, "");
}

}  // namespace
}  // namespace ferry::store
