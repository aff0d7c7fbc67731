#pragma once

#include <optional>

#include "store/applier.h"
#include "store/sqlite_tables.h"
#include "store/store.h"
#include "store/tail.h"

namespace ferry::store {

// The reads of an embedded store (store.h says what each means). By key: the tail, then the tables,
// since a row leaves the tail only when it is in the tables. Everything else waits for a barrier
// and reads the tables alone. Any thread.
class EmbeddedReads {
 public:
  EmbeddedReads(const Tail& tail, SqliteTables& tables, Applier& applier)
      : tail_(tail), tables_(tables), applier_(applier) {}

  Result<void> barrier() { return applier_.reach(tail_.position()); }

  Result<Catalog> catalog(TimePoint now);
  Result<Totals> totals();
  Result<std::optional<LoadedDelivery>> delivery(DeliveryId id);
  Result<LaneSlice> lane(const LaneQuery& query);
  Result<std::optional<DedupRecord>> dedup(TenantId tenant, const DedupKey& key);
  Result<ScheduleBodyPtr> schedule_body(TenantId tenant, const std::string& schedule);
  Result<Bytes> read_body(MessageId id, std::uint64_t offset, std::size_t bytes_max);
  Result<DeadLetterPtr> dead_letter(DeadLetterId id, LargeBodies bodies);
  Result<std::optional<MessageView>> message_view(DeliveryId id, TimePoint finished_after);
  Result<EventPage> events(const PageRequest& page);
  Result<DeadLetterPage> dead_letters(const PageRequest& page);
  Result<MessagePage> messages(const PageRequest& page);
  Result<std::vector<std::int64_t>> lane_sizes(std::span<const LaneId> lanes);
  Result<std::vector<std::int64_t>> sequence_sizes(std::span<const LaneId> sequences);

 private:
  Result<MessagePtr> pending_message(MessageId id);
  Result<MessagePtr> whole_message(MessagePtr message);
  Result<DeadLetterPtr> whole_letter(DeadLetterPtr letter);
  Result<std::optional<LoadedDelivery>> look_up(DeliveryId id);
  Result<std::optional<MessageView>> finished_view(DeliveryId id, TimePoint finished_after);
  Result<std::optional<Tail::LastEvent>> last_event(DeliveryId id, std::int64_t first_day);

  const Tail& tail_;
  SqliteTables& tables_;
  Applier& applier_;
};

}  // namespace ferry::store
