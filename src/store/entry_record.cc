#include "base/check.h"
#include "store/record_parts.h"

// entry := version:u8=1 delivery event*        (at least one event)
// event := time state:u8 error:text next_delivery_at:time? response?

namespace ferry::store {
namespace {

constexpr std::uint8_t kVersion = 1;

void write_event(RecordWriter& out, const Event& event) {
  out.time(event.time);
  out.enumerator(event.state);
  out.text(event.error);
  out.optional(event.next_delivery_at, [&](TimePoint t) { out.time(t); });
  write_response(out, event.response);
}

Event read_event(RecordReader& in) {
  Event event;
  event.time = in.time();
  event.state = in.enumerator(EventState::kCreated, EventState::kCanceled);
  event.error = in.string();
  event.next_delivery_at = in.optional([&] { return in.time(); });
  event.response = read_response(in);
  return event;
}

}  // namespace

void write_entry(RecordWriter& out, const Entry& entry) {
  CHECK(!entry.events.empty());
  out.u8(kVersion);
  write_delivery(out, entry.delivery);
  out.varint(entry.events.size());
  for (const Event& event : entry.events) write_event(out, event);
}

Entry read_entry(RecordReader& in) {
  Entry entry;
  in.version(kVersion);
  entry.delivery = read_delivery(in);
  in.repeat([&] { entry.events.push_back(read_event(in)); });
  if (entry.events.empty()) in.refuse();
  return entry;
}

}  // namespace ferry::store
