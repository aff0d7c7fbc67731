#include "store/history_rows.h"

#include <algorithm>

#include "base/bytes.h"

namespace ferry::store {
namespace {

constexpr std::uint8_t kCancelRequested = 1;
constexpr std::uint8_t kOtherLane = 2;
constexpr std::uint8_t kOtherSlot = 4;

// How many events from `first` on share a row.
std::size_t row_length(const std::vector<Event>& events, std::size_t first) {
  TimePoint earliest = events[first].time, latest = earliest;
  std::size_t end = first + 1;
  for (; end < events.size(); ++end) {
    earliest = std::min(earliest, events[end].time);
    latest = std::max(latest, events[end].time);
    if (latest - earliest > kEntrySpanMax || utc_day(earliest) != utc_day(latest)) break;
  }
  return end - first;
}

void file_entry(const MergedEntry& merged, std::map<std::int64_t, DayRows>& days) {
  const std::vector<Event>& events = merged.entry.events;
  for (std::size_t first = 0; first < events.size();) {
    const std::size_t count = row_length(events, first);
    days[utc_day(events[first].time)].entries.push_back({&merged, first, count});
    first += count;
  }
}

void file_message(const FiledMessage& filed, std::map<std::int64_t, DayRows>& days) {
  days[utc_day(time_of_id(filed.message->id.value))].messages.push_back(filed);
}

}  // namespace

std::map<std::int64_t, DayRows> rows_by_day(const CommitRun& run, HistoryBodies bodies) {
  std::map<std::int64_t, DayRows> days;
  for (const auto& [id, row] : run.messages()) {
    if (row.put != nullptr) file_message({row.put.get(), bodies == HistoryBodies::kAll, {}}, days);
  }
  if (bodies == HistoryBodies::kFailedOnly) {
    for (const auto& [id, row] : run.letters()) {
      if (row.put != nullptr) file_message({row.put->message.get(), true, id}, days);
    }
  }
  for (const MergedEntry& merged : run.entries()) file_entry(merged, days);
  for (auto& [day, rows] : days) {
    std::ranges::sort(rows.messages, {}, [](const FiledMessage& filed) {
      return std::pair(filed.message->id, filed.with_body);
    });
  }
  return days;
}

std::vector<EntryPart> EntryRow::parts() const {
  std::vector<EntryPart> parts;
  std::size_t begin = 0;  // of the part, among the events of the merged entry
  for (EntryPart part : merged->parts) {
    const std::size_t end = begin + part.events;
    const std::size_t from = std::max(begin, first), to = std::min(end, first + count);
    if (from < to) {
      part.number += static_cast<std::int64_t>(from - begin);
      part.events = to - from;
      parts.push_back(part);
    }
    begin = end;
  }
  return parts;
}

void encode_parts(std::span<const EntryPart> parts, const Delivery& delivery, std::string& out) {
  ByteWriter writer(out);
  Position last = 0;
  for (const EntryPart& part : parts) {
    const Progress& progress = part.progress;
    const bool other_lane = progress.lane != delivery.lane;
    const bool other_slot = progress.slot != delivery.slot;
    writer.varint(part.position - last);
    writer.varint(static_cast<std::uint64_t>(part.number));
    writer.varint(part.events);
    writer.u8(static_cast<std::uint8_t>((progress.cancel_requested ? kCancelRequested : 0) |
                                        (other_lane ? kOtherLane : 0) |
                                        (other_slot ? kOtherSlot : 0)));
    writer.svarint(std::int64_t{progress.retried} - delivery.retried);
    writer.svarint((progress.due_at - delivery.due_at).count());
    writer.svarint((progress.not_before - delivery.not_before).count());
    if (other_lane) writer.fixed64(progress.lane);
    if (other_slot) writer.varint(static_cast<std::uint64_t>(progress.slot.value));
    last = part.position;
  }
}

Result<std::vector<EntryPart>> decode_parts(std::string_view data, const Delivery& delivery) {
  std::vector<EntryPart> parts;
  ByteReader reader(data);
  Position position = 0;
  while (reader.ok() && !reader.at_end()) {
    EntryPart& part = parts.emplace_back();
    part.position = position += reader.varint();
    part.number = static_cast<std::int64_t>(reader.varint());
    part.events = reader.varint();
    const std::uint8_t flags = reader.u8();
    part.progress.cancel_requested = (flags & kCancelRequested) != 0;
    part.progress.retried = static_cast<std::int32_t>(delivery.retried + reader.svarint());
    part.progress.due_at = delivery.due_at + Duration(reader.svarint());
    part.progress.not_before = delivery.not_before + Duration(reader.svarint());
    part.progress.lane = (flags & kOtherLane) != 0 ? reader.fixed64() : delivery.lane;
    part.progress.slot = delivery.slot;
    if ((flags & kOtherSlot) != 0) {
      part.progress.slot = DeliveryId{static_cast<std::int64_t>(reader.varint())};
    }
  }
  if (!reader.ok()) return fail(ErrorCode::kStoreCorrupt, "reading the parts of a stored entry");
  return parts;
}

void encode_labels(const std::vector<std::string>& labels, std::string& out) {
  ByteWriter writer(out);
  for (const std::string& label : labels) writer.text(label);
}

std::vector<std::string> decode_labels(std::string_view data) {
  std::vector<std::string> labels;
  ByteReader reader(data);
  while (reader.ok() && !reader.at_end()) labels.emplace_back(reader.text());
  return labels;
}

}  // namespace ferry::store
