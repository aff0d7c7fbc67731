#include "store/test_rows.h"

#include <utility>

namespace ferry::store::test {

MessagePtr make_message(MessageFacts facts) {
  Message message;
  message.id = facts.id;
  message.tenant = facts.tenant;
  message.created_at = time_of_id(facts.id.value);
  message.headers = {{"Content-Type", "text/plain"}};
  message.body = Bytes::take(std::move(facts.body));
  note_large_body(message);
  message.caller_ip = std::move(facts.caller_ip);
  message.labels = std::move(facts.labels);
  if (!facts.flow_key.empty()) message.flow_control = FlowControl{.key = std::move(facts.flow_key)};
  return std::make_shared<const Message>(std::move(message));
}

Delivery make_delivery(DeliveryFacts facts) {
  Delivery delivery;
  delivery.id = facts.id;
  delivery.message_id = facts.message_id ? facts.message_id : MessageId{facts.id.value};
  delivery.tenant = facts.tenant;
  delivery.to = std::make_shared<const Destination>(
      Destination{.target = {.kind = TargetKind::kHttp, .url = std::move(facts.url)},
                  .group_name = std::move(facts.group),
                  .endpoint_name = std::move(facts.endpoint),
                  .queue_name = std::move(facts.queue),
                  .schedule_id = std::move(facts.schedule),
                  .ordering_key = {}});
  delivery.not_before = facts.due_at;
  delivery.due_at = facts.due_at;
  delivery.lane = facts.lane;
  delivery.sequence = facts.sequence;
  delivery.slot = facts.slot;
  return delivery;
}

Event make_event(TimePoint time, EventState state, std::int32_t status) {
  Event event;
  event.time = time;
  event.state = state;
  if (status != 0) {
    event.response = std::make_shared<const Response>(Response{
        .status = status, .headers = {}, .body = Bytes::copy("answer"), .truncated = false});
  }
  return event;
}

DeadLetterPtr make_dead_letter(DeadLetterId id, Delivery delivery, MessagePtr message,
                               std::int32_t status) {
  DeadLetter letter;
  letter.id = id;
  letter.delivery = std::move(delivery);
  letter.message = std::move(message);
  letter.response = make_event(time_of_id(id.value), EventState::kFailed, status).response;
  letter.error = "gave up";
  return std::make_shared<const DeadLetter>(std::move(letter));
}

DedupRecord make_dedup(std::string_view text, TimePoint expires_at, TenantId tenant) {
  return {.tenant = tenant,
          .key = DedupKey{sha256(text)},
          .expires_at = expires_at,
          .deliveries = {DeliveryId{id_at(at(0), 1)}, DeliveryId{id_at(at(0), 2)}}};
}

TenantPtr make_tenant(TenantId id, std::string name) {
  Tenant tenant;
  tenant.id = id;
  tenant.created_at = at(0);
  tenant.signing_key_current = "sig_current";
  tenant.signing_key_next = "sig_next";
  tenant.tokens = {{sha256(name + "-full"), TokenScope::kFull, at(1), "first"},
                   {sha256(name + "-read"), TokenScope::kReadOnly, at(2), "second"}};
  tenant.quotas.max_retries = 5;
  tenant.quotas.messages_per_day = 1000;
  tenant.name = std::move(name);
  return std::make_shared<const Tenant>(std::move(tenant));
}

QueuePtr make_queue(std::string name, TenantId tenant) {
  return std::make_shared<const Queue>(Queue{.tenant = tenant,
                                             .name = std::move(name),
                                             .created_at = at(1),
                                             .updated_at = at(2),
                                             .parallelism = 3,
                                             .paused = true});
}

UrlGroupPtr make_url_group(std::string name, TenantId tenant) {
  UrlGroup group;
  group.tenant = tenant;
  group.name = std::move(name);
  group.created_at = at(1);
  group.updated_at = at(2);
  group.endpoints = {{"first", "https://example.com/1"}, {"", "https://example.com/2"}};
  group.default_headers = {{"Upstash-Retries", "2"}};
  group.defaults.max_retries = 2;
  group.forward_all_headers = true;
  return std::make_shared<const UrlGroup>(std::move(group));
}

SchedulePtr make_schedule(std::string id, TenantId tenant) {
  Schedule schedule;
  schedule.tenant = tenant;
  schedule.id = std::move(id);
  schedule.cron = "*/5 * * * *";
  schedule.destination = "https://example.com/tick";
  schedule.options.delay = Duration(1'000);
  schedule.body = Bytes::copy("tick");
  schedule.caller_ip = "192.0.2.7";
  schedule.created_at = at(1);
  schedule.paused = true;
  schedule.last_tick = at(300'000);
  schedule.next_tick = at(600'000);
  schedule.last_deliveries = {DeliveryId{id_at(at(300'000))}, DeliveryId{id_at(at(300'000), 1)}};
  schedule.error = "no such group";
  return std::make_shared<const Schedule>(std::move(schedule));
}

ScheduleBodyPtr make_schedule_body(std::string schedule, TenantId tenant) {
  return std::make_shared<const ScheduleBody>(ScheduleBody{
      .tenant = tenant, .schedule = std::move(schedule), .body = Bytes::copy("a large body")});
}

FlowKeyPtr make_flow_key(std::string key, TenantId tenant) {
  return std::make_shared<const FlowKey>(FlowKey{.tenant = tenant,
                                                 .key = std::move(key),
                                                 .parallelism = 4,
                                                 .rate = 100,
                                                 .period = Duration(60'000),
                                                 .paused = true,
                                                 .pinned_parallelism = false,
                                                 .pinned_rate = true,
                                                 .window_start = at(10),
                                                 .reserved = 64,
                                                 .used_at = at(20)});
}

Resource make_resource(ResourceKind kind, std::string name, TenantId tenant) {
  switch (kind) {
    case ResourceKind::kQueue:
      return make_queue(std::move(name), tenant);
    case ResourceKind::kUrlGroup:
      return make_url_group(std::move(name), tenant);
    case ResourceKind::kSchedule:
      return make_schedule(std::move(name), tenant);
    case ResourceKind::kFlowKey:
      return make_flow_key(std::move(name), tenant);
    case ResourceKind::kFunction:
      return make_function(std::move(name), tenant);
    case ResourceKind::kService:
      return make_service(std::move(name), tenant);
    case ResourceKind::kScheduleBody:
      break;
  }
  return make_schedule_body(std::move(name), tenant);
}

WriteSet publish(const MessagePtr& message, const Delivery& delivery, TimePoint time) {
  WriteSet set;
  set.add(PutMessage{message});
  set.add(PutDelivery{delivery});
  set.add(AppendEntry{{delivery, {make_event(time, EventState::kCreated)}}});
  return set;
}

WriteSet finish(const Delivery& delivery, std::vector<Event> events) {
  WriteSet set;
  set.add(DropDelivery{delivery.id});
  set.add(DropMessage{delivery.message_id});
  set.add(AppendEntry{{delivery, std::move(events)}});
  return set;
}

WriteSet finish_sharing(const Delivery& delivery, std::vector<Event> events) {
  WriteSet set;
  set.add(DropDelivery{delivery.id});
  set.add(ReleaseMessage{delivery.message_id});
  set.add(AppendEntry{{delivery, std::move(events)}});
  return set;
}

}  // namespace ferry::store::test
