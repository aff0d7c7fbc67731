#pragma once

#include "domain/dead_letter.h"
#include "domain/dedup.h"
#include "domain/event.h"
#include "domain/message.h"
#include "store/fields.h"
#include "store/invocation_fields.h"

// Of messages and deliveries, and what is stored of their end. Explained in fields.h.

namespace ferry::store {

template <>
struct EnumRange<MessageKind> {
  static constexpr auto kFirst = MessageKind::kPublished, kLast = MessageKind::kPush;
};
template <>
struct EnumRange<Method> {
  static constexpr auto kFirst = Method::kGet, kLast = Method::kDelete;
};
template <>
struct EnumRange<TargetKind> {
  static constexpr auto kFirst = TargetKind::kHttp, kLast = TargetKind::kPush;
};
template <>
struct EnumRange<EventState> {
  static constexpr auto kFirst = EventState::kCreated, kLast = EventState::kCanceled;
};

template <>
struct FieldsOf<HookOptions> {
  static constexpr std::string_view kName = "hook";
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& hook) {
    field("url", hook.url);
    field.present("options", hook.options);
  }
};

template <>
struct FieldsOf<Redaction> {
  static constexpr std::string_view kName = "redaction";
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& redaction) {
    field.bits(Bit{"body", redaction.body}, Bit{"all_headers", redaction.all_headers});
    field("header", redaction.headers);
  }
};

template <>
struct FieldsOf<FlowControl> {
  static constexpr std::string_view kName = "flow_control";
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& flow) {
    field("key", flow.key);
    field("parallelism", flow.parallelism);
    field("rate", flow.rate);
    field("period", flow.period);
  }
};

template <>
struct FieldsOf<LargeBody> {
  static constexpr std::string_view kName = "large_body";
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& large) {
    field("bytes", large.bytes);
    field("sha256", large.sha256);
  }
};

template <>
struct FieldsOf<Message> {
  static constexpr std::string_view kName = "message";
  static constexpr std::uint8_t kVersion = 3;
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& message) {
    field("id", message.id);
    field("tenant", message.tenant);
    field("kind", message.kind);
    field("source", message.source);
    field("created_at", message.created_at);
    field("method", message.method);
    field("headers", message.headers);
    field("body", message.body);
    field("caller_ip", message.caller_ip);
    field("trace_context", message.trace_context);
    field("max_retries", message.max_retries);
    field("retry_delay_expression", message.retry_delay_expression);
    field("timeout", message.timeout);
    field("callback", message.callback);
    field("failure_callback", message.failure_callback);
    field("label", message.labels);
    field("redaction", message.redaction);
    field("flow_control", message.flow_control);
    field.since(2, [&] {
      field("on_success", message.on_success);
      field("on_failure", message.on_failure);
      field("invocation", message.invocation);
      field("push", message.push);
    });
    field.since(3, [&] { field("large_body", message.large_body); });
  }
};

template <>
struct FieldsOf<Destination> {
  static constexpr std::string_view kName = "destination";
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& to) {
    field("kind", to.target.kind);
    field("url", to.target.url);
    field("group", to.group_name);
    field("endpoint", to.endpoint_name);
    field("queue", to.queue_name);
    field("schedule", to.schedule_id);
    field("ordering_key", to.ordering_key);
  }
};

template <>
struct FieldsOf<Delivery> {
  static constexpr std::string_view kName = "delivery";
  static constexpr std::uint8_t kVersion = 2;
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& delivery) {
    field("id", delivery.id);
    field("message", delivery.message_id);
    field("tenant", delivery.tenant);
    field.present("to", delivery.to);
    field("not_before", delivery.not_before);
    field("due_at", delivery.due_at);
    field("retried", delivery.retried);
    field.bits(Bit{"cancel_requested", delivery.cancel_requested},
               Bit{"shares_message", delivery.shares_message});
    field("lane", delivery.lane);
    field("sequence", delivery.sequence);
    field("slot", delivery.slot);
    field.since(2, [&] {
      field("first_attempt_at", delivery.first_attempt_at);
      field("throttled", delivery.throttled);
    });
  }
};

template <>
struct FieldsOf<Response> {
  static constexpr std::string_view kName = "response";
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& response) {
    field("status", response.status);
    field("headers", response.headers);
    field("body", response.body);
    field("truncated", response.truncated);
  }
};

template <>
struct FieldsOf<Event> {
  static constexpr std::string_view kName = "event";
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& event) {
    field("time", event.time);
    field("state", event.state);
    field("error", event.error);
    field("next_delivery_at", event.next_delivery_at);
    field("response", event.response);
  }
};

template <>
struct FieldsOf<Entry> {
  static constexpr std::string_view kName = "entry";
  static constexpr std::uint8_t kVersion = 1;
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& entry) {
    field("delivery", entry.delivery);
    field.some("event", entry.events);
  }
};

template <>
struct FieldsOf<DeadLetter> {
  static constexpr std::string_view kName = "dead_letter";
  static constexpr std::uint8_t kVersion = 1;
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& letter) {
    field("id", letter.id);
    field("delivery", letter.delivery);
    field.present("message", letter.message);
    field("response", letter.response);
    field("error", letter.error);
  }
};

template <>
struct FieldsOf<DedupRecord> {
  static constexpr std::string_view kName = "dedup";
  static constexpr std::uint8_t kVersion = 1;
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& record) {
    field("tenant", record.tenant);
    field("key", record.key.digest);
    field("expires_at", record.expires_at);
    field("delivery", record.deliveries);
  }
};

}  // namespace ferry::store
