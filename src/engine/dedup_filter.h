#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "base/time.h"
#include "domain/dedup.h"

namespace ferry::engine {

// Says of most new deduplication keys that they were never seen, without a read: Bloom filters, one
// group for each minute of the window. A "maybe" makes the engine load the row before it decides;
// so does another tenant's equal key. Never a false "no" for a key added less than the window ago.
class DedupFilter {
 public:
  explicit DedupFilter(Duration window) : window_(window) {}

  void add(const DedupKey& key, TimePoint now);
  bool may_contain(const DedupKey& key) const;

  // Drops the minutes that lie wholly outside the window.
  void expire(TimePoint now);

  std::size_t bytes() const;

 private:
  // Filters of one minute; a full one is followed by one twice its size.
  struct Layer {
    std::vector<std::uint64_t> words;
    std::size_t keys = 0;
  };
  struct Minute {
    std::int64_t number = 0;
    std::vector<Layer> layers;
  };

  static Layer make_layer(std::size_t words);
  static bool layer_contains(const Layer& layer, std::uint64_t a, std::uint64_t b);

  Duration window_;
  std::deque<Minute> minutes_;  // ascending
};

}  // namespace ferry::engine
