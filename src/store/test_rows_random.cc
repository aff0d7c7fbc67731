#include <iterator>

#include "domain/limits.h"
#include "domain/publish_options_fields.h"
#include "store/test_fields.h"

// Rows with random contents in every field, with names from few values where filters are to find
// several rows.

namespace ferry::store::test {
namespace {

Duration random_duration(Random& random) {
  return Duration(static_cast<std::int64_t>(random.below(100'000'000)));
}

TimePoint random_time(Random& random) {
  return at(static_cast<std::int64_t>(random.below(1'000'000'000)) - 500'000'000);
}

// From few values, so that filters find several rows; sometimes empty.
std::string random_name(Random& random, std::string_view prefix) {
  const std::uint64_t n = random.below(4);
  return n == 0 ? std::string() : std::string(prefix) + std::to_string(n);
}

// Every option about half of the time, with values that an encoder is given: no negative numbers.
class RandomOptions {
 public:
  RandomOptions(Random& random, int depth) : random_(random), depth_(depth) {}

  template <class T>
  void operator()(std::uint8_t, std::string_view, std::optional<T>& value) {
    if (random_.one_in(2)) fill(value.emplace());
  }
  void operator()(std::uint8_t, std::string_view, std::optional<HookOptions>& hook) {
    if (depth_ == limits::kHookNestingMax || !random_.one_in(4)) return;
    hook.emplace().url = random_text(random_);
    PublishOptions options;
    RandomOptions inner(random_, depth_ + 1);
    list_publish_options(inner, options);
    hook->options = std::make_shared<const PublishOptions>(std::move(options));
  }
  void operator()(std::uint8_t, std::string_view, HeaderList& headers) {
    headers = random_headers(random_);
  }

 private:
  template <class T>
  void fill(T& value) {
    if constexpr (std::is_same_v<T, FlowControl>) {
      value = {.key = random_text(random_), .period = random_duration(random_)};
      if (random_.one_in(2)) fill(value.parallelism.emplace());
      if (random_.one_in(2)) fill(value.rate.emplace());
    } else if constexpr (std::is_same_v<T, std::int32_t>) {
      value = static_cast<std::int32_t>(random_.below(1u << 31));
    } else {
      RandomFields fields(random_);
      fields({}, value);
    }
  }

  Random& random_;
  int depth_;
};

}  // namespace

void RandomFields::random_value(Random& random, TimePoint& value) { value = random_time(random); }

void RandomFields::random_value(Random& random, Duration& value) {
  value = random_duration(random);
}

void RandomFields::random_value(Random& random, PublishOptions& value) {
  RandomOptions options(random, 0);
  list_publish_options(options, value);
}

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
  Message message;
  fill_randomly(random, message);
  message.id = id;
  message.tenant = tenant;
  message.created_at = time_of_id(id.value);
  message.large_body.reset();
  note_large_body(message);
  message.caller_ip = random_name(random, "192.0.2.");
  message.labels.clear();
  for (std::uint64_t n = random.below(3); n > 0; --n) {
    message.labels.push_back("label-" + std::to_string(random.below(4)));
  }
  if (message.flow_control) message.flow_control->key = random_name(random, "flow-");
  if (message.flow_control && message.flow_control->key.empty()) message.flow_control.reset();
  return message;
}

Delivery random_delivery(Random& random, DeliveryId id, const Message& message) {
  Delivery delivery;
  fill_randomly(random, delivery);
  delivery.id = id;
  delivery.message_id = message.id;
  delivery.tenant = message.tenant;
  Destination to = *delivery.to;
  to.target = {.kind = TargetKind::kHttp,
               .url = "https://" + random_name(random, "Host-") + ".example/" +
                      random_name(random, "path") + (random.one_in(2) ? "?query" : "")};
  to.group_name = random_name(random, "group-");
  to.queue_name = random_name(random, "queue-");
  to.schedule_id = random_name(random, "schedule-");
  if (!to.queue_name.empty()) to.ordering_key.clear();
  delivery.to = std::make_shared<const Destination>(std::move(to));
  delivery.retried = static_cast<std::int32_t>(random.below(100));
  delivery.lane = random.one_in(2) ? kTimeLane : ~LaneId{0} - random.below(3);
  delivery.sequence = random.one_in(2) ? kTimeLane : ~LaneId{0} - random.below(3);
  delivery.slot = {};
  if (random.one_in(2)) {
    delivery.slot = DeliveryId{id.value - static_cast<std::int64_t>(random.below(2))};
  }
  return delivery;
}

Event random_event(Random& random, TimePoint time, EventState state) {
  Event event;
  fill_randomly(random, event);
  event.time = time;
  event.state = state;
  event.response = random_response(random);
  return event;
}

DedupRecord random_dedup(Random& random, TenantId tenant, TimePoint expires_at) {
  DedupRecord record;
  fill_randomly(random, record);
  record.tenant = tenant;
  record.expires_at = expires_at;
  return record;
}

// Tokens and access keys belong to one tenant each.
Tenant random_tenant(Random& random, TenantId id) {
  Tenant tenant;
  fill_randomly(random, tenant);
  tenant.id = id;
  tenant.name = "tenant-" + std::to_string(id.value);
  std::size_t n = 0;
  for (Token& token : tenant.tokens) token.hash = sha256(tenant.name + std::to_string(++n));
  for (AccessKey& key : tenant.access_keys) key.id = tenant.name + std::to_string(++n);
  return tenant;
}

Queue random_queue(Random& random, std::string name, TenantId tenant) {
  Queue queue;
  fill_randomly(random, queue);
  queue.name = std::move(name);
  queue.tenant = tenant;
  return queue;
}

UrlGroup random_url_group(Random& random, std::string name, TenantId tenant) {
  UrlGroup group;
  fill_randomly(random, group);
  group.name = std::move(name);
  group.tenant = tenant;
  return group;
}

Schedule random_schedule(Random& random, std::string id, TenantId tenant) {
  Schedule schedule;
  fill_randomly(random, schedule);
  schedule.id = std::move(id);
  schedule.tenant = tenant;
  return schedule;
}

FlowKey random_flow_key(Random& random, std::string key, TenantId tenant) {
  FlowKey flow;
  fill_randomly(random, flow);
  flow.key = std::move(key);
  flow.tenant = tenant;
  return flow;
}

Function random_function(Random& random, std::string name, TenantId tenant) {
  Function function;
  fill_randomly(random, function);
  function.function = std::move(name);
  function.tenant = tenant;
  return function;
}

Service random_service(Random& random, std::string name, TenantId tenant) {
  Service service;
  fill_randomly(random, service);
  service.name = std::move(name);
  service.tenant = tenant;
  return service;
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
      return std::make_shared<const Service>(random_service(random, std::move(name), tenant));
    default:
      return std::make_shared<const FlowKey>(random_flow_key(random, std::move(name), tenant));
  }
}

Sequence random_sequence(Random& random, LaneId lane) {
  Sequence sequence;
  fill_randomly(random, sequence);
  sequence.lane = lane;
  sequence.tenant = kTenant;
  return sequence;
}

}  // namespace ferry::store::test
