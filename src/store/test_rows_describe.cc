#include <algorithm>

#include "base/encoding.h"
#include "store/test_rows.h"

namespace ferry::store::test {
namespace {

// Collects "name=value" pairs; bytes that do not print are escaped.
class Text {
 public:
  Text& add(std::string_view name, std::string_view value) {
    out_.append(name).append("=").append(percent_encode(value)).append(" ");
    return *this;
  }
  Text& add(std::string_view name, const std::string& value) {
    return add(name, std::string_view(value));
  }
  Text& add(std::string_view name, std::int64_t value) { return add(name, std::to_string(value)); }
  Text& add(std::string_view name, std::uint64_t value) { return add(name, std::to_string(value)); }
  Text& add(std::string_view name, std::int32_t value) { return add(name, std::int64_t{value}); }
  Text& add(std::string_view name, bool value) { return add(name, value ? "yes" : "no"); }
  Text& add(std::string_view name, const char* value) { return add(name, std::string_view(value)); }
  Text& add(std::string_view name, TimePoint value) { return add(name, to_unix_ms(value)); }
  Text& add(std::string_view name, Duration value) {
    return add(name, static_cast<std::int64_t>(value.count()));
  }
  Text& add(std::string_view name, const Sha256Digest& digest) {
    return add(name, hex_encode(as_text(digest)));
  }
  template <class Tag>
  Text& add(std::string_view name, Id<Tag> id) {
    return add(name, id.value);
  }
  Text& add(std::string_view name, const std::vector<std::string>& texts) {
    for (const std::string& text : texts) add(name, text);
    return *this;
  }
  Text& add(std::string_view name, const HeaderList& headers) {
    for (const HeaderField& field : headers) add(name, field.name).add("value", field.value);
    return *this;
  }
  Text& add(std::string_view name, const std::optional<HookOptions>& hook) {
    if (!hook) return *this;
    return add(name, hook->url).add("options", *hook->options);
  }
  Text& add(std::string_view name, const PublishOptions& options) {
    std::string encoded;
    encode_publish_options(options, encoded);
    return add(name, encoded);
  }
  Text& add(std::string_view name, const std::vector<DeliveryId>& ids) {
    for (const DeliveryId id : ids) add(name, id);
    return *this;
  }
  Text& add(std::string_view name, const std::optional<FlowControl>& flow) {
    if (!flow) return *this;
    add(name, flow->key).add("parallelism", flow->parallelism);
    return add("rate", flow->rate).add("period", flow->period);
  }
  template <class T>
  Text& add(std::string_view name, const std::optional<T>& value) {
    return value ? add(name, *value) : *this;
  }
  Text& add(std::string_view name, const ResponsePtr& response) {
    if (response == nullptr) return *this;
    add(name, response->status).add("headers", response->headers);
    return add("body", response->body.view()).add("truncated", response->truncated);
  }
  Text& nested(std::string_view name, const std::string& text) {
    out_.append(name).append("{ ").append(text).append("}\n");
    return *this;
  }

  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

}  // namespace

std::string describe(const Message& message) {
  return Text()
      .add("message", message.id)
      .add("tenant", message.tenant)
      .add("kind", static_cast<std::int32_t>(message.kind))
      .add("source", message.source)
      .add("created_at", message.created_at)
      .add("method", static_cast<std::int32_t>(message.method))
      .add("header", message.headers)
      .add("body", message.body.view())
      .add("caller_ip", message.caller_ip)
      .add("trace_context", message.trace_context)
      .add("max_retries", message.max_retries)
      .add("retry_delay_expression", message.retry_delay_expression)
      .add("timeout", message.timeout)
      .add("callback", message.callback)
      .add("failure_callback", message.failure_callback)
      .add("label", message.labels)
      .add("redact_body", message.redaction.body)
      .add("redact_all_headers", message.redaction.all_headers)
      .add("redact", message.redaction.headers)
      .add("flow_control", message.flow_control)
      .take();
}

std::string describe(const MessagePtr& message) { return message ? describe(*message) : "none"; }

std::string describe(const Delivery& delivery) {
  return Text()
      .add("delivery", delivery.id)
      .add("message", delivery.message_id)
      .add("tenant", delivery.tenant)
      .add("kind", static_cast<std::int32_t>(delivery.to->target.kind))
      .add("url", delivery.to->target.url)
      .add("group", delivery.to->group_name)
      .add("endpoint", delivery.to->endpoint_name)
      .add("queue", delivery.to->queue_name)
      .add("schedule", delivery.to->schedule_id)
      .add("ordering_key", delivery.to->ordering_key)
      .add("not_before", delivery.not_before)
      .add("due_at", delivery.due_at)
      .add("retried", delivery.retried)
      .add("cancel_requested", delivery.cancel_requested)
      .add("lane", delivery.lane)
      .add("sequence", delivery.sequence)
      .add("slot", delivery.slot)
      .add("shares_message", delivery.shares_message)
      .take();
}

std::string describe(const Event& event) {
  return Text()
      .add("time", event.time)
      .add("state", event_state_name(event.state))
      .add("error", event.error)
      .add("next_delivery_at", event.next_delivery_at)
      .add("response", event.response)
      .take();
}

std::string describe(const Entry& entry) {
  Text text;
  text.nested("delivery", describe(entry.delivery));
  for (const Event& event : entry.events) text.nested("event", describe(event));
  return text.take();
}

std::string describe(const DeadLetter& letter) {
  return Text()
      .add("dead_letter", letter.id)
      .nested("delivery", describe(letter.delivery))
      .nested("message", describe(letter.message))
      .add("response", letter.response)
      .add("error", letter.error)
      .take();
}

std::string describe(const DeadLetterPtr& letter) { return letter ? describe(*letter) : "none"; }

std::string describe(const DedupRecord& record) {
  Text text;
  text.add("tenant", record.tenant).add("key", record.key.digest);
  text.add("expires_at", record.expires_at);
  return text.add("delivery", record.deliveries).take();
}

std::string describe(const Tenant& tenant) {
  Text text;
  text.add("tenant", tenant.id).add("name", tenant.name).add("created_at", tenant.created_at);
  text.add("suspended", tenant.suspended).add("paused", tenant.paused);
  text.add("standard_webhooks", tenant.standard_webhooks);
  text.add("current", tenant.signing_key_current).add("next", tenant.signing_key_next);
  for (const Token& token : tenant.tokens) {
    text.add("token", token.hash).add("scope", static_cast<std::int32_t>(token.scope));
    text.add("created_at", token.created_at).add("note", token.note);
  }
  text.add("max_retries", tenant.quotas.max_retries).add("max_delay", tenant.quotas.max_delay);
  text.add("body_bytes_max", tenant.quotas.body_bytes_max);
  text.add("messages_per_day", tenant.quotas.messages_per_day);
  text.add("queues", tenant.quotas.queues);
  text.add("queue_parallelism", tenant.quotas.queue_parallelism);
  text.add("schedules", tenant.quotas.schedules).add("url_groups", tenant.quotas.url_groups);
  text.add("functions", tenant.quotas.functions).add("services", tenant.quotas.services);
  return text.take();
}

std::string describe(const Queue& queue) {
  return Text()
      .add("queue", queue.name)
      .add("tenant", queue.tenant)
      .add("created_at", queue.created_at)
      .add("updated_at", queue.updated_at)
      .add("parallelism", queue.parallelism)
      .add("paused", queue.paused)
      .take();
}

std::string describe(const UrlGroup& group) {
  Text text;
  text.add("group", group.name).add("tenant", group.tenant).add("created_at", group.created_at);
  text.add("updated_at", group.updated_at);
  for (const Endpoint& endpoint : group.endpoints) {
    text.add("endpoint", endpoint.name).add("url", endpoint.url);
  }
  text.add("header", group.default_headers).add("defaults", group.defaults);
  return text.add("forward_all_headers", group.forward_all_headers).take();
}

std::string describe(const Schedule& schedule) {
  return Text()
      .add("schedule", schedule.id)
      .add("tenant", schedule.tenant)
      .add("cron", schedule.cron)
      .add("destination", schedule.destination)
      .add("options", schedule.options)
      .add("body", schedule.body.view())
      .add("caller_ip", schedule.caller_ip)
      .add("created_at", schedule.created_at)
      .add("paused", schedule.paused)
      .add("last_tick", schedule.last_tick)
      .add("next_tick", schedule.next_tick)
      .add("delivery", schedule.last_deliveries)
      .add("error", schedule.error)
      .take();
}

std::string describe(const FlowKey& key) {
  return Text()
      .add("flow_key", key.key)
      .add("tenant", key.tenant)
      .add("parallelism", key.parallelism)
      .add("rate", key.rate)
      .add("period", key.period)
      .add("paused", key.paused)
      .add("pinned_parallelism", key.pinned_parallelism)
      .add("pinned_rate", key.pinned_rate)
      .add("window_start", key.window_start)
      .add("reserved", key.reserved)
      .add("used_at", key.used_at)
      .take();
}

std::string describe(const Resource& resource) {
  return std::visit([](const auto& each) { return describe(*each); }, resource);
}

std::string describe(const Sequence& sequence) {
  Text text;
  text.add("sequence", sequence.lane).add("tenant", sequence.tenant);
  for (const HeldSlot& slot : sequence.held) text.add("root", slot.root).add("left", slot.left);
  return text.take();
}

std::string describe(const LoadedDelivery& loaded) {
  return Text()
      .nested("delivery", describe(loaded.delivery))
      .nested("message", describe(loaded.message))
      .take();
}

std::string describe(const LaneSlice& slice) {
  Text text;
  for (const LoadedDelivery& row : slice.rows) text.nested("row", describe(row));
  return text.add("complete", slice.complete).take();
}

std::string describe(const LoggedEvent& event) {
  return Text()
      .nested("event", describe(event.event))
      .nested("delivery", describe(event.delivery))
      .nested("message", describe(event.message))
      .take();
}

std::string describe(const MessageView& view) {
  return Text()
      .nested("delivery", describe(view.delivery))
      .nested("message", describe(view.message))
      .add("finished", view.finished)
      .add("last_state", event_state_name(view.last_state))
      .take();
}

std::string describe(const Totals& totals) {
  return Text()
      .add("deliveries", totals.deliveries)
      .add("dead_letters", totals.dead_letters)
      .add("position", totals.position)
      .take();
}

std::string describe(const Catalog& catalog) {
  Text text;
  for (const TenantPtr& tenant : catalog.tenants) text.nested("tenant", describe(*tenant));
  for (const auto& [key, value] : catalog.settings) text.add("setting", key).add("is", value);
  std::vector<LaneId> lanes = catalog.lanes;
  std::ranges::sort(lanes);
  for (const LaneId lane : lanes) text.add("lane", lane);
  text.add("next_due", catalog.next_due).add("last_id", catalog.last_id);
  for (const Resource& each : catalog.resources) text.nested("resource", describe(each));
  for (const Sequence& each : catalog.sequences) text.nested("sequence", describe(each));
  std::vector<DedupKey> keys = catalog.dedup_keys;
  std::ranges::sort(keys);
  for (const DedupKey& key : keys) text.add("dedup_key", key.digest);
  return text.take();
}

}  // namespace ferry::store::test
