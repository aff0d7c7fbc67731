#include "api/qstash/shown_schedule.h"

#include <string_view>

#include "api/qstash/message_fields.h"

namespace ferry::api {
namespace {

std::string_view name_of_state(DeliveryState state) {
  switch (state) {
    case DeliveryState::kInProgress:
      return "IN_PROGRESS";
    case DeliveryState::kSuccess:
      return "SUCCESS";
    case DeliveryState::kFail:
      return "FAIL";
  }
  return {};
}

// Delay and timeout are whole seconds here, unlike in the event log.
void write_seconds(JsonWriter& json, std::string_view name, const std::optional<Duration>& value) {
  if (value) json.field(name, std::chrono::floor<std::chrono::seconds>(*value).count());
}

void write_time(JsonWriter& json, std::string_view name, const std::optional<TimePoint>& time) {
  if (time) json.field(name, to_unix_ms(*time));
}

void write_states(JsonWriter& json, const LastStates& states, const IdCodec& ids) {
  if (states.empty()) return;
  json.key("lastScheduleStates").begin_object();
  for (const auto& [delivery, state] : states) {
    json.field(ids.wire(delivery), name_of_state(state));
  }
  json.end_object();
}

// The message of a tick, for what schedules and messages show alike.
Message message_of(const Schedule& schedule, const Bytes& body, const MessageDefaults& defaults) {
  Message message = make_message(schedule.options, defaults);
  message.body = body;
  return message;
}

void write_message_facts(JsonWriter& json, const Message& message) {
  json.field("method", method_name(message.method)).field("retries", message.max_retries);
  write_headers(json, "header", message.headers, message.redaction);
  write_source_body(json, message, {});
  write_hooks(json, message, kMessageHookKeys);
  json.field_if("retryDelayExpression", message.retry_delay_expression);
  write_labels(json, message.labels);
  write_flow_control(json, message.flow_control);
}

}  // namespace

void write_schedule(JsonWriter& json, const Schedule& schedule, const Bytes& body,
                    const LastStates& states, const MessageDefaults& defaults, const IdCodec& ids) {
  const PublishOptions& options = schedule.options;
  json.begin_object()
      .field("scheduleId", schedule.id)
      .field("cron", schedule.cron)
      .field("createdAt", to_unix_ms(schedule.created_at))
      .field("destination", schedule.destination)
      .field("isPaused", schedule.paused);
  write_message_facts(json, message_of(schedule, body, defaults));
  write_seconds(json, "delay", options.delay);
  write_seconds(json, "timeout", options.timeout);
  json.field("callerIP", schedule.caller_ip)
      .field("callerIp", schedule.caller_ip)
      .field_if("queueName", options.queue_name.value_or(""))
      .field_if("orderingKey", options.ordering_key.value_or(""));
  write_time(json, "lastScheduleTime", schedule.last_tick);
  write_time(json, "nextScheduleTime", schedule.next_tick);
  write_states(json, states, ids);
  json.field_if("error", schedule.error).end_object();
}

}  // namespace ferry::api
