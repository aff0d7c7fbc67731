#include "dispatch/senders/rocketmq_sender.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/encoding.h"
#include "dispatch/senders/connection_options.h"
#include "dispatch/senders/http_result.h"
#include "dispatch/senders/rocketmq_route.h"
#include "dispatch/senders/rocketmq_transport.h"
#include "domain/lineage.h"

namespace ferry::dispatch {
namespace {

constexpr std::int32_t kGetRoute = 105;     // RequestCode.GET_ROUTEINFO_BY_TOPIC
constexpr std::int32_t kGetCluster = 106;   // RequestCode.GET_BROKER_CLUSTER_INFO
constexpr std::int32_t kSendMessage = 310;  // RequestCode.SEND_MESSAGE_V2
constexpr std::int32_t kTopicNotExist = 17;
constexpr Duration kRouteLifetime = std::chrono::seconds(30);
// Destinations are made by users, so the number of topics has an end.
constexpr std::size_t kRoutesMax = 1024;
constexpr std::size_t kPropertiesBytesMax = 32'767;  // the broker's, a Java short
constexpr char kBehindName = '\x01';
constexpr char kBehindValue = '\x02';

struct Route {
  std::vector<RocketMqQueue> queues;  // never empty
  TimePoint asked_at;
  std::size_t next = 0;
};

const RocketMqQueue& next_queue(Route& route) {
  return route.queues[route.next++ % route.queues.size()];
}

using RoutePtr = std::shared_ptr<Route>;  // held by the pushes that use it
using RouteOrFailure = std::expected<RoutePtr, PushResult>;

std::vector<std::string> addresses_of(std::string_view list) {
  std::vector<std::string> addresses;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find_first_of(",;"), list.size());
    const std::string_view address = trim(list.substr(0, end));
    if (!address.empty()) addresses.emplace_back(address);
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return addresses;
}

// Leaves out what would break the list: separators in it, or more than the broker takes.
void add_property(std::string& properties, std::string_view name, std::string_view value) {
  const std::string_view separators("\x01\x02", 2);
  const bool breaks = name.find_first_of(separators) != std::string_view::npos ||
                      value.find_first_of(separators) != std::string_view::npos;
  const std::size_t bytes = properties.size() + name.size() + value.size() + 2;
  if (breaks || value.empty() || bytes > kPropertiesBytesMax) return;
  properties.append(name).push_back(kBehindName);
  properties.append(value).push_back(kBehindValue);
}

std::string properties_of(const Push& push) {
  std::string properties;
  // 16 bytes, as the official clients make it, but of the event: a repetition has the same.
  const Sha256Digest digest = sha256(push.event_id);
  std::string unique_key = hex_encode(as_text(digest).substr(0, 16));
  std::ranges::transform(unique_key, unique_key.begin(),
                         [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
  add_property(properties, "KEYS", push.event_id);
  add_property(properties, "TAGS", push.success ? "onSuccess" : "onFailure");
  add_property(properties, "UNIQ_KEY", unique_key);
  add_property(properties, "WAIT", "true");
  add_property(properties, kLineageHeader, push.lineage);
  for (const HeaderField& field : push.trace.fields()) {
    add_property(properties, field.name, field.value);
  }
  return properties;
}

class RocketMqSender final : public Sender {
 public:
  struct Facts {
    std::string group;
    bool instance_namespace = false;
    std::vector<std::string> name_servers;  // never empty
  };

  RocketMqSender(Connection connection, Facts facts, std::unique_ptr<RocketMqTransport> transport)
      : connection_(std::move(connection)),
        facts_(std::move(facts)),
        transport_(std::move(transport)) {}

  Awaitable<PushResult> send(Push push) override;

 private:
  using Limits = RocketMqTransport::Limits;

  std::string topic_of(const PushTarget& target) const;
  RocketMqFrame message_of(const Push& push, const std::string& topic, std::int32_t queue) const;
  RoutePtr known_route(const std::string& topic, TimePoint now) const;
  Awaitable<RouteOrFailure> find_route(std::string topic, TimePoint now, Limits limits);
  Awaitable<Result<RocketMqFrame>> ask_name_servers(RocketMqFrame request, Limits limits);
  Awaitable<bool> brokers_may_be_gone(std::string topic, Limits limits);
  RouteOrFailure keep_route(const std::string& topic, const RocketMqFrame& answer, TimePoint now);

  const Connection connection_;
  const Facts facts_;
  const std::unique_ptr<RocketMqTransport> transport_;
  std::map<std::string, RoutePtr> routes_;
  std::size_t name_server_ = 0;  // the one that answered last
};

std::string RocketMqSender::topic_of(const PushTarget& target) const {
  const bool prefixed = facts_.instance_namespace && !target.instance.empty();
  return prefixed ? target.instance + "%" + target.name : target.name;
}

RocketMqFrame RocketMqSender::message_of(const Push& push, const std::string& topic,
                                         std::int32_t queue) const {
  // SendMessageRequestHeaderV2: group, topic, default topic and its queues, queue id, system flag,
  // born time, flag, properties, reconsumed, unit mode, batch.
  return {.code = kSendMessage,
          .fields = {{"a", facts_.group},
                     {"b", topic},
                     {"c", "TBW102"},
                     {"d", "4"},
                     {"e", std::to_string(queue)},
                     {"f", "0"},
                     {"g", std::to_string(to_unix_ms(push.now))},
                     {"h", "0"},
                     {"i", properties_of(push)},
                     {"j", "0"},
                     {"k", "false"},
                     {"m", "false"}},
          .body = push.body};
}

// A name server that does not answer must not use up the time of the others.
Awaitable<Result<RocketMqFrame>> RocketMqSender::ask_name_servers(RocketMqFrame request,
                                                                  Limits limits) {
  const std::size_t count = facts_.name_servers.size();
  limits.timeout /= static_cast<std::int64_t>(count);
  Result<RocketMqFrame> answer = fail(ErrorCode::kConnectFailed);
  for (std::size_t tried = 0; tried < count && !answer; ++tried) {
    const std::size_t index = (name_server_ + tried) % count;
    answer = co_await transport_->exchange(facts_.name_servers[index], request, limits);
    if (answer) name_server_ = index;
  }
  co_return answer;
}

RouteOrFailure RocketMqSender::keep_route(const std::string& topic, const RocketMqFrame& answer,
                                          TimePoint now) {
  PushResult verdict = rocketmq_result(answer.code, answer.remark);
  if (verdict.kind != OutcomeKind::kDelivered) return std::unexpected(std::move(verdict));
  auto queues = read_rocketmq_route(answer.body.view());
  if (!queues) return std::unexpected(push_failed(0, queues.error().text));
  if (queues->empty()) {
    return std::unexpected(push_failed(503, "no broker takes messages of the topic " + topic));
  }
  if (routes_.size() >= kRoutesMax) routes_.clear();
  return routes_[topic] = std::make_shared<Route>(Route{std::move(*queues), now});
}

RoutePtr RocketMqSender::known_route(const std::string& topic, TimePoint now) const {
  const auto known = routes_.find(topic);
  const bool fresh = known != routes_.end() && now < known->second->asked_at + kRouteLifetime;
  return fresh ? known->second : nullptr;
}

// A name server knows topics from brokers alone and forgets those of brokers that have gone. So a
// topic that had a route is there, and without any broker nothing can be said of topics. The answer
// is looked at as text: it is not quite JSON, its keys being numbers.
Awaitable<bool> RocketMqSender::brokers_may_be_gone(std::string topic, Limits limits) {
  if (routes_.contains(topic)) co_return true;
  const Result<RocketMqFrame> answer = co_await ask_name_servers({.code = kGetCluster}, limits);
  co_return !answer || answer->code != 0 || answer->body.view().contains(R"("brokerAddrTable":{})");
}

Awaitable<RouteOrFailure> RocketMqSender::find_route(std::string topic, TimePoint now,
                                                     Limits limits) {
  const Result<RocketMqFrame> answer = co_await ask_name_servers(
      {.code = kGetRoute, .fields = {{"topic", topic}, {"acceptStandardJsonOnly", "true"}}},
      limits);
  if (!answer) co_return std::unexpected(http_result(std::unexpected(answer.error())));
  if (answer->code == kTopicNotExist && co_await brokers_may_be_gone(topic, limits)) {
    co_return std::unexpected(
        push_failed(503, "the brokers of the topic " + topic + " have gone", answer->remark));
  }
  co_return keep_route(topic, *answer, now);
}

Awaitable<PushResult> RocketMqSender::send(Push push) {
  if (auto too_large = refuse_too_large(connection_, push.body.size())) co_return *too_large;
  const std::string topic = topic_of(push.target);
  RouteOrFailure route = known_route(topic, push.now);
  const Limits share{.timeout = *route ? push.timeout : push.timeout / 2, .cut = push.asker.cut};
  if (!*route) route = co_await find_route(topic, push.now, share);
  if (!route) co_return route.error();
  const RocketMqQueue queue = next_queue(**route);
  const Result<RocketMqFrame> answer =
      co_await transport_->exchange(queue.address, message_of(push, topic, queue.id), share);
  PushResult result = answer ? rocketmq_result(answer->code, answer->remark)
                             : http_result(std::unexpected(answer.error()));
  // The broker may have gone, or the topic from it: the next push asks again.
  if (result.kind != OutcomeKind::kDelivered) (*route)->asked_at = TimePoint();
  if (answer && answer->fields.contains("msgId")) result.answer = answer->fields.at("msgId");
  co_return result;
}

}  // namespace

// The codes of ResponseCode and RemotingSysResponseCode; section 5.4 of the contract says which of
// them another attempt can change.
PushResult rocketmq_result(std::int32_t code, const std::string& remark) {
  const std::string error = "RocketMQ answered " + std::to_string(code) + ": " + remark;
  const bool acl = remark.contains("AclException");
  switch (code) {
    case 0:   // SUCCESS
    case 10:  // FLUSH_DISK_TIMEOUT
    case 11:  // SLAVE_NOT_AVAILABLE
    case 12:  // FLUSH_SLAVE_TIMEOUT
      return push_delivered(200);
    case 1:  // SYSTEM_ERROR
      if (acl) return push_refused(403, error, remark);
      if (remark.contains("illegal characters")) return push_refused(400, error, remark);
      return push_failed(500, error, remark);
    case 2:    // SYSTEM_BUSY
    case 215:  // FLOW_CONTROL
      return push_failed(429, error, remark);
    case 3:   // REQUEST_CODE_NOT_SUPPORTED
    case 29:  // INVALID_PARAMETER
      return push_refused(400, error, remark);
    case 13:  // MESSAGE_ILLEGAL: too large, or its properties are
      return push_refused(413, error, remark);
    case 16:  // NO_PERMISSION
      return push_refused(403, error, remark);
    case kTopicNotExist:
      return push_refused(404, error, remark);
    default:  // SERVICE_NOT_AVAILABLE, GO_AWAY and what later versions add
      return push_failed(503, error, remark);
  }
}

Result<std::unique_ptr<Sender>> make_rocketmq_sender(asio::io_context& io, Connection connection,
                                                     Metrics& metrics, http::NameOptions names) {
  RETURN_IF_ERROR(check_option_names(connection, {"group", "instance_namespace"}));
  if (!connection.user.empty() || !connection.secret.empty()) {
    RETURN_IF_ERROR(require_keys(connection));
  }
  RocketMqSender::Facts facts{.group = text_option(connection, "group", "ferry"),
                              .name_servers = addresses_of(connection.address)};
  ASSIGN_OR_RETURN(facts.instance_namespace, flag_option(connection, "instance_namespace", false));
  if (facts.name_servers.empty()) {
    return fail(ErrorCode::kInvalidRequest,
                "the connection " + connection.name + " has no address of a name server");
  }
  ASSIGN_OR_RETURN(auto transport,
                   RocketMqTransport::make(io, connection, metrics, std::move(names)));
  return std::make_unique<RocketMqSender>(std::move(connection), std::move(facts),
                                          std::move(transport));
}

}  // namespace ferry::dispatch
