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
  if (std::optional<MessagePtr> known = tail_.message(id)) {
    return without_large_body(*std::move(known));
  }
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

// The piece is copied: a part of the tail's buffer would keep all of it in memory for as long as a
// receiver takes its time.
Result<Bytes> EmbeddedReads::read_body(MessageId id, std::uint64_t offset, std::size_t bytes_max) {
  const MessagePtr put = tail_.put_message(id);
  if (put == nullptr) return tables_.state().body_piece(id, offset, bytes_max);
  const std::string_view body = put->body.view();
  if (offset >= body.size()) {
    return fail(ErrorCode::kNotFound, "the body of message " + std::to_string(id.value) +
                                          " ends before byte " + std::to_string(offset));
  }
  return Bytes::copy(body.substr(static_cast<std::size_t>(offset), bytes_max));
}

// Of a message that ended in between, history has the body.
Result<MessagePtr> EmbeddedReads::whole_message(MessagePtr message) {
  if (message == nullptr || !is_body_stored(*message)) return message;
  if (MessagePtr put = tail_.put_message(message->id)) return put;
  Result<MessagePtr> whole = tables_.state().with_body_of(message);
  if (whole || whole.error().code != ErrorCode::kNotFound) return whole;
  return tables_.content(message->id);
}

// The body is the message's until the letter is in the tables, then the letter's: one of the two
// has it whenever both are asked in that order.
Result<DeadLetterPtr> EmbeddedReads::whole_letter(DeadLetterPtr letter) {
  if (letter == nullptr || !is_body_stored(*letter->message)) return letter;
  auto whole = std::make_shared<DeadLetter>(*letter);
  whole->message = tail_.put_message(letter->message->id);
  if (whole->message != nullptr) return whole;
  Result<MessagePtr> message = tables_.state().with_body_of(letter->message);
  if (!message && message.error().code == ErrorCode::kNotFound) {
    message = tables_.state().with_body_of(letter->id, letter->message);
  }
  if (!message) return std::unexpected(std::move(message.error()));
  whole->message = std::move(*message);
  return whole;
}

Result<DeadLetterPtr> EmbeddedReads::dead_letter(DeadLetterId id, LargeBodies bodies) {
  std::optional<DeadLetterPtr> letter = tail_.dead_letter(id);
  if (!letter) {
    ASSIGN_OR_RETURN(letter, tables_.state().dead_letter(id));
  }
  if (bodies == LargeBodies::kLeftOut) return *std::move(letter);
  Result<DeadLetterPtr> whole = whole_letter(*std::move(letter));
  if (whole || whole.error().code != ErrorCode::kNotFound) return whole;
  return DeadLetterPtr();  // it was deleted in between
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
  ASSIGN_OR_RETURN(view.message, whole_message(std::move(pending->message)));
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
