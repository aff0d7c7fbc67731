#include <atomic>
#include <thread>

#include "store/store_conformance.h"
#include "store/test_rows.h"

// Reads of other threads while the engine's thread commits: each sees every write-set whole or not
// at all, and everything that was committed before it began.

namespace ferry::store {

using namespace test;

namespace {

constexpr std::int64_t kRounds = 150;
constexpr LaneId kLane = 9;

TimePoint time_of(std::int64_t round) { return at(round); }
std::int64_t id_of(std::int64_t round) { return id_at(time_of(round)); }

Delivery delivery_of(std::int64_t round) {
  return make_delivery({.id = DeliveryId{id_of(round)}, .due_at = time_of(round), .lane = kLane});
}

// At every moment one delivery is pending, and `round` names it: each write-set ends the one
// before.
WriteSet round_set(std::int64_t round) {
  WriteSet set =
      publish(make_message({.id = MessageId{id_of(round)}}), delivery_of(round), time_of(round));
  set.add(PutSetting{"round", std::to_string(round)});
  if (round == 0) return set;
  const WriteSet end =
      finish(delivery_of(round - 1), {make_event(time_of(round), EventState::kDelivered)});
  set.operations.insert(set.operations.end(), end.operations.begin(), end.operations.end());
  return set;
}

// Reads in rotation and expects what a consistent store says; `committed` rounds are in it.
class ReadingThread {
 public:
  ReadingThread(Store& store, const std::atomic<std::int64_t>& committed)
      : store_(store), committed_(committed) {}

  void run() {
    while (committed_.load() < 0) std::this_thread::yield();
    bool good = true;
    for (int turn = 0; good && committed_.load() < kRounds - 1; ++turn) {
      good = read(turn % 6, committed_.load());
    }
  }

 private:
  bool read(int what, std::int64_t round) {
    switch (what) {
      case 0:
        return read_catalog(round);
      case 1:
        return read_lane(round);
      case 2:
        return read_view(round);
      case 3:
        return read_totals();
      case 4:
        return read_events(round);
      default:
        return read_by_key(round);
    }
  }

  bool read_catalog(std::int64_t round) {
    const auto catalog = store_.catalog(at(0));
    const bool good = catalog && catalog->lanes == std::vector{kLane} &&
                      std::stoll(catalog->settings.at("round")) >= round &&
                      catalog->last_id >= id_of(round);
    EXPECT_TRUE(good) << "catalogue after round " << round;
    return good;
  }

  bool read_lane(std::int64_t round) {
    const auto slice = store_.lane({.lane = kLane, .after = {}, .until = TimePoint::max()});
    const bool good = slice && slice->complete && slice->rows.size() == 1 &&
                      slice->rows[0].message != nullptr &&
                      slice->rows[0].delivery.id.value >= id_of(round);
    EXPECT_TRUE(good) << "lane after round " << round;
    return good;
  }

  bool read_view(std::int64_t round) {
    const auto view = store_.message_view(DeliveryId{id_of(round)}, at(-1));
    const bool good =
        view && *view && (*view)->message != nullptr &&
        (*view)->last_state == ((*view)->finished ? EventState::kDelivered : EventState::kCreated);
    EXPECT_TRUE(good) << "view after round " << round;
    return good;
  }

  bool read_totals() {
    const auto totals = store_.totals();
    const bool good = totals && totals->deliveries == 1 && totals->dead_letters == 0;
    EXPECT_TRUE(good) << "totals";
    return good;
  }

  // Round n has logged n + 1 CREATED and n DELIVERED events.
  bool read_events(std::int64_t round) {
    const auto page = store_.events({.filter = {.tenant = kTenant}, .count = 100'000});
    const bool good = page && page->events.size() % 2 == 1 &&
                      std::cmp_greater_equal(page->events.size(), 2 * round + 1);
    EXPECT_TRUE(good) << "events after round " << round;
    return good;
  }

  bool read_by_key(std::int64_t round) {
    const auto loaded = store_.delivery(DeliveryId{id_of(round)});
    const bool good = loaded && (!*loaded || (*loaded)->message != nullptr);
    EXPECT_TRUE(good) << "delivery of round " << round;
    return good && store_.position() >= static_cast<Position>(round + 1);
  }

  Store& store_;
  const std::atomic<std::int64_t>& committed_;
};

}  // namespace

TEST_P(StoreConformance, ReadsOfOtherThreadsSeeWholeWriteSets) {
  std::atomic<std::int64_t> committed{-1};
  {
    std::vector<std::jthread> readers;
    for (int i = 0; i < 2; ++i) {
      readers.emplace_back([&] { ReadingThread(store(), committed).run(); });
    }
    for (std::int64_t round = 0; round < kRounds; ++round) {
      commit(round_set(round));
      committed.store(round);
    }
  }
  EXPECT_EQ(store().position(), static_cast<Position>(kRounds));
}

}  // namespace ferry::store
