#include "dispatch/senders/rocketmq_route.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "base/json.h"

namespace ferry::dispatch {
namespace {

constexpr std::int64_t kWritable = 2;        // PermName.PERM_WRITE
constexpr std::string_view kMasterId = "0";  // MixAll.MASTER_ID

std::string text(const JsonValue& value, std::string_view name) {
  const auto found = value.find(name);
  return std::string(found ? found->text().value_or("") : "");
}

std::int64_t number(const JsonValue& value, std::string_view name) {
  const auto found = value.find(name);
  return found ? found->integer().value_or(0) : 0;
}

// Addresses of masters by the name of their broker.
std::map<std::string, std::string> masters_of(const JsonValue& brokers) {
  std::map<std::string, std::string> masters;
  for (std::size_t i = 0; i < brokers.size(); ++i) {
    const JsonValue broker = brokers.element(i);
    const auto addresses = broker.find("brokerAddrs");
    const std::string master = addresses ? text(*addresses, kMasterId) : "";
    if (!master.empty()) masters[text(broker, "brokerName")] = master;
  }
  return masters;
}

std::optional<JsonValue> array_in(const JsonValue& root, std::string_view name) {
  const auto found = root.find(name);
  if (!found || found->kind() != JsonKind::kArray) return std::nullopt;
  return found;
}

}  // namespace

Result<std::vector<RocketMqQueue>> read_rocketmq_route(std::string_view document) {
  const Result<JsonDocument> parsed = JsonDocument::parse(document);
  const auto brokers = parsed ? array_in(parsed->root(), "brokerDatas") : std::nullopt;
  const auto queues = parsed ? array_in(parsed->root(), "queueDatas") : std::nullopt;
  if (!brokers || !queues) {
    return fail(ErrorCode::kProtocolError, "the name server's answer is no route");
  }
  const std::map<std::string, std::string> masters = masters_of(*brokers);
  std::vector<RocketMqQueue> route;
  for (std::size_t i = 0; i < queues->size(); ++i) {
    const JsonValue queue = queues->element(i);
    const auto master = masters.find(text(queue, "brokerName"));
    if (master == masters.end() || (number(queue, "perm") & kWritable) == 0) continue;
    const std::int64_t count = number(queue, "writeQueueNums");
    for (std::int32_t id = 0; id < count && route.size() < kRocketMqQueuesMax; ++id) {
      route.push_back({master->second, id});
    }
  }
  std::ranges::sort(route, {},
                    [](const RocketMqQueue& queue) { return std::tie(queue.id, queue.address); });
  return route;
}

}  // namespace ferry::dispatch
