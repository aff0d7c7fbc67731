#include <iterator>

#include "store/test_rows.h"

// Rows with random contents: an optional field is there about half of the time, texts hold any
// byte.

namespace ferry::store::test {
namespace {

std::int64_t random_number(Random& random) {
  const std::uint64_t value = random.next() >> random.below(64);
  return static_cast<std::int64_t>(random.one_in(2) ? value : ~value);
}

std::int32_t random_int32(Random& random) {
  return static_cast<std::int32_t>(random_number(random));
}

Duration random_duration(Random& random) {
  return Duration(static_cast<std::int64_t>(random.below(100'000'000)));
}

TimePoint random_time(Random& random) {
  return at(static_cast<std::int64_t>(random.below(1'000'000'000)) - 500'000'000);
}

template <class Make>
auto maybe(Random& random, Make make) -> std::optional<decltype(make())> {
  if (random.one_in(2)) return std::nullopt;
  return make();
}

std::vector<std::string> random_texts(Random& random) {
  std::vector<std::string> texts(random.below(4));
  for (std::string& text : texts) text = random_text(random);
  return texts;
}

Redaction random_redaction(Random& random) {
  return {
      .body = random.one_in(2), .all_headers = random.one_in(2), .headers = random_texts(random)};
}

PublishOptions random_options(Random& random) {
  PublishOptions options;
  options.delay = maybe(random, [&] { return random_duration(random); });
  options.retry_delay_expression = maybe(random, [&] { return random_text(random); });
  options.forward_headers = random_headers(random);
  options.labels = maybe(random, [&] { return random_texts(random); });
  options.redaction = maybe(random, [&] { return random_redaction(random); });
  options.queue_name = maybe(random, [&] { return random_text(random); });
  options.ordering_key = maybe(random, [&] { return random_text(random); });
  return options;
}

HookOptions random_hook(Random& random) {
  return {.url = random_text(random),
          .options = std::make_shared<const PublishOptions>(random_options(random))};
}

FlowControl random_flow_control(Random& random, std::string key) {
  return {.key = std::move(key),
          .parallelism = maybe(random, [&] { return random_int32(random); }),
          .rate = maybe(random, [&] { return random_int32(random); }),
          .period = random_duration(random)};
}

// From few values, so that filters find several rows; sometimes empty.
std::string random_name(Random& random, std::string_view prefix) {
  const std::uint64_t n = random.below(4);
  return n == 0 ? std::string() : std::string(prefix) + std::to_string(n);
}

}  // namespace

std::string random_text(Random& random, std::size_t bytes_max) {
  std::string text(random.below(bytes_max + 1), '\0');
  for (char& c : text) c = static_cast<char>(random.below(256));
  return text;
}

HeaderList random_headers(Random& random) {
  HeaderList headers;
  for (std::uint64_t n = random.below(4); n > 0; --n) {
    std::string name = random_text(random);
    headers.add(std::move(name), random_text(random));
  }
  return headers;
}

ResponsePtr random_response(Random& random) {
  static constexpr std::int32_t kStatuses[] = {200, 404, 500, 503};
  if (random.one_in(3)) return nullptr;
  Response response;
  response.status = kStatuses[random.below(std::size(kStatuses))];
  response.headers = random_headers(random);
  response.body = Bytes::take(random_text(random, 300));
  response.truncated = random.one_in(2);
  return std::make_shared<const Response>(std::move(response));
}

Message random_message(Random& random, MessageId id, TenantId tenant) {
  const auto hook = [&] { return random_hook(random); };
  Message message;
  message.id = id;
  message.tenant = tenant;
  message.kind = static_cast<MessageKind>(1 + random.below(3));
  message.source = DeliveryId{static_cast<std::int64_t>(random.next() >> 1)};
  message.created_at = time_of_id(id.value);
  message.method = static_cast<Method>(1 + random.below(5));
  message.headers = random_headers(random);
  message.body = Bytes::take(random_text(random, 500));
  message.caller_ip = random_name(random, "192.0.2.");
  message.trace_context = random_text(random);
  message.max_retries = random_int32(random);
  message.retry_delay_expression = random_text(random);
  message.timeout = random_duration(random);
  message.callback = maybe(random, hook);
  message.failure_callback = maybe(random, hook);
  for (std::uint64_t n = random.below(3); n > 0; --n) {
    message.labels.push_back("label-" + std::to_string(random.below(4)));
  }
  message.redaction = random_redaction(random);
  if (const std::string key = random_name(random, "flow-"); !key.empty()) {
    message.flow_control = random_flow_control(random, key);
  }
  return message;
}

Delivery random_delivery(Random& random, DeliveryId id, const Message& message) {
  Delivery delivery = make_delivery({
      .id = id,
      .message_id = message.id,
      .tenant = message.tenant,
      .url = "https://" + random_name(random, "Host-") + ".example/" + random_name(random, "path") +
             (random.one_in(2) ? "?query" : ""),
      .group = random_name(random, "group-"),
      .endpoint = random_text(random),
      .queue = random_name(random, "queue-"),
      .schedule = random_name(random, "schedule-"),
      .due_at = random_time(random),
      .lane = random.one_in(2) ? kTimeLane : ~LaneId{0} - random.below(3),
  });
  if (delivery.to->queue_name.empty()) {
    Destination to = *delivery.to;
    to.ordering_key = random_text(random);
    delivery.to = std::make_shared<const Destination>(std::move(to));
  }
  delivery.not_before = random_time(random);
  delivery.retried = static_cast<std::int32_t>(random.below(100));
  delivery.cancel_requested = random.one_in(2);
  delivery.shares_message = random.one_in(2);
  delivery.sequence = random.one_in(2) ? kTimeLane : ~LaneId{0} - random.below(3);
  if (random.one_in(2))
    delivery.slot = DeliveryId{id.value - static_cast<std::int64_t>(random.below(2))};
  return delivery;
}

Event random_event(Random& random, TimePoint time, EventState state) {
  Event event;
  event.time = time;
  event.state = state;
  event.error = random_text(random);
  event.next_delivery_at = maybe(random, [&] { return random_time(random); });
  event.response = random_response(random);
  return event;
}

DedupRecord random_dedup(Random& random, TenantId tenant, TimePoint expires_at) {
  DedupRecord record = make_dedup(random_text(random, 2), expires_at, tenant);
  record.deliveries.resize(random.below(3));
  return record;
}

Tenant random_tenant(Random& random, TenantId id) {
  const auto number = [&] { return random_number(random); };
  Tenant tenant = *make_tenant(id, "tenant-" + std::to_string(id.value));
  tenant.created_at = random_time(random);
  tenant.suspended = random.one_in(2);
  tenant.paused = random.one_in(2);
  tenant.standard_webhooks = random.one_in(2);
  tenant.signing_key_current = random_text(random);
  tenant.signing_key_next = random_text(random);
  tenant.tokens.resize(random.below(3));
  for (Token& token : tenant.tokens) token.note = random_text(random);
  tenant.quotas.max_retries = maybe(random, [&] { return random_int32(random); });
  tenant.quotas.max_delay = maybe(random, [&] { return random_duration(random); });
  tenant.quotas.body_bytes_max = maybe(random, number);
  tenant.quotas.messages_per_day = maybe(random, number);
  tenant.quotas.queues = maybe(random, number);
  tenant.quotas.queue_parallelism = maybe(random, number);
  tenant.quotas.schedules = maybe(random, number);
  tenant.quotas.url_groups = maybe(random, number);
  tenant.quotas.functions = maybe(random, number);
  tenant.quotas.services = maybe(random, number);
  return tenant;
}

Queue random_queue(Random& random, std::string name, TenantId tenant) {
  Queue queue = *make_queue(std::move(name), tenant);
  queue.created_at = random_time(random);
  queue.updated_at = random_time(random);
  queue.parallelism = random_int32(random);
  queue.paused = random.one_in(2);
  return queue;
}

UrlGroup random_url_group(Random& random, std::string name, TenantId tenant) {
  UrlGroup group = *make_url_group(std::move(name), tenant);
  group.created_at = random_time(random);
  group.updated_at = random_time(random);
  group.endpoints.resize(random.below(4));
  for (Endpoint& endpoint : group.endpoints) {
    endpoint = {.name = random_text(random), .url = random_text(random)};
  }
  group.default_headers = random_headers(random);
  group.defaults = random_options(random);
  group.forward_all_headers = random.one_in(2);
  return group;
}

Schedule random_schedule(Random& random, std::string id, TenantId tenant) {
  const auto time = [&] { return random_time(random); };
  Schedule schedule = *make_schedule(std::move(id), tenant);
  schedule.cron = random_text(random);
  schedule.destination = random_text(random);
  schedule.options = random_options(random);
  schedule.body = Bytes::take(random_text(random, 300));
  schedule.caller_ip = random_text(random);
  schedule.created_at = time();
  schedule.paused = random.one_in(2);
  schedule.last_tick = maybe(random, time);
  schedule.next_tick = maybe(random, time);
  schedule.last_deliveries.resize(random.below(3));
  schedule.error = random_text(random);
  return schedule;
}

FlowKey random_flow_key(Random& random, std::string key, TenantId tenant) {
  FlowKey flow = *make_flow_key(std::move(key), tenant);
  flow.parallelism = random_int32(random);
  flow.rate = random_int32(random);
  flow.period = random_duration(random);
  flow.paused = random.one_in(2);
  flow.pinned_parallelism = random.one_in(2);
  flow.pinned_rate = random.one_in(2);
  flow.window_start = random_time(random);
  flow.reserved = random_int32(random);
  flow.used_at = random_time(random);
  return flow;
}

Resource random_resource(Random& random, std::string name, TenantId tenant) {
  switch (random.below(6)) {
    case 0:
      return std::make_shared<const Queue>(random_queue(random, std::move(name), tenant));
    case 1:
      return std::make_shared<const UrlGroup>(random_url_group(random, std::move(name), tenant));
    case 2:
      return std::make_shared<const Schedule>(random_schedule(random, std::move(name), tenant));
    case 3:
      return std::make_shared<const Function>(random_function(random, std::move(name), tenant));
    case 4:
      return make_service(std::move(name), tenant);
    default:
      return std::make_shared<const FlowKey>(random_flow_key(random, std::move(name), tenant));
  }
}

Sequence random_sequence(Random& random, LaneId lane) {
  Sequence sequence{.lane = lane, .tenant = kTenant, .held = {}};
  for (std::uint64_t n = random.below(4); n > 0; --n) {
    sequence.held.push_back({.root = DeliveryId{static_cast<std::int64_t>(random.next() >> 1)},
                             .left = random_int32(random)});
  }
  return sequence;
}

}  // namespace ferry::store::test
