#include <algorithm>

#include "store/memory_store.h"
#include "store/store_conformance.h"
#include "store/test_traffic.h"

// The model test: random traffic goes into the store under test and into a memory store, and every
// read of both must say the same, whatever restarts lie between. (Of the memory store itself it
// checks that a clone is a true copy; what it must say is in the other files.)

namespace ferry::store {

using namespace test;

namespace {

template <class T>
std::string say(const Result<T>& result) {
  return result ? describe(*result) : "error: " + result.error().text;
}

// Asks both stores the same and expects the same answer.
class Comparison {
 public:
  Comparison(Store& store, Store& model, Traffic& traffic)
      : store_(store), model_(model), traffic_(traffic) {}

  void run() {
    compare([](Store& store) { return say(store.totals()); }, "totals");
    const TimePoint now = traffic_.now();
    compare([&](Store& store) { return say(store.catalog(now)); }, "catalog");
    for (int i = 0; i < 4; ++i) {
      compare_delivery();
      compare_lane();
      compare_dedup();
      compare_dead_letter();
      compare_lists();
      compare_sizes();
    }
  }

 private:
  template <class Ask>
  void compare(Ask ask, std::string_view what) {
    EXPECT_EQ(ask(store_), ask(model_)) << what;
  }

  void compare_delivery() {
    const DeliveryId id = traffic_.some_delivery();
    const TimePoint finished_after = traffic_.some_time();
    compare([&](Store& store) { return say(store.delivery(id)); }, "delivery");
    compare([&](Store& store) { return say(store.message_view(id, finished_after)); }, "view");
  }

  void compare_lane() {
    const LaneQuery query = traffic_.some_lane_query();
    compare([&](Store& store) { return say(store.lane(query)); }, "lane");
  }

  void compare_dedup() {
    const DedupRecord record = traffic_.some_dedup();
    compare([&](Store& store) { return say(store.dedup(record.tenant, record.key)); }, "dedup");
  }

  void compare_dead_letter() {
    const DeadLetterId id = traffic_.some_dead_letter();
    compare([&](Store& store) { return say(store.dead_letter(id, LargeBodies::kRead)); },
            "dead letter");
  }

  void compare_lists() {
    const PageRequest request = traffic_.some_page();
    compare([&](Store& store) { return walk_events(store, request); }, "events");
    compare([&](Store& store) { return walk_dead_letters(store, request); }, "dead letters");
    compare([&](Store& store) { return walk_messages(store, request); }, "messages");
  }

  void compare_sizes() {
    const std::vector<LaneId> lanes = {traffic_.some_lane(), kTimeLane, traffic_.some_lane()};
    compare([&](Store& store) { return get(store.lane_sizes(lanes)); }, "lane sizes");
    compare([&](Store& store) { return get(store.sequence_sizes(lanes)); }, "sequence sizes");
  }

  static std::vector<std::int64_t> get(Result<std::vector<std::int64_t>> sizes) {
    return sizes.value_or(std::vector<std::int64_t>{-1});
  }

  // Three pages are enough to see a cursor go on; each store understands only its own.
  static std::string walk_events(Store& store, PageRequest request) {
    std::string text;
    for (int i = 0; i < 3; ++i) {
      const Result<EventPage> page = store.events(request);
      if (!page) return "error: " + page.error().text;
      for (const LoggedEvent& event : page->events) text += describe(event) + "\n";
      request.cursor = page->cursor;
      if (request.cursor.empty()) return text + "end";
    }
    return text;
  }

  static std::string walk_dead_letters(Store& store, PageRequest request) {
    std::string text;
    for (int i = 0; i < 3; ++i) {
      const Result<DeadLetterPage> page = store.dead_letters(request);
      if (!page) return "error: " + page.error().text;
      for (const DeadLetterPtr& letter : page->letters) text += describe(letter) + "\n";
      request.cursor = page->cursor;
      if (request.cursor.empty()) return text + "end";
    }
    return text;
  }

  static std::string walk_messages(Store& store, PageRequest request) {
    std::string text;
    for (int i = 0; i < 3; ++i) {
      const Result<MessagePage> page = store.messages(request);
      if (!page) return "error: " + page.error().text;
      for (const LoadedDelivery& row : page->rows) text += describe(row) + "\n";
      request.cursor = page->cursor;
      if (request.cursor.empty()) return text + "end";
    }
    return text;
  }

  Store& store_;
  Store& model_;
  Traffic& traffic_;
};

}  // namespace

TEST_P(StoreConformance, RandomTrafficLeavesWhatTheModelHas) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SetUp();
    const std::unique_ptr<Store> model = make_memory_store();
    Traffic traffic(seed);
    for (int round = 0; round < 60 && !HasFailure(); ++round) {
      const std::vector<WriteSet> sets = traffic.next();
      EXPECT_EQ(get(store().commit(sets)), get(model->commit(sets)));
      if (round % 15 == 7) crash();
      if (round % 15 == 14) reopen();
      // Not after every commit, so that some rows come and go without ever being read.
      if (round % 3 == 0 || round % 15 == 14) Comparison(store(), *model, traffic).run();
    }
  }
}

}  // namespace ferry::store
