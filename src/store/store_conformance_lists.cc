#include <algorithm>

#include "store/store_conformance.h"
#include "store/test_rows.h"

// The filters of both lists, on five deliveries that differ in every field a filter looks at.

namespace ferry::store {

using namespace test;

namespace {

struct Facts {
  int number;
  TenantId tenant;
  std::string url, group, queue, schedule, caller_ip;
  std::vector<std::string> labels;
  std::int32_t status;  // of its event and its dead letter; 0: no response
  std::string flow_key = {};
};

const std::vector<Facts>& rows() {
  static const std::vector<Facts> kRows = {
      {1, kTenant, "https://A.example/x", "g1", "", "", "192.0.2.1", {"l1"}, 500, "f1"},
      {2, kTenant, "https://a.example/y?q=1", "", "q1", "", "192.0.2.2", {"l1", "l2"}, 404, "f2"},
      {3, kTenant, "https://b.example:8443/x", "", "", "s1", "192.0.2.1", {"l3"}, 0, "f1"},
      {4, kTenant, "http://b.example", "g1", "", "", "", {}, 500},
      {5, kOtherTenant, "https://A.example/x", "g1", "q1", "s1", "192.0.2.1", {"l1"}, 500, "f1"},
  };
  return kRows;
}

// Everything about row n happens in second n.
TimePoint time_of(int number) { return at(number * 1'000); }
DeliveryId delivery_id(int number) { return DeliveryId{id_at(time_of(number))}; }
DeadLetterId letter_id(int number) { return DeadLetterId{id_at(time_of(number), 1)}; }

MessagePtr message_of(const Facts& row) {
  return make_message({.id = MessageId{delivery_id(row.number).value},
                       .tenant = row.tenant,
                       .body = "body",
                       .labels = row.labels,
                       .caller_ip = row.caller_ip,
                       .flow_key = row.flow_key});
}

Delivery delivery_of(const Facts& row) {
  return make_delivery({.id = delivery_id(row.number),
                        .tenant = row.tenant,
                        .url = row.url,
                        .group = row.group,
                        .queue = row.queue,
                        .schedule = row.schedule});
}

// Given up.
WriteSet set_of(const Facts& row) {
  const MessagePtr message = message_of(row);
  const Delivery delivery = delivery_of(row);
  WriteSet set;
  set.add(PutMessage{message});
  const Event event = make_event(time_of(row.number), EventState::kFailed, row.status);
  set.add(AppendEntry{{delivery, {event}}});
  set.add(PutDeadLetter{make_dead_letter(letter_id(row.number), delivery, message, row.status)});
  set.add(DropMessage{message->id});
  return set;
}

WriteSet pending_set_of(const Facts& row) {
  WriteSet set;
  set.add(PutMessage{message_of(row)});
  set.add(PutDelivery{delivery_of(row)});
  return set;
}

struct Case {
  std::string_view what;
  std::function<void(ListFilter&)> set;
  std::vector<int> expected;  // numbers of rows, ascending
};

// Filters of one field.
std::vector<Case> cases_of_fields() {
  return {
      {"none", [](ListFilter&) {}, {1, 2, 3, 4}},
      {"another tenant", [](ListFilter& f) { f.tenant = kOtherTenant; }, {5}},
      {"an unknown tenant", [](ListFilter& f) { f.tenant = TenantId{99}; }, {}},
      {"no tenant", [](ListFilter& f) { f.tenant = TenantId{}; }, {}},
      {"a delivery", [](ListFilter& f) { f.deliveries = {delivery_id(2)}; }, {2}},
      {"deliveries, one of another tenant",
       [](ListFilter& f) { f.deliveries = {delivery_id(4), delivery_id(5), delivery_id(1)}; },
       {1, 4}},
      {"a URL, exactly", [](ListFilter& f) { f.urls = {"https://A.example/x"}; }, {1}},
      {"a URL in another spelling", [](ListFilter& f) { f.urls = {"https://a.example/x"}; }, {}},
      {"two URLs",
       [](ListFilter& f) { f.urls = {"http://b.example", "https://a.example/y?q=1"}; },
       {2, 4}},
      {"a host", [](ListFilter& f) { f.hosts = {"a.example"}; }, {1, 2}},
      {"a host with its port", [](ListFilter& f) { f.hosts = {"b.example:8443"}; }, {3}},
      {"a host without port", [](ListFilter& f) { f.hosts = {"b.example"}; }, {4}},
      {"a path", [](ListFilter& f) { f.paths = {"/x"}; }, {1, 3}},
      {"a path without its query", [](ListFilter& f) { f.paths = {"/y"}; }, {2}},
      {"the path of a bare host", [](ListFilter& f) { f.paths = {"/"}; }, {4}},
      {"a group", [](ListFilter& f) { f.groups = {"g1"}; }, {1, 4}},
      {"a queue", [](ListFilter& f) { f.queues = {"q1"}; }, {2}},
      {"a schedule", [](ListFilter& f) { f.schedules = {"s1"}; }, {3}},
      {"a label", [](ListFilter& f) { f.labels = {"l1"}; }, {1, 2}},
      {"two labels of one row", [](ListFilter& f) { f.labels = {"l1", "l2"}; }, {1, 2}},
      {"labels of two rows", [](ListFilter& f) { f.labels = {"l2", "l3"}; }, {2, 3}},
      {"a flow key", [](ListFilter& f) { f.flow_keys = {"f1"}; }, {1, 3}},
      {"two flow keys", [](ListFilter& f) { f.flow_keys = {"f2", "f1"}; }, {1, 2, 3}},
      {"an empty flow key", [](ListFilter& f) { f.flow_keys = {""}; }, {}},
      {"a caller", [](ListFilter& f) { f.caller_ips = {"192.0.2.1"}; }, {1, 3}},
      {"a status", [](ListFilter& f) { f.response_statuses = {500}; }, {1, 4}},
      {"no response", [](ListFilter& f) { f.response_statuses = {0}; }, {3}},
      {"a status or none", [](ListFilter& f) { f.response_statuses = {404, 0}; }, {2, 3}},
      {"an unknown queue", [](ListFilter& f) { f.queues = {"q9"}; }, {}},
      {"an unknown and a known group", [](ListFilter& f) { f.groups = {"g9", "g1"}; }, {1, 4}},
      {"an empty group", [](ListFilter& f) { f.groups = {""}; }, {}},
      {"an empty caller", [](ListFilter& f) { f.caller_ips = {""}; }, {}},
      {"the name of a group as a queue", [](ListFilter& f) { f.queues = {"g1"}; }, {}},
  };
}

// Periods, and several fields at once.
std::vector<Case> cases_of_times_and_fields() {
  return {
      {"from", [](ListFilter& f) { f.from = time_of(3); }, {3, 4}},
      {"to", [](ListFilter& f) { f.to = time_of(2); }, {1, 2}},
      {"from behind a moment", [](ListFilter& f) { f.from = time_of(3) + Duration(1); }, {4}},
      {"to before a moment", [](ListFilter& f) { f.to = time_of(2) - Duration(1); }, {1}},
      {"one moment", [](ListFilter& f) { f.from = f.to = time_of(2); }, {2}},
      {"from behind to", [](ListFilter& f) { f.from = time_of(3), f.to = time_of(2); }, {}},
      {"group and status and caller",
       [](ListFilter& f) {
         f.groups = {"g1"};
         f.response_statuses = {500};
         f.caller_ips = {"192.0.2.1"};
       },
       {1}},
      {"a flow key and a label",
       [](ListFilter& f) {
         f.flow_keys = {"f1"};
         f.labels = {"l1"};
       },
       {1}},
      {"fields that no row has together",
       [](ListFilter& f) {
         f.queues = {"q1"};
         f.schedules = {"s1"};
       },
       {}},
      {"host, path and time",
       [](ListFilter& f) {
         f.hosts = {"a.example", "b.example:8443"};
         f.paths = {"/x"};
         f.from = time_of(2);
       },
       {3}},
  };
}

const std::vector<Case>& cases() {
  static const std::vector<Case> kCases = [] {
    std::vector<Case> cases = cases_of_fields();
    for (Case& each : cases_of_times_and_fields()) cases.push_back(std::move(each));
    return cases;
  }();
  return kCases;
}

template <class T>
std::vector<T> in_order(std::vector<T> values, Order order) {
  if (order == Order::kLatestFirst) std::ranges::reverse(values);
  return values;
}

PageRequest request_of(const Case& filter_case, Order order) {
  PageRequest page{.filter = {.tenant = kTenant}, .order = order};
  filter_case.set(page.filter);
  return page;
}

}  // namespace

TEST_P(StoreConformance, EventsPassTheFilter) {
  for (const Facts& row : rows()) commit(set_of(row));
  in_every_life([&] {
    for (const Case& filter_case : cases()) {
      SCOPED_TRACE(filter_case.what);
      for (const Order order : {Order::kEarliestFirst, Order::kLatestFirst}) {
        std::vector<DeliveryId> expected, found;
        for (const int number : in_order(filter_case.expected, order)) {
          expected.push_back(delivery_id(number));
        }
        const EventPage page = get(store().events(request_of(filter_case, order)));
        for (const LoggedEvent& event : page.events) found.push_back(event.delivery.id);
        EXPECT_EQ(found, expected);
        EXPECT_EQ(page.cursor, "");
      }
    }
  });
}

TEST_P(StoreConformance, DeadLettersPassTheFilter) {
  for (const Facts& row : rows()) commit(set_of(row));
  in_every_life([&] {
    for (const Case& filter_case : cases()) {
      SCOPED_TRACE(filter_case.what);
      for (const Order order : {Order::kEarliestFirst, Order::kLatestFirst}) {
        std::vector<DeadLetterId> expected, found;
        for (const int number : in_order(filter_case.expected, order)) {
          expected.push_back(letter_id(number));
        }
        // The id's time has milliseconds, so the edges of the period are those of the events.
        const DeadLetterPage page = get(store().dead_letters(request_of(filter_case, order)));
        for (const DeadLetterPtr& letter : page.letters) found.push_back(letter->id);
        EXPECT_EQ(found, expected);
        EXPECT_EQ(page.cursor, "");
      }
    }
  });
}

// What is pending has no response yet.
TEST_P(StoreConformance, MessagesPassTheFilter) {
  for (const Facts& row : rows()) commit(pending_set_of(row));
  in_every_life([&] {
    for (const Case& filter_case : cases()) {
      SCOPED_TRACE(filter_case.what);
      for (const Order order : {Order::kEarliestFirst, Order::kLatestFirst}) {
        const PageRequest request = request_of(filter_case, order);
        if (!request.filter.response_statuses.empty()) continue;
        std::vector<DeliveryId> expected, found;
        for (const int number : in_order(filter_case.expected, order)) {
          expected.push_back(delivery_id(number));
        }
        const MessagePage page = get(store().messages(request));
        for (const LoadedDelivery& row : page.rows) {
          found.push_back(row.delivery.id);
          EXPECT_EQ(row.message->id, row.delivery.message_id);
        }
        EXPECT_EQ(found, expected);
        EXPECT_EQ(page.cursor, "");
      }
    }
  });
}

TEST_P(StoreConformance, FinishedMessagesAreNotListed) {
  for (const Facts& row : rows()) commit(pending_set_of(row));
  commit(finish(delivery_of(rows()[0]), {make_event(at(9'000), EventState::kDelivered)}));
  commit(finish(delivery_of(rows()[1]), {make_event(at(9'000), EventState::kCanceled)}));
  in_every_life([&] {
    PageRequest page{.filter = {.tenant = kTenant}};
    EXPECT_EQ(get(store().messages(page)).rows.size(), 2u);
    page.filter.deliveries = {delivery_id(1), delivery_id(3)};
    const MessagePage found = get(store().messages(page));
    ASSERT_EQ(found.rows.size(), 1u);
    EXPECT_EQ(found.rows[0].delivery.id, delivery_id(3));
    page.filter.deliveries.clear();
    page.filter.queues = {"q1"};
    EXPECT_TRUE(get(store().messages(page)).rows.empty());
  });
}

TEST_P(StoreConformance, DeadLetterIdsOverrideAllFiltersButTheTenant) {
  for (const Facts& row : rows()) commit(set_of(row));
  PageRequest page{.filter = {.tenant = kTenant}, .order = Order::kEarliestFirst};
  page.filter.dead_letters = {letter_id(5), letter_id(4), letter_id(2), letter_id(99)};
  page.filter.queues = {"unknown"};
  page.filter.deliveries = {delivery_id(1)};
  page.filter.response_statuses = {418};
  page.filter.from = time_of(1'000);
  page.count = 1;
  in_every_life([&] {
    page.cursor.clear();
    const DeadLetterPage first = get(store().dead_letters(page));
    ASSERT_EQ(first.letters.size(), 1u);
    EXPECT_EQ(first.letters[0]->id, letter_id(2));
    page.cursor = first.cursor;
    const DeadLetterPage second = get(store().dead_letters(page));
    ASSERT_EQ(second.letters.size(), 1u);
    EXPECT_EQ(second.letters[0]->id, letter_id(4));
    EXPECT_EQ(second.cursor, "");
  });
}

TEST_P(StoreConformance, StatesAndTimesAndStatusesLookAtTheSingleEvent) {
  const Delivery delivery = make_delivery({.id = DeliveryId{id_at(at(0))}});
  commit(publish(make_message({.id = delivery.message_id}), delivery, at(0)));
  WriteSet set;
  set.add(AppendEntry{
      {delivery,
       {make_event(at(10), EventState::kActive), make_event(at(20), EventState::kError, 500),
        make_event(at(20), EventState::kRetry), make_event(at(30), EventState::kDelivered, 200)}}});
  commit(std::move(set));
  const auto expect = [&](const ListFilter& filter, const std::vector<EventState>& expected) {
    std::vector<EventState> found;
    const PageRequest page{.filter = filter, .order = Order::kEarliestFirst};
    for (const LoggedEvent& event : get(store().events(page)).events) {
      found.push_back(event.event.state);
    }
    EXPECT_EQ(found, expected);
  };
  using enum EventState;
  in_every_life([&] {
    ListFilter states{.tenant = kTenant};
    states.states = state_bit(kActive) | state_bit(kRetry);
    expect(states, {kActive, kRetry});
    states.to = at(19);
    expect(states, {kActive});
    ListFilter times{.tenant = kTenant};
    times.from = at(10);
    times.to = at(20);
    expect(times, {kActive, kError, kRetry});
    times.response_statuses = {500, 200};
    expect(times, {kError});
    ListFilter statuses{.tenant = kTenant};
    statuses.response_statuses = {0};
    expect(statuses, {kCreated, kActive, kRetry});
  });
}

}  // namespace ferry::store
