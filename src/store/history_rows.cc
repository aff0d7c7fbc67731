#include "store/history_rows.h"

#include <algorithm>

#include "base/bytes.h"

namespace ferry::store {
namespace {

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

void file_message(const Message& message, bool with_body, std::map<std::int64_t, DayRows>& days) {
  days[utc_day(time_of_id(message.id.value))].messages.push_back({&message, with_body});
}

}  // namespace

std::map<std::int64_t, DayRows> rows_by_day(const Run& run, HistoryBodies bodies) {
  std::map<std::int64_t, DayRows> days;
  for (const auto& [id, row] : run.messages()) {
    if (row.put != nullptr) file_message(*row.put, bodies == HistoryBodies::kAll, days);
  }
  if (bodies == HistoryBodies::kFailedOnly) {
    for (const auto& [id, row] : run.letters()) {
      if (row.put != nullptr) file_message(*row.put->message, true, days);
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

void encode_orders(std::span<const EventOrder> orders, std::string& out) {
  ByteWriter writer(out);
  Position last = 0;
  for (const EventOrder& order : orders) {
    writer.varint(order.position - last);
    writer.varint(static_cast<std::uint64_t>(order.number));
    last = order.position;
  }
}

Result<std::vector<EventOrder>> decode_orders(std::string_view data) {
  std::vector<EventOrder> orders;
  ByteReader reader(data);
  Position last = 0;
  while (reader.ok() && !reader.at_end()) {
    last += reader.varint();
    orders.push_back({last, static_cast<std::int64_t>(reader.varint())});
  }
  if (!reader.ok()) return fail(ErrorCode::kStoreCorrupt, "reading the places of a stored entry");
  return orders;
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
