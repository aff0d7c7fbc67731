#include "store/event_list.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "store/test_folder.h"
#include "store/test_rows.h"

// What the conformance suite cannot see: which index a filter takes, and pages that end before they
// are full. Order, filters and cursors are in store_conformance_lists.cc and _pages.cc.

namespace ferry::store {

using namespace test;

namespace {

constexpr int kDeliveries = 40;

class EventListTest : public testing::Test {
 protected:
  EventListTest() {
    auto tables = SqliteTables::open({.folder = folder_.path(), .vfs = {}});
    EXPECT_TRUE(tables);
    tables_ = std::move(*tables);
    CommitRun run(0);
    for (int i = 0; i < kDeliveries; ++i) {
      const std::int64_t id = id_at(time_of(i));
      const auto message = make_message({.id = MessageId{id}});
      Delivery delivery =
          make_delivery({.id = DeliveryId{id}, .queue = i == 7 ? "rare" : "common"});
      run.add(static_cast<Position>(i) + 1, publish(message, delivery, time_of(i)), 0);
    }
    EXPECT_TRUE(tables_->apply(run));
  }

  // Three seconds apart: each further than an entry may span.
  static TimePoint time_of(int i) { return at(3'000 * i); }

  EventPage page(PageRequest request, int entries_read_max) {
    Result<EventPage> page = list_events(*tables_, request, entries_read_max);
    EXPECT_TRUE(page);
    return page ? std::move(*page) : EventPage();
  }

  TestFolder folder_;
  std::unique_ptr<SqliteTables> tables_;
};

TEST_F(EventListTest, ALongScanEndsEarlyAndGoesOnFromItsCursor) {
  for (const Order order : {Order::kLatestFirst, Order::kEarliestFirst}) {
    PageRequest request{.filter = {.tenant = kTenant}, .order = order};
    request.filter.hosts = {"nowhere.example"};
    int pages = 0;
    do {
      const EventPage part = page(request, 10);
      EXPECT_TRUE(part.events.empty());
      request.cursor = part.cursor;
    } while (++pages < 20 && !request.cursor.empty());
    EXPECT_GE(pages, 4);
    EXPECT_LE(pages, 6);
  }
}

TEST_F(EventListTest, PagesThatEndEarlyLoseNothing) {
  for (const Order order : {Order::kLatestFirst, Order::kEarliestFirst}) {
    PageRequest request{.filter = {.tenant = kTenant}, .order = order};
    std::vector<TimePoint> times;
    do {
      EventPage part = page(request, 3);
      for (const LoggedEvent& logged : part.events) times.push_back(logged.event.time);
      request.cursor = part.cursor;
    } while (!request.cursor.empty() && times.size() <= kDeliveries);
    if (order == Order::kLatestFirst) std::ranges::reverse(times);
    ASSERT_EQ(times.size(), static_cast<std::size_t>(kDeliveries));
    for (int i = 0; i < kDeliveries; ++i) EXPECT_EQ(times[static_cast<std::size_t>(i)], time_of(i));
  }
}

// One row is all that is read: a page that may read only two entries finds the whole answer.
TEST_F(EventListTest, TheNarrowestIndexIsTaken) {
  PageRequest by_queue{.filter = {.tenant = kTenant}};
  by_queue.filter.queues = {"rare"};
  by_queue.filter.urls = {"https://example.com/path"};  // of all of them
  PageRequest by_delivery{.filter = {.tenant = kTenant}};
  by_delivery.filter.deliveries = {DeliveryId{id_at(time_of(7))}};
  for (const PageRequest& request : {by_queue, by_delivery}) {
    const EventPage found = page(request, 2);
    EXPECT_EQ(found.cursor, "");
    ASSERT_EQ(found.events.size(), 1u);
    EXPECT_EQ(found.events[0].event.time, time_of(7));
  }
}

TEST_F(EventListTest, APeriodReadsItsOwnEntriesOnly) {
  PageRequest request{.filter = {.tenant = kTenant}};
  request.filter.from = time_of(20);
  request.filter.to = time_of(21);
  for (const Order order : {Order::kLatestFirst, Order::kEarliestFirst}) {
    request.order = order;
    const EventPage found = page(request, 4);
    EXPECT_EQ(found.events.size(), 2u);
    EXPECT_EQ(found.cursor, "");
  }
}

}  // namespace
}  // namespace ferry::store
