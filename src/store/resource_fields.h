#pragma once

#include "domain/queue.h"
#include "domain/resource.h"
#include "domain/tenant.h"
#include "store/fields.h"
#include "store/message_fields.h"

// Of tenants and their resources. Explained in fields.h.

namespace ferry::store {

template <>
struct EnumRange<TokenScope> {
  static constexpr auto kFirst = TokenScope::kFull, kLast = TokenScope::kReadOnly;
};
template <>
struct EnumRange<ResourceKind> {
  static constexpr auto kFirst = ResourceKind::kQueue, kLast = ResourceKind::kScheduleBody;
};

template <>
struct FieldsOf<Token> {
  static constexpr std::string_view kName = "token";
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& token) {
    field("hash", token.hash);
    field("scope", token.scope);
    field("created_at", token.created_at);
    field("note", token.note);
  }
};

template <>
struct FieldsOf<AccessKey> {
  static constexpr std::string_view kName = "access_key";
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& key) {
    field("id", key.id);
    field("secret", key.secret);
    field("created_at", key.created_at);
    field("note", key.note);
  }
};

template <>
struct FieldsOf<Tenant> {
  static constexpr std::string_view kName = "tenant";
  static constexpr std::uint8_t kVersion = 4;
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& tenant) {
    auto& quotas = tenant.quotas;
    field("id", tenant.id);
    field("name", tenant.name);
    field("created_at", tenant.created_at);
    field.bits(Bit{"suspended", tenant.suspended}, Bit{"paused", tenant.paused},
               Bit{"standard_webhooks", tenant.standard_webhooks});
    field("signing_key_current", tenant.signing_key_current);
    field("signing_key_next", tenant.signing_key_next);
    field("token", tenant.tokens);
    field("max_retries", quotas.max_retries);
    field("max_delay", quotas.max_delay);
    field("body_bytes_max", quotas.body_bytes_max);
    field("messages_per_day", quotas.messages_per_day);
    field("queues", quotas.queues);
    field("queue_parallelism", quotas.queue_parallelism);
    field("schedules", quotas.schedules);
    field("url_groups", quotas.url_groups);
    field.since(2, [&] { field("access_key", tenant.access_keys); });
    field.since(3, [&] {
      field("functions", quotas.functions);
      field("services", quotas.services);
    });
    field.since(4, [&] {
      field("flow_keys", quotas.flow_keys);
      field("tokens", quotas.tokens);
      field("resource_bytes", quotas.resource_bytes);
      field("schedule_body_bytes", quotas.schedule_body_bytes);
      field("timeout_max", quotas.timeout_max);
    });
  }
};

template <>
struct FieldsOf<Queue> {
  static constexpr std::string_view kName = "queue";
  static constexpr std::uint8_t kVersion = 1;
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& queue) {
    field("tenant", queue.tenant);
    field("name", queue.name);
    field("created_at", queue.created_at);
    field("updated_at", queue.updated_at);
    field("parallelism", queue.parallelism);
    field("paused", queue.paused);
  }
};

template <>
struct FieldsOf<HeldSlot> {
  static constexpr std::string_view kName = "held";
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& slot) {
    field("root", slot.root);
    field("left", slot.left);
  }
};

template <>
struct FieldsOf<Sequence> {
  static constexpr std::string_view kName = "sequence";
  static constexpr std::uint8_t kVersion = 1;
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& sequence) {
    field("lane", sequence.lane);
    field("tenant", sequence.tenant);
    field("held", sequence.held);
  }
};

template <>
struct FieldsOf<Endpoint> {
  static constexpr std::string_view kName = "endpoint";
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& endpoint) {
    field("name", endpoint.name);
    field("url", endpoint.url);
  }
};

template <>
struct FieldsOf<UrlGroup> {
  static constexpr std::string_view kName = "url_group";
  static constexpr std::uint8_t kVersion = 1;
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& group) {
    field("tenant", group.tenant);
    field("name", group.name);
    field("created_at", group.created_at);
    field("updated_at", group.updated_at);
    field("endpoint", group.endpoints);
    field("default_headers", group.default_headers);
    field("defaults", group.defaults);
    field("forward_all_headers", group.forward_all_headers);
  }
};

template <>
struct FieldsOf<Schedule> {
  static constexpr std::string_view kName = "schedule";
  static constexpr std::uint8_t kVersion = 2;
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& schedule) {
    field("tenant", schedule.tenant);
    field("id", schedule.id);
    field("cron", schedule.cron);
    field("destination", schedule.destination);
    field("options", schedule.options);
    field("body", schedule.body);
    field("caller_ip", schedule.caller_ip);
    field("created_at", schedule.created_at);
    field("paused", schedule.paused);
    field("last_tick", schedule.last_tick);
    field("next_tick", schedule.next_tick);
    field("last_delivery", schedule.last_deliveries);
    field("error", schedule.error);
    field.since(2, [&] { field("body_bytes", schedule.body_bytes); });
  }
};

template <>
struct FieldsOf<ScheduleBody> {
  static constexpr std::string_view kName = "schedule_body";
  static constexpr std::uint8_t kVersion = 1;
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& row) {
    field("tenant", row.tenant);
    field("schedule", row.schedule);
    field("body", row.body);
  }
};

template <>
struct FieldsOf<FlowKey> {
  static constexpr std::string_view kName = "flow_key";
  static constexpr std::uint8_t kVersion = 1;
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& key) {
    field("tenant", key.tenant);
    field("key", key.key);
    field("parallelism", key.parallelism);
    field("rate", key.rate);
    field("period", key.period);
    field.bits(Bit{"paused", key.paused}, Bit{"pinned_parallelism", key.pinned_parallelism},
               Bit{"pinned_rate", key.pinned_rate});
    field("window_start", key.window_start);
    field("reserved", key.reserved);
    field("used_at", key.used_at);
  }
};

}  // namespace ferry::store
