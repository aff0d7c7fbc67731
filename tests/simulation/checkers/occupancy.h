#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "simulation/observations.h"

namespace ferry::simulation {

// The attempts that run, and which of them count as slow: a second account beside the engine's own,
// by the rules as they are written down and not as they are coded.
class Occupancy {
 public:
  explicit Occupancy(const engine::Options& options) : options_(options) {}

  struct Attempt {
    TenantId tenant;
    std::string host;
    std::uint64_t start = 0;
    TimePoint began;
    bool counts = false;  // from its start: its host was unproved
  };

  void on(const AttemptStarted& started);
  void on(const AttemptReported& reported);
  void on(const AttemptNotStarted& lack) { end(lack.said.delivery, lack.said.start, lack.now); }
  void on(const AttemptCut& cut) { end(cut.cut.delivery, cut.cut.start, cut.now); }
  void on(const AttemptAddressed& addressed);
  void on(const LifeEnded&) {
    running_.clear();
    hosts_.clear();
  }

  // Has the host answered quickly within ten seconds?
  bool is_proved(const std::string& host, TimePoint now) const;
  bool is_slow(const Attempt& attempt, TimePoint now) const {
    return attempt.counts || attempt.began + options_.slow_after <= now;
  }
  // As far as the engine was told; else the host itself.
  std::string address_of(const std::string& host, TimePoint now) const;
  const std::map<DeliveryId, Attempt>& running() const { return running_; }

 private:
  struct Host {
    std::optional<TimePoint> quick_until;
    std::string address;
    std::int32_t running = 0;
    TimePoint used_at;
  };
  bool end(DeliveryId id, std::uint64_t start, TimePoint now);

  const engine::Options& options_;
  std::map<DeliveryId, Attempt> running_;  // in this life
  std::map<std::string, Host> hosts_;      // in this life
};

}  // namespace ferry::simulation
