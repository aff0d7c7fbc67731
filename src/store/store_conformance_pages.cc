#include <algorithm>

#include "store/store_conformance.h"
#include "store/test_rows.h"

// The order of both lists and their pages, down to events of one millisecond and across midnight.

namespace ferry::store {

using namespace test;

namespace {

constexpr Order kOrders[] = {Order::kEarliestFirst, Order::kLatestFirst};
constexpr TimePoint kMidnight = at(12 * 3'600'000);

// An event of the tests: what tells it from all others.
std::string name_of(const LoggedEvent& event) {
  return std::to_string(event.delivery.id.value) + "@" +
         std::to_string(to_unix_ms(event.event.time) - to_unix_ms(kMidnight)) + " " +
         event.event.error;
}
std::string name_of(const DeadLetterPtr& letter) { return std::to_string(letter->id.value); }
std::string name_of(const LoadedDelivery& row) { return std::to_string(row.delivery.id.value); }

// The pages of either list, by one name each.
EventPage read(Store& store, const PageRequest& page, const EventPage*) {
  return store.events(page).value_or(EventPage{});
}
DeadLetterPage read(Store& store, const PageRequest& page, const DeadLetterPage*) {
  return store.dead_letters(page).value_or(DeadLetterPage{});
}
MessagePage read(Store& store, const PageRequest& page, const MessagePage*) {
  return store.messages(page).value_or(MessagePage{});
}
const std::vector<LoggedEvent>& elements(const EventPage& page) { return page.events; }
const std::vector<DeadLetterPtr>& elements(const DeadLetterPage& page) { return page.letters; }
const std::vector<LoadedDelivery>& elements(const MessagePage& page) { return page.rows; }

// Walks to the end; every page but the last must be full.
template <class Page>
std::vector<std::string> walk(Store& store, PageRequest request) {
  std::vector<std::string> names;
  do {
    const Page page = read(store, request, static_cast<const Page*>(nullptr));
    for (const auto& element : elements(page)) names.push_back(name_of(element));
    if (!page.cursor.empty()) {
      EXPECT_EQ(elements(page).size(), request.count);
    }
    request.cursor = page.cursor;
  } while (!request.cursor.empty() && names.size() < 10'000);
  return names;
}

// Pages of every size say what one large page says.
template <class Page>
void expect_pages_agree(Store& store, const ListFilter& filter, std::size_t elements_expected) {
  std::vector<std::string> earliest_first;
  for (const Order order : kOrders) {
    PageRequest request{.filter = filter, .order = order, .cursor = {}, .count = 100'000};
    const std::vector<std::string> whole = walk<Page>(store, request);
    EXPECT_EQ(whole.size(), elements_expected);
    for (const std::uint32_t count : {1u, 2u, 3u, 7u, 100u}) {
      request.count = count;
      EXPECT_EQ(walk<Page>(store, request), whole) << "in pages of " << count;
    }
    if (order == Order::kEarliestFirst) {
      earliest_first = whole;
    } else {
      std::ranges::reverse(earliest_first);
      EXPECT_EQ(whole, earliest_first);
    }
  }
}

Event named_event(TimePoint time, std::string name) {
  Event event = make_event(time, EventState::kError);
  event.error = std::move(name);
  return event;
}

// One entry of a delivery whose message nobody asks for.
WriteSet entry(std::int64_t id, std::vector<Event> events) {
  WriteSet set;
  set.add(AppendEntry{{make_delivery({.id = DeliveryId{id}}), std::move(events)}});
  return set;
}

std::vector<std::string> errors_of(const EventPage& page) {
  std::vector<std::string> errors;
  for (const LoggedEvent& event : page.events) errors.push_back(event.event.error);
  return errors;
}

template <class T>
std::optional<ErrorCode> error_of(const Result<T>& result) {
  if (result) return std::nullopt;
  return result.error().code;
}

}  // namespace

TEST_P(StoreConformance, PagesOfEventsOfManyDeliveriesJoinToTheWholeList) {
  Random random(4);
  std::size_t events = 0;
  for (std::int64_t n = 0; n < 60; ++n) {
    // Seven days around midnight, few distinct milliseconds, entries that overlap.
    const TimePoint start = kMidnight + std::chrono::days(n % 7 - 3);
    std::vector<Event> list;
    TimePoint time = start - Duration(static_cast<std::int64_t>(random.below(3)));
    for (std::uint64_t i = 0; i <= random.below(4); ++i) {
      list.push_back(named_event(time, std::to_string(n) + "." + std::to_string(i)));
      time += Duration(static_cast<std::int64_t>(random.below(3)));
    }
    events += list.size();
    commit(entry(id_at(start, n + 1), std::move(list)));
  }
  in_every_life([&] { expect_pages_agree<EventPage>(store(), {.tenant = kTenant}, events); });
}

TEST_P(StoreConformance, PagesOfFilteredEventsSkipWhatDoesNotPass) {
  for (std::int64_t n = 0; n < 30; ++n) {
    const Delivery delivery = make_delivery(
        {.id = DeliveryId{id_at(kMidnight, n + 1)}, .queue = n % 3 == 0 ? "fizz" : "other"});
    WriteSet set;
    set.add(AppendEntry{{delivery,
                         {make_event(kMidnight + Duration(n), EventState::kActive),
                          make_event(kMidnight + Duration(n + 2), EventState::kDelivered, 200)}}});
    commit(std::move(set));
  }
  ListFilter filter{.tenant = kTenant};
  filter.queues = {"fizz"};
  filter.states = state_bit(EventState::kDelivered);
  in_every_life([&] { expect_pages_agree<EventPage>(store(), filter, 10); });
}

TEST_P(StoreConformance, PagesOfDeadLettersJoinToTheWholeList) {
  for (std::int64_t n = 0; n < 40; ++n) {
    const DeadLetterId id{id_at(kMidnight + Duration(n / 8), n % 8)};
    const Delivery delivery =
        make_delivery({.id = DeliveryId{n + 1}, .group = n % 2 == 0 ? "even" : "odd"});
    WriteSet set;
    set.add(PutDeadLetter{make_dead_letter(id, delivery, make_message({.id = MessageId{n + 1}}))});
    commit(std::move(set));
  }
  ListFilter even{.tenant = kTenant}, both{.tenant = kTenant};
  even.groups = {"even"};
  both.groups = {"even", "odd", "even", "none"};
  in_every_life([&] {
    expect_pages_agree<DeadLetterPage>(store(), {.tenant = kTenant}, 40);
    expect_pages_agree<DeadLetterPage>(store(), even, 20);
    expect_pages_agree<DeadLetterPage>(store(), both, 40);
  });
}

TEST_P(StoreConformance, PagesOfMessagesJoinToTheWholeList) {
  for (std::int64_t n = 0; n < 40; ++n) {
    const std::int64_t id = id_at(kMidnight + Duration(n / 8), n % 8);
    const std::vector<std::string> labels = {n % 2 == 0 ? "even" : "odd"};
    commit(publish(make_message({.id = MessageId{id}, .labels = labels}),
                   make_delivery({.id = DeliveryId{id}, .queue = n % 4 == 0 ? "four" : "other"}),
                   kMidnight));
  }
  ListFilter even{.tenant = kTenant}, fourth{.tenant = kTenant}, both{.tenant = kTenant};
  even.labels = {"even"};
  fourth.queues = {"four"};
  both.queues = {"other", "four", "none"};
  both.from = kMidnight + Duration(1);
  both.to = kMidnight + Duration(2);
  in_every_life([&] {
    expect_pages_agree<MessagePage>(store(), {.tenant = kTenant}, 40);
    expect_pages_agree<MessagePage>(store(), even, 20);
    expect_pages_agree<MessagePage>(store(), fourth, 10);
    expect_pages_agree<MessagePage>(store(), both, 16);
  });
}

TEST_P(StoreConformance, EventsOfOneMillisecondKeepTheOrderOfTheirCommits) {
  commit(entry(3, {named_event(at(5), "a"), named_event(at(5), "b")}));
  WriteSet two = entry(1, {named_event(at(5), "c")});
  two.operations.push_back(entry(2, {named_event(at(5), "d")}).operations.front());
  commit(std::move(two));
  commit(entry(3, {named_event(at(5), "e"), named_event(at(5), "f")}));
  commit(entry(4, {named_event(at(4), "first")}));
  in_every_life([&] {
    PageRequest page{.filter = {.tenant = kTenant}, .order = Order::kEarliestFirst};
    const std::vector<std::string> expected = {"first", "a", "b", "c", "d", "e", "f"};
    EXPECT_EQ(errors_of(get(store().events(page))), expected);
    expect_pages_agree<EventPage>(store(), page.filter, 7);
  });
}

TEST_P(StoreConformance, EntriesThatOverlapInTimeAreMerged) {
  using std::chrono::minutes;
  const auto before = [](int count) { return kMidnight - minutes(count); };
  const auto behind = [](int count) { return kMidnight + minutes(count); };
  // A long attempt is written when it ends, behind what happened meanwhile.
  commit(entry(1, {named_event(before(60), "2"), named_event(before(30), "4")}));
  commit(entry(2, {named_event(behind(5), "6"), named_event(behind(15), "8")}));
  commit(entry(3, {named_event(before(119), "1"), named_event(before(45), "3"),
                   named_event(behind(1), "5"), named_event(behind(10), "7")}));
  in_every_life([&] {
    PageRequest page{.filter = {.tenant = kTenant}, .order = Order::kEarliestFirst};
    const std::vector<std::string> expected = {"1", "2", "3", "4", "5", "6", "7", "8"};
    EXPECT_EQ(errors_of(get(store().events(page))), expected);
    expect_pages_agree<EventPage>(store(), page.filter, 8);
    page.filter.from = kMidnight;
    page.filter.to = behind(10);
    EXPECT_EQ(errors_of(get(store().events(page))), (std::vector<std::string>{"5", "6", "7"}));
  });
}

TEST_P(StoreConformance, EventsShowTheDeliveryAsItWasAndTheMessageAsItWasPublished) {
  Random random(5);
  const MessageId id{id_at(kMidnight - Duration(1))};
  const auto message = std::make_shared<const Message>(random_message(random, id, kTenant));
  Delivery delivery = random_delivery(random, DeliveryId{id.value}, *message);
  std::vector<std::string> expected;
  const auto log = [&](const Event& event) {
    expected.push_back(describe(LoggedEvent{event, delivery, message}));
    return event;
  };
  WriteSet set;
  set.add(PutMessage{message});
  set.add(PutDelivery{delivery});
  set.add(AppendEntry{
      {delivery, {log(random_event(random, kMidnight - Duration(1), EventState::kCreated))}}});
  commit(std::move(set));
  delivery.retried += 1;
  delivery.due_at += Duration(1'000);
  std::vector<Event> end = {log(random_event(random, kMidnight, EventState::kActive)),
                            log(random_event(random, kMidnight, EventState::kDelivered))};
  commit(finish(delivery, std::move(end)));
  in_every_life([&] {
    std::vector<std::string> found;
    const PageRequest page{.filter = {.tenant = kTenant}, .order = Order::kEarliestFirst};
    for (const LoggedEvent& event : get(store().events(page)).events) {
      found.push_back(describe(event));
    }
    EXPECT_EQ(found, expected);
  });
}

TEST_P(StoreConformance, ACursorGoesOnBehindItsRowWhateverCameSince) {
  for (std::int64_t n = 1; n <= 4; ++n) {
    commit(entry(n, {named_event(at(n * 10), std::to_string(n))}));
  }
  PageRequest earliest{.filter = {.tenant = kTenant}, .order = Order::kEarliestFirst, .count = 2};
  PageRequest latest{.filter = {.tenant = kTenant}, .order = Order::kLatestFirst, .count = 2};
  earliest.cursor = get(store().events(earliest)).cursor;
  latest.cursor = get(store().events(latest)).cursor;
  commit(entry(5, {named_event(at(50), "5")}));
  commit(entry(6, {named_event(at(5), "0")}));
  in_every_life([&] {
    const EventPage forward = get(store().events(earliest));
    EXPECT_EQ(errors_of(forward), (std::vector<std::string>{"3", "4"}));
    EXPECT_NE(forward.cursor, "");
    const EventPage backward = get(store().events(latest));
    EXPECT_EQ(errors_of(backward), (std::vector<std::string>{"2", "1"}));
    EXPECT_NE(backward.cursor, "");
  });
}

TEST_P(StoreConformance, ACursorOutlivesTheDeadLetterItNames) {
  for (std::int64_t n = 1; n <= 4; ++n) {
    WriteSet set;
    set.add(PutDeadLetter{make_dead_letter(DeadLetterId{n}, make_delivery({.id = DeliveryId{n}}),
                                           make_message({.id = MessageId{n}}))});
    commit(std::move(set));
  }
  PageRequest page{.filter = {.tenant = kTenant}, .order = Order::kEarliestFirst, .count = 2};
  page.cursor = get(store().dead_letters(page)).cursor;
  WriteSet drop;
  drop.add(DropDeadLetter{DeadLetterId{2}});
  drop.add(DropDeadLetter{DeadLetterId{3}});
  commit(std::move(drop));
  in_every_life([&] {
    const DeadLetterPage rest = get(store().dead_letters(page));
    ASSERT_EQ(rest.letters.size(), 1u);
    EXPECT_EQ(rest.letters[0]->id, DeadLetterId{4});
    EXPECT_EQ(rest.cursor, "");
  });
}

TEST_P(StoreConformance, AnyOtherTextIsNoCursor) {
  commit(entry(1, {named_event(at(1), "a"), named_event(at(2), "b")}));
  PageRequest page{.filter = {.tenant = kTenant}, .count = 1};
  const std::string good = get(store().events(page)).cursor;
  ASSERT_NE(good, "");
  std::vector<std::string> bad = {"x", "0", "?", good + "A", good.substr(1)};
  bad.push_back(good.substr(0, good.size() - 1));
  bad.push_back(std::string(1'000'000, 'A'));
  bad.push_back(good);
  bad.back()[2] = bad.back()[2] == 'A' ? 'B' : 'A';
  for (const std::string& cursor : bad) {
    page.cursor = cursor;
    EXPECT_EQ(error_of(store().events(page)), ErrorCode::kInvalidFilter);
    EXPECT_EQ(error_of(store().dead_letters(page)), ErrorCode::kInvalidFilter);
    EXPECT_EQ(error_of(store().messages(page)), ErrorCode::kInvalidFilter);
  }
}

TEST_P(StoreConformance, APageOfNoRowsCountsAsOne) {
  commit(entry(1, {named_event(at(1), "a"), named_event(at(2), "b")}));
  PageRequest page{.filter = {.tenant = kTenant}, .order = Order::kEarliestFirst, .count = 0};
  const EventPage first = get(store().events(page));
  EXPECT_EQ(errors_of(first), std::vector<std::string>{"a"});
  EXPECT_NE(first.cursor, "");
}

}  // namespace ferry::store
