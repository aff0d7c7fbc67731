#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "engine/fresh_dedup.h"
#include "engine/protocol.h"

namespace ferry::engine {

// Rows that were written while a read was under way, so that the answer of the read, which may be
// older, is not believed about them. Keys are forgotten once every read that could be older has
// ended.
template <class Key>
class TouchedRows {
 public:
  // `newest_load` is the number of the load begun last.
  void touch(const Key& key, std::uint64_t newest_load) {
    newest_[key] = newest_load;
    order_.emplace_back(newest_load, key);
  }
  // Was the row written after load number `load` began?
  bool since(const Key& key, std::uint64_t load) const {
    const auto it = newest_.find(key);
    return it != newest_.end() && it->second >= load;
  }
  // No load with a smaller number is under way any more.
  void forget_before(std::uint64_t oldest_load) {
    while (!order_.empty() && order_.front().first < oldest_load) {
      const auto it = newest_.find(order_.front().second);
      if (it != newest_.end() && it->second < oldest_load) newest_.erase(it);
      order_.pop_front();
    }
  }

 private:
  std::map<Key, std::uint64_t> newest_;
  std::deque<std::pair<std::uint64_t, Key>> order_;
};

// The reads that are under way, each with what is to go on when it is answered.
class Loads {
 public:
  struct TimeLane {};
  struct Lane {
    LaneId lane = kTimeLane;
  };
  struct ForPublish {
    std::uint64_t parked = 0;  // of ParkedPublish
    DedupKey key;
  };
  struct ForTick {
    TenantId tenant;
    std::string schedule;
    TimePoint planned;
    DedupKey key;
    Bytes body;  // of the schedule
  };
  struct ForTickBody {
    TenantId tenant;
    std::string schedule;
    TimePoint planned;
    std::int64_t bytes = 0;
  };
  struct Totals {};
  // Commands that wait for rows travel in their purpose.
  using Purpose = std::variant<TimeLane, Lane, ForPublish, ForTick, ForTickBody, Cancel,
                               DeleteDeadLetters, RetryDeadLetters, Totals, Invoke>;

  // Numbers a new load and remembers its purpose; the caller sends the effect.
  std::uint64_t begin(Purpose purpose);
  // The purpose of an answered load; nothing for a number that is not under way.
  std::optional<Purpose> finish(std::uint64_t load);

  bool any() const { return !under_way_.empty(); }

  // Shows the ticks that wait for a row: tenant, schedule, when it was planned.
  template <class Show>
  void show_ticks(const Show& show) const {
    for (const auto& [load, purpose] : under_way_) {
      if (const auto* tick = std::get_if<ForTick>(&purpose)) {
        show(tick->tenant, tick->schedule, tick->planned);
      } else if (const auto* with_body = std::get_if<ForTickBody>(&purpose)) {
        show(with_body->tenant, with_body->schedule, with_body->planned);
      }
    }
  }

  void touch(DeliveryId id) {
    if (any()) deliveries_.touch(id, last_);
  }
  void touch(DeadLetterId id) {
    if (any()) letters_.touch(id, last_);
  }
  void wrote(DedupRecord record) {
    if (any()) dedup_.add(std::move(record), last_);
  }
  bool touched(DeliveryId id, std::uint64_t load) const { return deliveries_.since(id, load); }
  bool touched(DeadLetterId id, std::uint64_t load) const { return letters_.since(id, load); }
  // The row as it was written while reads were under way; null: reads are right about it.
  const DedupRecord* written(TenantId tenant, const DedupKey& key) const {
    return dedup_.find(tenant, key);
  }

 private:
  std::map<std::uint64_t, Purpose> under_way_;
  std::uint64_t last_ = 0;
  TouchedRows<DeliveryId> deliveries_;
  TouchedRows<DeadLetterId> letters_;
  FreshDedup dedup_;
};

}  // namespace ferry::engine
