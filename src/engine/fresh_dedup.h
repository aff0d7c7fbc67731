#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <utility>

#include "domain/dedup.h"

namespace ferry::engine {

// Deduplication rows written while reads were under way: the answer of such a read may be older, so
// a publish that waited for it asks here, too. A row is forgotten once every read that could be
// older has ended, however many reads follow one another.
class FreshDedup {
 public:
  // `newest_load` is the number of the load begun last.
  void add(DedupRecord record, std::uint64_t newest_load);

  // Null: not written lately, what was read is right.
  const DedupRecord* find(TenantId tenant, const DedupKey& key) const;

  // No load with a smaller number is under way any more.
  void forget_before(std::uint64_t oldest_load);

  std::size_t size() const { return rows_.size(); }

 private:
  using RowKey = std::pair<TenantId, DedupKey>;
  struct Row {
    DedupRecord record;
    std::uint64_t newest_load = 0;
  };

  std::map<RowKey, Row> rows_;
  std::deque<std::pair<std::uint64_t, RowKey>> order_;
};

}  // namespace ferry::engine
