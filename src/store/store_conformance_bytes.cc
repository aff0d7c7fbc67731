// Pages that end by the bytes of their rows, and rows that bring their ids alone.

#include <algorithm>
#include <string>
#include <vector>

#include "store/store_conformance.h"
#include "store/test_rows.h"

namespace ferry::store {

using namespace test;

namespace {

constexpr std::size_t kBodyBytes = 100'000;

// A pending message, a dead letter and an event with a response, each with `bytes` of body.
WriteSet large_rows(std::int64_t n, std::size_t bytes) {
  const DeliveryId id{id_at(at(0), n + 1)};
  const MessagePtr message =
      make_message({.id = MessageId{id.value}, .body = std::string(bytes, 'x')});
  const Delivery delivery = make_delivery({.id = id});
  WriteSet set = publish(message, delivery, at(n));
  Event failed = make_event(at(n), EventState::kError, 500);
  Response response = *failed.response;
  response.body = Bytes::copy(std::string(bytes, 'r'));
  failed.response = std::make_shared<const Response>(std::move(response));
  set.add(AppendEntry{{delivery, {failed}}});
  set.add(PutDeadLetter{make_dead_letter(DeadLetterId{id.value}, delivery, message, 500)});
  return set;
}

const auto& rows_of(const EventPage& page) { return page.events; }
const auto& rows_of(const DeadLetterPage& page) { return page.letters; }
const auto& rows_of(const MessagePage& page) { return page.rows; }

// How many rows each page has, from the first to the last.
template <class Read>
std::vector<std::size_t> page_sizes(PageRequest page, Read read) {
  std::vector<std::size_t> sizes;
  do {
    const auto found = read(page);
    sizes.push_back(rows_of(found).size());
    page.cursor = found.cursor;
  } while (!page.cursor.empty() && sizes.size() < 1'000);
  return sizes;
}

std::size_t sum(const std::vector<std::size_t>& sizes) {
  std::size_t all = 0;
  for (const std::size_t size : sizes) all += size;
  return all;
}

}  // namespace

TEST_P(StoreConformance, PagesEndBeforeTheRowThatExceedsTheirBytes) {
  for (std::int64_t n = 0; n < 10; ++n) commit(large_rows(n, kBodyBytes));
  in_every_life([&] {
    PageRequest page{.filter = {.tenant = kTenant}, .count = 100, .bytes_max = 3 * kBodyBytes};
    for (const Order order : {Order::kLatestFirst, Order::kEarliestFirst}) {
      page.order = order;
      const auto letters =
          page_sizes(page, [&](const PageRequest& p) { return get(store().dead_letters(p)); });
      EXPECT_EQ(letters, (std::vector<std::size_t>{2, 2, 2, 2, 2}));
      const auto messages =
          page_sizes(page, [&](const PageRequest& p) { return get(store().messages(p)); });
      EXPECT_EQ(messages, (std::vector<std::size_t>{2, 2, 2, 2, 2}));
      const auto events =
          page_sizes(page, [&](const PageRequest& p) { return get(store().events(p)); });
      EXPECT_EQ(sum(events), 20u);
      EXPECT_LE(*std::ranges::max_element(events), 2u);
    }
  });
}

TEST_P(StoreConformance, APageHasOneRowHoweverLargeThatIs) {
  for (std::int64_t n = 0; n < 3; ++n) commit(large_rows(n, kBodyBytes));
  in_every_life([&] {
    const PageRequest page{.filter = {.tenant = kTenant}, .count = 100, .bytes_max = 1};
    EXPECT_EQ(page_sizes(page, [&](const PageRequest& p) { return get(store().dead_letters(p)); }),
              (std::vector<std::size_t>{1, 1, 1}));
    EXPECT_EQ(page_sizes(page, [&](const PageRequest& p) { return get(store().messages(p)); }),
              (std::vector<std::size_t>{1, 1, 1}));
    EXPECT_EQ(page_sizes(page, [&](const PageRequest& p) { return get(store().events(p)); }),
              (std::vector<std::size_t>{1, 1, 1, 1, 1, 1}));
  });
}

TEST_P(StoreConformance, LargeResponsesOfEventsComeWhole) {
  for (std::int64_t n = 0; n < 4; ++n) commit(large_rows(n, kBodyBytes));
  in_every_life([&] {
    PageRequest page{.filter = {.tenant = kTenant}, .count = 100};
    page.filter.states = state_bit(EventState::kError);
    const EventPage found = get(store().events(page));
    ASSERT_EQ(found.events.size(), 4u);
    for (const LoggedEvent& event : found.events) {
      EXPECT_EQ(event.event.response->body.view(), std::string(kBodyBytes, 'r'));
    }
  });
}

TEST_P(StoreConformance, APageOfEventsSaysWhereItStarts) {
  for (std::int64_t n = 0; n < 6; ++n) commit(large_rows(n, 10));
  in_every_life([&] {
    for (const Order order : {Order::kLatestFirst, Order::kEarliestFirst}) {
      PageRequest page{.filter = {.tenant = kTenant}, .order = order, .count = 5};
      const EventPage first = get(store().events(page));
      page.cursor = first.start;
      const EventPage again = get(store().events(page));
      EXPECT_EQ(again.cursor, first.cursor);
      ASSERT_EQ(again.events.size(), first.events.size());
      for (std::size_t i = 0; i < first.events.size(); ++i) {
        EXPECT_EQ(describe(again.events[i]), describe(first.events[i]));
      }
    }
  });
}

TEST_P(StoreConformance, RowsOfBulkCallsBringTheirIds) {
  for (std::int64_t n = 0; n < 5; ++n) commit(large_rows(n, kBodyBytes));
  in_every_life([&] {
    const PageRequest page{.filter = {.tenant = kTenant},
                           .order = Order::kEarliestFirst,
                           .count = 100,
                           .bytes_max = kBodyBytes,
                           .ids_only = true};
    const MessagePage messages = get(store().messages(page));
    const DeadLetterPage letters = get(store().dead_letters(page));
    ASSERT_EQ(messages.rows.size(), 5u);
    ASSERT_EQ(letters.letters.size(), 5u);
    for (std::size_t i = 0; i < 5; ++i) {
      const std::int64_t id = id_at(at(0), static_cast<std::int64_t>(i) + 1);
      EXPECT_EQ(messages.rows[i].delivery.id, DeliveryId{id});
      EXPECT_EQ(letters.letters[i]->id, DeadLetterId{id});
    }
  });
}

}  // namespace ferry::store
