#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>

#include "base/time.h"

namespace ferry::dispatch {

struct InitializationEnd;  // what calls wait for (function_caller.cc)

// Whether an endpoint was initialized, and who waits until it is.
struct Initialization {
  enum class Phase : std::uint8_t { kNot, kRunning, kDone } phase = Phase::kNot;
  std::shared_ptr<InitializationEnd> running;
};

// What is known of endpoints, by least recent use: one that was not called for kKept, or that more
// than kMost others were called since, is forgotten and so initialized again before its next call.
// Those whose initialization runs are kept. Used on one thread.
class Initializations {
 public:
  static constexpr std::size_t kMost = 4'096;
  static constexpr Duration kKept = std::chrono::hours(1);

  // Never null; a fresh one when it was not known. It stays valid when it is forgotten meanwhile.
  std::shared_ptr<Initialization> use(const std::string& endpoint, TimePoint now);
  std::size_t size() const { return places_.size(); }

 private:
  struct Known {
    std::string endpoint;
    std::shared_ptr<Initialization> initialization;
    TimePoint used_at;
  };
  void forget_unused(TimePoint now);
  void make_room();
  void forget(std::list<Known>::iterator& place);

  std::list<Known> known_;  // the least recently used first
  std::map<std::string, std::list<Known>::iterator> places_;
};

}  // namespace ferry::dispatch
