#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/write_set.h"

// The versioned encodings of everything stored: the encoded columns of the tables and the records
// of the journal (a journal record is one write-set). Every encoding starts with its version,
// readers accept all older versions, and golden files under src/store/golden/ pin the bytes. The
// fields of each type stand in one list (fields.h), and records.grammar shows what that makes.

namespace ferry::store {

// Encoders append. Decoders fail with kStoreCorrupt when the bytes are not what an encoder made,
// and with kStoreTooNew for a version above ours; they are safe to give any bytes.

void encode_message(const Message& message, std::string& out);
Result<Message> decode_message(std::string_view data);

void encode_delivery(const Delivery& delivery, std::string& out);
Result<Delivery> decode_delivery(std::string_view data);

// Of an entry: the delivery as it was, then the events.
void encode_entry(const Entry& entry, std::string& out);
Result<Entry> decode_entry(std::string_view data);

void encode_dead_letter(const DeadLetter& letter, std::string& out);
Result<DeadLetter> decode_dead_letter(std::string_view data);

void encode_dedup(const DedupRecord& record, std::string& out);
Result<DedupRecord> decode_dedup(std::string_view data);

void encode_tenant(const Tenant& tenant, std::string& out);
Result<Tenant> decode_tenant(std::string_view data);

// Of each kind of resource; the table tells which.
void encode_resource(const Resource& resource, std::string& out);
Result<Resource> decode_resource(ResourceKind kind, std::string_view data);

void encode_queue(const Queue& queue, std::string& out);
Result<Queue> decode_queue(std::string_view data);

void encode_url_group(const UrlGroup& group, std::string& out);
Result<UrlGroup> decode_url_group(std::string_view data);

void encode_schedule(const Schedule& schedule, std::string& out);
Result<Schedule> decode_schedule(std::string_view data);

void encode_schedule_body(const ScheduleBody& body, std::string& out);
Result<ScheduleBody> decode_schedule_body(std::string_view data);

void encode_flow_key(const FlowKey& key, std::string& out);
Result<FlowKey> decode_flow_key(std::string_view data);

void encode_function(const Function& function, std::string& out);
Result<Function> decode_function(std::string_view data);

void encode_service(const Service& service, std::string& out);
Result<Service> decode_service(std::string_view data);

void encode_sequence(const Sequence& sequence, std::string& out);
Result<Sequence> decode_sequence(std::string_view data);

void encode_write_set(const WriteSet& set, std::string& out);
Result<WriteSet> decode_write_set(std::string_view data);

}  // namespace ferry::store
