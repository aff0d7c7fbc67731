#include "store/records.h"

#include "store/record_codec.h"
#include "store/write_set_fields.h"

// Every encoding is one record: its version, then its fields in the order of its list, nothing
// after them. records.grammar shows them all.

namespace ferry::store {
namespace {

template <class T>
void encode(const T& row, std::string& out) {
  RecordWriter writer(out);
  write_record(writer, row);
}

template <class T>
Result<T> decode(std::string_view data, std::string_view what) {
  RecordReader in(data);
  T row;
  read_record(in, row);
  if (in.ok() && !in.at_end()) in.refuse();
  if (in.ok()) return row;
  const bool too_new = in.failure() == ErrorCode::kStoreTooNew;
  return fail(in.failure(),
              "reading a stored " + std::string(what) +
                  (too_new ? ": a newer version of Ferry wrote it" : ": its bytes are damaged"));
}

// An operation is written under its place in the variant, which thus is a stored number.
template <class... Ts, std::size_t... Places>
constexpr bool numbered_by_place(const std::variant<Ts...>*, std::index_sequence<Places...>) {
  return ((FieldsOf<Ts>::kNumber == Places + 1) && ...);
}
static_assert(numbered_by_place(static_cast<const RowOperation*>(nullptr),
                                std::make_index_sequence<std::variant_size_v<RowOperation>>()));

template <class T>
Result<Resource> share(Result<T> row) {
  if (!row) return std::unexpected(std::move(row.error()));
  return std::make_shared<const T>(std::move(*row));
}

}  // namespace

void encode_message(const Message& message, std::string& out) { encode(message, out); }

Result<Message> decode_message(std::string_view data) { return decode<Message>(data, "message"); }

void encode_delivery(const Delivery& delivery, std::string& out) { encode(delivery, out); }

Result<Delivery> decode_delivery(std::string_view data) {
  return decode<Delivery>(data, "delivery");
}

void encode_entry(const Entry& entry, std::string& out) { encode(entry, out); }

Result<Entry> decode_entry(std::string_view data) { return decode<Entry>(data, "entry"); }

void encode_dead_letter(const DeadLetter& letter, std::string& out) { encode(letter, out); }

Result<DeadLetter> decode_dead_letter(std::string_view data) {
  return decode<DeadLetter>(data, "dead letter");
}

void encode_dedup(const DedupRecord& record, std::string& out) { encode(record, out); }

Result<DedupRecord> decode_dedup(std::string_view data) {
  return decode<DedupRecord>(data, "deduplication record");
}

void encode_tenant(const Tenant& tenant, std::string& out) { encode(tenant, out); }

Result<Tenant> decode_tenant(std::string_view data) { return decode<Tenant>(data, "tenant"); }

// As the table of its kind has it, which is the record without its kind.
void encode_resource(const Resource& resource, std::string& out) {
  std::visit([&](const auto& row) { encode(*row, out); }, resource);
}

Result<Resource> decode_resource(ResourceKind kind, std::string_view data) {
  switch (kind) {
    case ResourceKind::kQueue:
      return share(decode_queue(data));
    case ResourceKind::kUrlGroup:
      return share(decode_url_group(data));
    case ResourceKind::kSchedule:
      return share(decode_schedule(data));
    case ResourceKind::kFlowKey:
      return share(decode_flow_key(data));
    case ResourceKind::kFunction:
      return share(decode_function(data));
    case ResourceKind::kService:
      return share(decode_service(data));
    case ResourceKind::kScheduleBody:
      break;
  }
  return share(decode_schedule_body(data));
}

void encode_queue(const Queue& queue, std::string& out) { encode(queue, out); }

Result<Queue> decode_queue(std::string_view data) { return decode<Queue>(data, "queue"); }

void encode_url_group(const UrlGroup& group, std::string& out) { encode(group, out); }

Result<UrlGroup> decode_url_group(std::string_view data) {
  return decode<UrlGroup>(data, "URL group");
}

void encode_schedule(const Schedule& schedule, std::string& out) { encode(schedule, out); }

Result<Schedule> decode_schedule(std::string_view data) {
  return decode<Schedule>(data, "schedule");
}

void encode_schedule_body(const ScheduleBody& body, std::string& out) { encode(body, out); }

Result<ScheduleBody> decode_schedule_body(std::string_view data) {
  return decode<ScheduleBody>(data, "body of a schedule");
}

void encode_flow_key(const FlowKey& key, std::string& out) { encode(key, out); }

Result<FlowKey> decode_flow_key(std::string_view data) { return decode<FlowKey>(data, "flow key"); }

void encode_function(const Function& function, std::string& out) { encode(function, out); }

Result<Function> decode_function(std::string_view data) {
  return decode<Function>(data, "function");
}

void encode_service(const Service& service, std::string& out) { encode(service, out); }

Result<Service> decode_service(std::string_view data) { return decode<Service>(data, "service"); }

void encode_sequence(const Sequence& sequence, std::string& out) { encode(sequence, out); }

Result<Sequence> decode_sequence(std::string_view data) {
  return decode<Sequence>(data, "sequence");
}

void encode_write_set(const WriteSet& set, std::string& out) { encode(set, out); }

Result<WriteSet> decode_write_set(std::string_view data) {
  return decode<WriteSet>(data, "write-set");
}

}  // namespace ferry::store
