#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/time.h"
#include "domain/delivery.h"
#include "engine/claim.h"
#include "engine/shares.h"

namespace ferry::engine {

// Attempts that may run at once to a host that nothing is known of.
inline constexpr std::uint32_t kStartsAtFirst = 16;
// For how long a quick answer speaks for a host, and a host without attempts is remembered.
inline constexpr Duration kAnswerCounts = std::chrono::seconds(10);

// What is known of one host.
struct Host {
  std::uint32_t running = 0;                 // attempts
  std::uint32_t peak = 0;                    // most attempts that ran at once
  std::uint32_t slow = 0;                    // of them, those that count against the shares
  std::uint32_t allowance = kStartsAtFirst;  // how many may run at once
  AddressId address = 0;                     // never 0 in use: the host's own id while unknown
  std::optional<TimePoint> quick_until;      // it is proved until then
  TimePoint used_at;                         // when an attempt ended last
  std::optional<TimePoint> closed_until;     // nothing starts before
  bool listed = false;                       // among those to be forgotten
};

// The hosts that attempts go to. A host that has not answered quickly within kAnswerCounts is
// unproved: attempts to it count as slow from their start. One that nothing is known of may have
// kStartsAtFirst attempts at once, and one more with each answer, up to twice as many as it ever
// had: the number doubles from one round to the next. Quick answers raise it up to all slots, slow
// ones up to the share of an address.
class Hosts {
 public:
  Hosts(std::uint32_t slots, std::uint32_t host_slots)
      : slots_(slots), host_slots_(host_slots), slow_max_(Shares(slots).address_share()) {}

  Host& at(LaneId id);
  const Host* find(LaneId id) const;

  static bool is_proved(const Host& host, TimePoint now) {
    return host.quick_until && now < *host.quick_until;
  }
  // How many may run to it, and whether one more may start.
  std::uint32_t limit(const Host& host, TimePoint now) const;
  bool has_room(const Host& host, TimePoint now) const { return host.running < limit(host, now); }

  void started(Host& host, TimePoint now, bool slow);
  void ended(LaneId id, Host& host, TimePoint now, AttemptEnd end, bool slow);

  // Forgets hosts that had no attempt for a while.
  void forget_unused(TimePoint now);
  std::size_t size() const { return hosts_.size(); }

 private:
  void grow(Host& host, AttemptEnd end) const;
  static bool is_forgotten(const Host& host, TimePoint now) {
    return host.running == 0 && now >= host.used_at + kAnswerCounts;
  }

  std::uint32_t slots_, host_slots_, slow_max_;
  std::unordered_map<LaneId, Host> hosts_;
  std::deque<std::pair<TimePoint, LaneId>> unused_;  // hosts by when to look whether to forget them
};

}  // namespace ferry::engine
