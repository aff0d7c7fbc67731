#include "store/embedded_reads.h"

#include <ranges>

#include "store/dead_letter_list.h"
#include "store/event_list.h"
#include "store/message_list.h"

namespace ferry::store {
namespace {

bool is_final(EventState state) {
  return state == EventState::kDelivered || state == EventState::kFailed ||
         state == EventState::kCanceled;
}

}  // namespace

Result<Catalog> EmbeddedReads::catalog(TimePoint now) {
  RETURN_IF_ERROR(barrier());
  return tables_.state().catalog(now);
}

Result<Totals> EmbeddedReads::totals() {
  RETURN_IF_ERROR(barrier());
  return tables_.state().totals();
}

Result<LaneSlice> EmbeddedReads::lane(const LaneQuery& query) {
  RETURN_IF_ERROR(barrier());
  return tables_.state().lane(query);
}

Result<MessagePtr> EmbeddedReads::pending_message(MessageId id) {
  if (std::optional<MessagePtr> known = tail_.message(id)) return *std::move(known);
  return tables_.state().message(id);
}

// A delivery whose message is null: the two were read at different moments, and it is gone by now.
Result<std::optional<LoadedDelivery>> EmbeddedReads::look_up(DeliveryId id) {
  if (const auto known = tail_.delivery(id)) {
    if (!*known) return std::nullopt;
    ASSIGN_OR_RETURN(MessagePtr message, pending_message((*known)->message_id));
    return LoadedDelivery{**known, std::move(message)};
  }
  ASSIGN_OR_RETURN(auto row, tables_.state().delivery(id));
  if (!row) return std::nullopt;
  if (row->message == nullptr) {
    ASSIGN_OR_RETURN(row->message, pending_message(row->delivery.message_id));
  }
  return LoadedDelivery{std::move(row->delivery), std::move(row->message)};
}

Result<std::optional<LoadedDelivery>> EmbeddedReads::delivery(DeliveryId id) {
  constexpr int kAttempts = 3;
  for (int i = 0; i < kAttempts; ++i) {
    ASSIGN_OR_RETURN(std::optional<LoadedDelivery> loaded, look_up(id));
    if (!loaded || loaded->message != nullptr) return loaded;
  }
  return fail(ErrorCode::kStoreCorrupt, "delivery " + std::to_string(id.value) + " has no message");
}

Result<std::optional<DedupRecord>> EmbeddedReads::dedup(TenantId tenant, const DedupKey& key) {
  const Tail::DedupAnswer answer = tail_.dedup(tenant, key);
  if (answer.known) return *answer.known;
  ASSIGN_OR_RETURN(std::optional<DedupRecord> record, tables_.state().dedup(tenant, key));
  if (record && answer.pruned && record->expires_at < *answer.pruned) return std::nullopt;
  return record;
}

Result<ScheduleBodyPtr> EmbeddedReads::schedule_body(TenantId tenant, const std::string& schedule) {
  if (auto known = tail_.schedule_body(tenant, schedule)) return *std::move(known);
  return tables_.state().schedule_body(tenant, schedule);
}

Result<DeadLetterPtr> EmbeddedReads::dead_letter(DeadLetterId id) {
  if (std::optional<DeadLetterPtr> known = tail_.dead_letter(id)) return *std::move(known);
  return tables_.state().dead_letter(id);
}

// From the newest day back to `first_day`.
Result<std::optional<Tail::LastEvent>> EmbeddedReads::last_event(DeliveryId id,
                                                                 std::int64_t first_day) {
  if (auto known = tail_.last_event(id)) return known;
  for (const std::int64_t day : tables_.history().days() | std::views::reverse) {
    if (day < first_day) break;
    ASSIGN_OR_RETURN(const std::shared_ptr<HistoryTables> tables, tables_.history().find(day));
    if (tables == nullptr) continue;
    ASSIGN_OR_RETURN(Reader reader, tables->file().reader());
    ASSIGN_OR_RETURN(const std::optional<MergedEntry> merged, read_last_entry(*reader, id));
    if (!merged) continue;
    const Event& event = merged->entry.events.back();
    return Tail::LastEvent{merged->entry.delivery, event.state, event.time, nullptr};
  }
  return std::nullopt;
}

// Asked for twice, a delivery may end in between; then it is not pending at the second time.
Result<std::optional<MessageView>> EmbeddedReads::message_view(DeliveryId id,
                                                               TimePoint finished_after) {
  ASSIGN_OR_RETURN(std::optional<LoadedDelivery> pending, delivery(id));
  if (!pending) return finished_view(id, finished_after);
  ASSIGN_OR_RETURN(const auto last, last_event(id, utc_day(time_of_id(id.value))));
  if (last && is_final(last->state)) {
    ASSIGN_OR_RETURN(pending, delivery(id));
    if (!pending) return finished_view(id, finished_after);
  }
  MessageView view;
  view.delivery = std::move(pending->delivery);
  view.message = std::move(pending->message);
  if (last) view.last_state = last->state;
  return view;
}

Result<std::optional<MessageView>> EmbeddedReads::finished_view(DeliveryId id,
                                                                TimePoint finished_after) {
  ASSIGN_OR_RETURN(auto last, last_event(id, utc_day(finished_after)));
  if (!last || !is_final(last->state) || last->time <= finished_after) return std::nullopt;
  MessageView view{.delivery = std::move(last->delivery),
                   .message = std::move(last->message),
                   .finished = true,
                   .last_state = last->state};
  if (view.message == nullptr) {
    ASSIGN_OR_RETURN(view.message, tables_.content(view.delivery.message_id));
  }
  return view;
}

Result<EventPage> EmbeddedReads::events(const PageRequest& page) {
  if (page.waits_for_barrier) RETURN_IF_ERROR(barrier());
  return list_events(tables_, page);
}

Result<DeadLetterPage> EmbeddedReads::dead_letters(const PageRequest& page) {
  if (page.waits_for_barrier) RETURN_IF_ERROR(barrier());
  return list_dead_letters(tables_.state(), page);
}

Result<MessagePage> EmbeddedReads::messages(const PageRequest& page) {
  if (page.waits_for_barrier) RETURN_IF_ERROR(barrier());
  return list_messages(tables_.state(), page);
}

Result<std::vector<std::int64_t>> EmbeddedReads::lane_sizes(std::span<const LaneId> lanes) {
  RETURN_IF_ERROR(barrier());
  return tables_.state().lane_sizes(lanes);
}

Result<std::vector<std::int64_t>> EmbeddedReads::sequence_sizes(std::span<const LaneId> sequences) {
  RETURN_IF_ERROR(barrier());
  return tables_.state().sequence_sizes(sequences);
}

}  // namespace ferry::store
