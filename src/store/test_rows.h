#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "store/store.h"

// Rows for the tests of the store: builders with plausible defaults, rows with random contents, and
// a text of every field of what a store returns, to compare values and to read the difference.

namespace ferry::store::test {

inline constexpr TenantId kTenant{7};
inline constexpr TenantId kOtherTenant{8};

// Milliseconds after noon of 2026-11-21 (UTC).
constexpr TimePoint at(std::int64_t ms) { return from_unix_ms(1'795'262'400'000 + ms); }
// The n-th id made at `t`.
constexpr std::int64_t id_at(TimePoint t, std::int64_t n = 0) { return first_id_at(t) + n; }

struct MessageFacts {
  MessageId id;
  TenantId tenant = kTenant;
  std::string body = "hello";
  std::vector<std::string> labels;
  std::string caller_ip = "192.0.2.1";
  std::string flow_key;
};
MessagePtr make_message(MessageFacts facts);

struct DeliveryFacts {
  DeliveryId id;
  MessageId message_id;  // 0: as the delivery's
  TenantId tenant = kTenant;
  std::string url = "https://example.com/path";
  std::string group, endpoint, queue, schedule;
  TimePoint due_at = at(0);
  LaneId lane = kTimeLane;
  LaneId sequence = kTimeLane;
  DeliveryId slot;
};
Delivery make_delivery(DeliveryFacts facts);

Event make_event(TimePoint time, EventState state, std::int32_t status = 0);  // 0: no response
DeadLetterPtr make_dead_letter(DeadLetterId id, Delivery delivery, MessagePtr message,
                               std::int32_t status = 0);
DedupRecord make_dedup(std::string_view text, TimePoint expires_at, TenantId tenant = kTenant);
TenantPtr make_tenant(TenantId id, std::string name);
// One of each kind, with every field set.
QueuePtr make_queue(std::string name, TenantId tenant = kTenant);
UrlGroupPtr make_url_group(std::string name, TenantId tenant = kTenant);
SchedulePtr make_schedule(std::string id, TenantId tenant = kTenant);
ScheduleBodyPtr make_schedule_body(std::string schedule, TenantId tenant = kTenant);
FlowKeyPtr make_flow_key(std::string key, TenantId tenant = kTenant);
FunctionPtr make_function(std::string name, TenantId tenant = kTenant);
ServicePtr make_service(std::string name, TenantId tenant = kTenant);
Resource make_resource(ResourceKind kind, std::string name, TenantId tenant = kTenant);

// What a publish of one delivery writes: message, delivery, entry with a CREATED event at `time`.
WriteSet publish(const MessagePtr& message, const Delivery& delivery, TimePoint time);
// What the end of a delivery with a message of its own writes.
WriteSet finish(const Delivery& delivery, std::vector<Event> events);
// What the end of one of several deliveries of a message writes.
WriteSet finish_sharing(const Delivery& delivery, std::vector<Event> events);

// Any bytes, up to `bytes_max` of them.
std::string random_text(Random& random, std::size_t bytes_max = 12);
HeaderList random_headers(Random& random);
ResponsePtr random_response(Random& random);  // sometimes null
Message random_message(Random& random, MessageId id, TenantId tenant);
Delivery random_delivery(Random& random, DeliveryId id, const Message& message);
Event random_event(Random& random, TimePoint time, EventState state);
DedupRecord random_dedup(Random& random, TenantId tenant, TimePoint expires_at);
Tenant random_tenant(Random& random, TenantId id);
Queue random_queue(Random& random, std::string name, TenantId tenant);
UrlGroup random_url_group(Random& random, std::string name, TenantId tenant);
Schedule random_schedule(Random& random, std::string id, TenantId tenant);
FlowKey random_flow_key(Random& random, std::string key, TenantId tenant);
Function random_function(Random& random, std::string name, TenantId tenant);
Service random_service(Random& random, std::string name, TenantId tenant);
// Of any kind but the bodies of schedules, which catalogs lack.
Resource random_resource(Random& random, std::string name, TenantId tenant);
Sequence random_sequence(Random& random, LaneId lane);  // sometimes without held slots

std::string describe(const Message& message);
std::string describe(const MessagePtr& message);
std::string describe(const Delivery& delivery);
std::string describe(const Event& event);
std::string describe(const Entry& entry);
std::string describe(const DeadLetter& letter);
std::string describe(const DeadLetterPtr& letter);
std::string describe(const DedupRecord& record);
std::string describe(const Tenant& tenant);
std::string describe(const Queue& queue);
std::string describe(const UrlGroup& group);
std::string describe(const Schedule& schedule);
std::string describe(const ScheduleBody& body);
std::string describe(const FlowKey& key);
std::string describe(const Function& function);
std::string describe(const Service& service);
std::string describe(const Resource& resource);
std::string describe(const Sequence& sequence);
std::string describe(const WriteSet& set);
std::string describe(const LoadedDelivery& loaded);
std::string describe(const LaneSlice& slice);
std::string describe(const LoggedEvent& event);
std::string describe(const MessageView& view);
std::string describe(const Totals& totals);
// Without the store's own id and secret; the order of lanes and deduplication keys does not count.
std::string describe(const Catalog& catalog);

template <class T>
std::string describe(const std::optional<T>& value) {
  return value ? describe(*value) : "none";
}

}  // namespace ferry::store::test
