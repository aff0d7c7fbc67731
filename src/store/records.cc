#include "store/records.h"

#include "store/record_parts.h"

// Every encoding is one record: its version, then its fields in a fixed order, nothing behind them.
// The grammars stand in record_parts.cc (shared parts) and in one file a record: message_record.cc,
// delivery_record.cc, entry_record.cc, dead_letter_record.cc, dedup_record.cc, tenant_record.cc,
// queue_record.cc (also sequences), url_group_record.cc, schedule_record.cc, flow_key_record.cc,
// function_record.cc (also services), invocation_record.cc (parts of a message),
// write_set_record.cc (also resources). A new field makes a new version of its record, read when
// the version has it.

namespace ferry::store {
namespace {

template <class T>
Result<T> decode(std::string_view data, std::string_view what, T (*read)(RecordReader&)) {
  RecordReader in(data);
  T value = read(in);
  if (in.ok() && !in.at_end()) in.refuse();
  if (in.ok()) return value;
  const bool too_new = in.failure() == ErrorCode::kStoreTooNew;
  return fail(in.failure(),
              "reading a stored " + std::string(what) +
                  (too_new ? ": a newer version of Ferry wrote it" : ": its bytes are damaged"));
}

template <class T>
Result<Resource> share(Result<T> row) {
  if (!row) return std::unexpected(std::move(row.error()));
  return std::make_shared<const T>(std::move(*row));
}

}  // namespace

void encode_message(const Message& message, std::string& out) {
  RecordWriter writer(out);
  write_message(writer, message);
}

Result<Message> decode_message(std::string_view data) {
  return decode(data, "message", read_message);
}

void encode_delivery(const Delivery& delivery, std::string& out) {
  RecordWriter writer(out);
  write_delivery(writer, delivery);
}

Result<Delivery> decode_delivery(std::string_view data) {
  return decode(data, "delivery", read_delivery);
}

void encode_entry(const Entry& entry, std::string& out) {
  RecordWriter writer(out);
  write_entry(writer, entry);
}

Result<Entry> decode_entry(std::string_view data) { return decode(data, "entry", read_entry); }

void encode_dead_letter(const DeadLetter& letter, std::string& out) {
  RecordWriter writer(out);
  write_dead_letter(writer, letter);
}

Result<DeadLetter> decode_dead_letter(std::string_view data) {
  return decode(data, "dead letter", read_dead_letter);
}

void encode_dedup(const DedupRecord& record, std::string& out) {
  RecordWriter writer(out);
  write_dedup(writer, record);
}

Result<DedupRecord> decode_dedup(std::string_view data) {
  return decode(data, "deduplication record", read_dedup);
}

void encode_tenant(const Tenant& tenant, std::string& out) {
  RecordWriter writer(out);
  write_tenant(writer, tenant);
}

Result<Tenant> decode_tenant(std::string_view data) { return decode(data, "tenant", read_tenant); }

// As the table of its kind has it, which is the record without its kind.
void encode_resource(const Resource& resource, std::string& out) {
  struct Encode {
    std::string& out;
    void operator()(const QueuePtr& queue) const { encode_queue(*queue, out); }
    void operator()(const UrlGroupPtr& group) const { encode_url_group(*group, out); }
    void operator()(const SchedulePtr& schedule) const { encode_schedule(*schedule, out); }
    void operator()(const FlowKeyPtr& key) const { encode_flow_key(*key, out); }
    void operator()(const FunctionPtr& function) const { encode_function(*function, out); }
    void operator()(const ServicePtr& service) const { encode_service(*service, out); }
  };
  std::visit(Encode{out}, resource);
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
      break;
  }
  return share(decode_service(data));
}

void encode_queue(const Queue& queue, std::string& out) {
  RecordWriter writer(out);
  write_queue(writer, queue);
}

Result<Queue> decode_queue(std::string_view data) { return decode(data, "queue", read_queue); }

void encode_url_group(const UrlGroup& group, std::string& out) {
  RecordWriter writer(out);
  write_url_group(writer, group);
}

Result<UrlGroup> decode_url_group(std::string_view data) {
  return decode(data, "URL group", read_url_group);
}

void encode_schedule(const Schedule& schedule, std::string& out) {
  RecordWriter writer(out);
  write_schedule(writer, schedule);
}

Result<Schedule> decode_schedule(std::string_view data) {
  return decode(data, "schedule", read_schedule);
}

void encode_flow_key(const FlowKey& key, std::string& out) {
  RecordWriter writer(out);
  write_flow_key(writer, key);
}

Result<FlowKey> decode_flow_key(std::string_view data) {
  return decode(data, "flow key", read_flow_key);
}

void encode_function(const Function& function, std::string& out) {
  RecordWriter writer(out);
  write_function(writer, function);
}

Result<Function> decode_function(std::string_view data) {
  return decode(data, "function", read_function);
}

void encode_service(const Service& service, std::string& out) {
  RecordWriter writer(out);
  write_service(writer, service);
}

Result<Service> decode_service(std::string_view data) {
  return decode(data, "service", read_service);
}

void encode_sequence(const Sequence& sequence, std::string& out) {
  RecordWriter writer(out);
  write_sequence(writer, sequence);
}

Result<Sequence> decode_sequence(std::string_view data) {
  return decode(data, "sequence", read_sequence);
}

void encode_write_set(const WriteSet& set, std::string& out) {
  RecordWriter writer(out);
  write_write_set(writer, set);
}

Result<WriteSet> decode_write_set(std::string_view data) {
  return decode(data, "write-set", read_write_set);
}

}  // namespace ferry::store
