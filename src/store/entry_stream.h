#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "store/queries.h"
#include "store/schema.h"
#include "store/sqlite_database.h"

namespace ferry::store {

// Where an entry stands in the index that it is found by. An index by key does not know time_first.
struct EntryPlace {
  std::int64_t time_last = 0;
  std::int64_t time_first = 0;
  std::int64_t seq = 0;

  friend auto operator<=>(const EntryPlace&, const EntryPlace&) = default;
};

// The entries of one day that a filter may let through, by time_last in the order asked for, each
// once. They come from the narrowest index that the filter allows: deliveries, one of its
// keys (entry_keys.h), else the tenant's times; the caller checks the rest of the filter. Within
// the reader's transaction.
class EntryStream {
 public:
  // Entries with time_last in [time_min, time_max].
  struct Options {
    Order order = Order::kLatestFirst;
    std::int64_t time_min = 0, time_max = 0;
  };
  EntryStream(Database& reader, const ListFilter& filter, Options options);

  Result<std::optional<EntryPlace>> next();

 private:
  // One ascending or descending run through an index, read a chunk at a time.
  struct Source {
    std::optional<DeliveryId> delivery = {};
    std::optional<EntryKey> kind = {};
    std::int64_t hash = 0;
    std::vector<EntryPlace> chunk = {};  // in the order asked for
    std::size_t used = 0;
    EntryPlace last = {};  // where the next chunk starts behind
    bool ended = false;
  };

  Result<void> refill(Source& source);
  Result<void> refill_by_delivery(Source& source);
  Result<void> refill_by_key(Source& source);
  Result<void> refill_by_time(Source& source);
  bool descending() const { return options_.order == Order::kLatestFirst; }
  bool before(const EntryPlace& a, const EntryPlace& b) const {
    return descending() ? a > b : a < b;
  }

  Database& reader_;
  const TenantId tenant_;
  const Options options_;
  std::vector<Source> sources_;
  std::optional<EntryPlace> last_;
};

}  // namespace ferry::store
