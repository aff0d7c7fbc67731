#include "store/entry_stream.h"

#include <algorithm>

#include "store/entry_keys.h"
#include "store/statements.h"

namespace ferry::store {
namespace {

constexpr std::int64_t kChunkRows = 128;
constexpr std::int64_t kSeqMax = std::numeric_limits<std::int64_t>::max();

}  // namespace

EntryStream::EntryStream(Database& reader, const ListFilter& filter, Options options)
    : reader_(reader), tenant_(filter.tenant), options_(options) {
  for (const DeliveryId id : filter.deliveries) sources_.push_back({.delivery = id});
  const std::optional<KeyFilter> key = narrowest_key(filter);
  if (sources_.empty() && key) {
    for (const std::string& value : key->values) {
      sources_.push_back({.kind = key->kind, .hash = entry_key_hash(key->kind, value)});
    }
  }
  if (sources_.empty()) sources_.emplace_back();
  const EntryPlace start = descending() ? EntryPlace{options_.time_max, kSeqMax, kSeqMax}
                                        : EntryPlace{options_.time_min, -kSeqMax, -1};
  for (Source& source : sources_) source.last = start;
}

Result<std::optional<EntryPlace>> EntryStream::next() {
  while (true) {
    Source* first = nullptr;
    for (Source& source : sources_) {
      if (source.used == source.chunk.size() && !source.ended) RETURN_IF_ERROR(refill(source));
      if (source.used == source.chunk.size()) continue;
      const bool earlier =
          first == nullptr || before(source.chunk[source.used], first->chunk[first->used]);
      if (earlier) first = &source;
    }
    if (first == nullptr) return std::nullopt;
    const EntryPlace place = first->chunk[first->used++];
    // Found by two values of the filter, or by one given twice.
    if (last_ == place) continue;
    last_ = place;
    return place;
  }
}

Result<void> EntryStream::refill(Source& source) {
  source.chunk.clear();
  source.used = 0;
  if (source.delivery) return refill_by_delivery(source);
  if (source.kind) {
    RETURN_IF_ERROR(refill_by_key(source));
  } else {
    RETURN_IF_ERROR(refill_by_time(source));
  }
  source.ended = source.chunk.size() < static_cast<std::size_t>(kChunkRows);
  if (!source.chunk.empty()) source.last = source.chunk.back();
  return {};
}

// All at once: what one delivery did on one day is little.
Result<void> EntryStream::refill_by_delivery(Source& source) {
  ASSIGN_OR_RETURN(Statement rows, reader_.statement(sql::kEntriesOfDelivery));
  rows.bind(1, source.delivery->value).bind(2, options_.time_min).bind(3, options_.time_max);
  while (true) {
    ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) break;
    source.chunk.push_back({rows.integer(0), rows.integer(1), rows.integer(2)});
  }
  std::ranges::sort(source.chunk, [this](const auto& a, const auto& b) { return before(a, b); });
  source.ended = true;
  return {};
}

Result<void> EntryStream::refill_by_key(Source& source) {
  ASSIGN_OR_RETURN(Statement rows,
                   reader_.statement(descending() ? sql::kKeyedEntriesDown : sql::kKeyedEntriesUp));
  rows.bind(1, static_cast<std::int64_t>(*source.kind)).bind(2, source.hash);
  rows.bind(3, source.last.time_last).bind(4, source.last.seq);
  rows.bind(5, descending() ? options_.time_min : options_.time_max).bind(6, kChunkRows);
  while (true) {
    ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) return {};
    source.chunk.push_back({rows.integer(0), 0, rows.integer(1)});
  }
}

Result<void> EntryStream::refill_by_time(Source& source) {
  ASSIGN_OR_RETURN(Statement rows,
                   reader_.statement(descending() ? sql::kEntriesDown : sql::kEntriesUp));
  rows.bind(1, tenant_.value).bind(2, source.last.time_last).bind(3, source.last.time_first);
  rows.bind(4, source.last.seq);
  rows.bind(5, descending() ? options_.time_min : options_.time_max).bind(6, kChunkRows);
  while (true) {
    ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) return {};
    source.chunk.push_back({rows.integer(0), rows.integer(1), rows.integer(2)});
  }
}

}  // namespace ferry::store
