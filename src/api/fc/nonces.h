#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string_view>
#include <unordered_set>

#include "base/time.h"

namespace ferry::api::fc {

// The nonces of signed calls within the time that a call may be old, so that a captured one is not
// taken twice. One for all I/O threads of the process; any thread. A restart forgets them.
class NonceBook {
 public:
  static constexpr std::size_t kNoncesMax = 1'000'000;

  explicit NonceBook(std::size_t nonces_max = kNoncesMax) : nonces_max_(nonces_max) {}

  // False when that key used the nonce within `window` before `now`. When the book is full the
  // oldest one is forgotten.
  bool take(std::string_view key_id, std::string_view nonce, TimePoint now, Duration window);

 private:
  struct Taken {
    std::uint64_t hash = 0;
    TimePoint time;
  };

  void forget_oldest();

  const std::size_t nonces_max_;
  std::mutex mutex_;
  std::deque<Taken> in_order_;
  std::unordered_set<std::uint64_t> hashes_;
};

}  // namespace ferry::api::fc
