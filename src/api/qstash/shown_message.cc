#include "api/qstash/shown_message.h"

#include "api/qstash/message_fields.h"

namespace ferry::api {
namespace {

void write_timeout(JsonWriter& json, const Message& message) {
  if (message.timeout > Duration(0)) json.field("timeout", message.timeout.count());
}

// Where a delivery came from and goes to, apart from its URL.
void write_origin(JsonWriter& json, const Destination& to) {
  json.field_if("topicName", to.group_name)
      .field_if("endpointName", to.endpoint_name)
      .field_if("queueName", to.queue_name)
      .field_if("scheduleId", to.schedule_id)
      .field_if("orderingKey", to.ordering_key);
}

// The fields that messages and dead letters share (contract section 10.1).
void write_message_facts(JsonWriter& json, const Delivery& delivery, const Message& message,
                         const WireNames& names, BodyTrim trim) {
  json.field("messageId", names.ids.wire(delivery.id));
  write_origin(json, *delivery.to);
  json.field_if("urlGroup", delivery.to->group_name)
      .field("url", delivery.to->target.url)
      .field("method", method_name(message.method));
  write_headers(json, "header", message.headers, message.redaction);
  write_source_body(json, message, trim);
  json.field("maxRetries", message.max_retries)
      .field("retried", delivery.retried)
      .field("notBefore", to_unix_ms(delivery.not_before))
      .field("createdAt", to_unix_ms(message.created_at))
      .field("callerIP", message.caller_ip)
      .field("callerIp", message.caller_ip)
      .field_if("api", api_name_of(names.apis, message, *delivery.to));
  write_hooks(json, message, kMessageHookKeys);
  write_timeout(json, message);
  json.field_if("retryDelayExpression", message.retry_delay_expression);
  write_labels(json, message.labels);
  write_flow_control(json, message.flow_control);
}

void write_event_message(JsonWriter& json, const Message& message) {
  json.field("method", method_name(message.method))
      .field("maxRetries", message.max_retries)
      .field("callerIP", message.caller_ip);
  write_headers(json, "header", message.headers, message.redaction);
  write_hooks(json, message, kEventHookKeys);
  write_timeout(json, message);
  json.field_if("retryDelayExpression", message.retry_delay_expression)
      .field_if("retryDelayExpr", message.retry_delay_expression);
  write_labels(json, message.labels);
  write_flow_control(json, message.flow_control);
}

void write_event_response(JsonWriter& json, const Response& response, BodyTrim trim) {
  json.field("responseStatus", response.status);
  write_headers(json, "responseHeaders", response.headers);
  write_headers(json, "responseHeader", response.headers);
  write_base64_body(json, "responseBody", response.body.view(), trim);
}

}  // namespace

void write_message(JsonWriter& json, const store::MessageView& view, const WireNames& names) {
  json.begin_object();
  write_message_facts(json, view.delivery, *view.message, names, {});
  json.field("state", event_state_name(view.last_state));
  if (!view.finished) json.field("nextDeliveryTime", to_unix_ms(view.delivery.due_at));
  json.end_object();
}

void write_pending_message(JsonWriter& json, const store::LoadedDelivery& row,
                           const WireNames& names, BodyTrim trim) {
  json.begin_object();
  write_message_facts(json, row.delivery, *row.message, names, trim);
  json.field("nextDeliveryTime", to_unix_ms(row.delivery.due_at)).end_object();
}

void write_dead_letter(JsonWriter& json, const DeadLetter& letter, const WireNames& names,
                       BodyTrim trim) {
  json.begin_object().field("dlqId", wire_dead_letter_id(letter.id));
  write_message_facts(json, letter.delivery, *letter.message, names, trim);
  json.field("responseStatus", letter.response ? letter.response->status : 0);
  if (letter.response) {
    write_headers(json, "responseHeader", letter.response->headers);
    write_readable_body(json, "responseBody", letter.response->body.view(), trim);
  }
  json.field_if("error", letter.error).end_object();
}

void write_event(JsonWriter& json, const store::LoggedEvent& logged, const IdCodec& ids,
                 BodyTrim trim) {
  const Event& event = logged.event;
  json.begin_object()
      .field("time", to_unix_ms(event.time))
      .field("messageId", ids.wire(logged.delivery.id))
      .field("state", event_state_name(event.state))
      .field("url", logged.delivery.to->target.url)
      .field_if("error", event.error);
  if (event.next_delivery_at) json.field("nextDeliveryTime", to_unix_ms(*event.next_delivery_at));
  write_origin(json, *logged.delivery.to);
  if (logged.message) {
    write_event_message(json, *logged.message);
    write_source_body_base64(json, *logged.message, trim);
  }
  if (event.response) write_event_response(json, *event.response, trim);
  json.end_object();
}

void write_event_group_facts(JsonWriter& json, const store::LoggedEvent& event,
                             const IdCodec& ids) {
  json.field("messageId", ids.wire(event.delivery.id)).field("url", event.delivery.to->target.url);
  write_origin(json, *event.delivery.to);
  if (event.message) write_event_message(json, *event.message);
}

}  // namespace ferry::api
