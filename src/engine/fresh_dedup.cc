#include "engine/fresh_dedup.h"

namespace ferry::engine {

void FreshDedup::add(DedupRecord record, std::uint64_t newest_load) {
  const RowKey key{record.tenant, record.key};
  order_.emplace_back(newest_load, key);
  rows_[key] = {std::move(record), newest_load};
}

const DedupRecord* FreshDedup::find(TenantId tenant, const DedupKey& key) const {
  const auto row = rows_.find({tenant, key});
  return row == rows_.end() ? nullptr : &row->second.record;
}

void FreshDedup::forget_before(std::uint64_t oldest_load) {
  while (!order_.empty() && order_.front().first < oldest_load) {
    const auto row = rows_.find(order_.front().second);
    if (row != rows_.end() && row->second.newest_load < oldest_load) rows_.erase(row);
    order_.pop_front();
  }
}

}  // namespace ferry::engine
