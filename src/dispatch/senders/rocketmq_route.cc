#include "dispatch/senders/rocketmq_route.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <map>
#include <tuple>

namespace ferry::dispatch {
namespace {

namespace json = boost::json;

constexpr std::int64_t kWritable = 2;        // PermName.PERM_WRITE
constexpr std::string_view kMasterId = "0";  // MixAll.MASTER_ID

const json::value* member(const json::value& value, std::string_view name) {
  const json::object* object = value.if_object();
  return object == nullptr ? nullptr : object->if_contains({name.data(), name.size()});
}

std::string text(const json::value& value, std::string_view name) {
  const json::value* found = member(value, name);
  const json::string* string = found == nullptr ? nullptr : found->if_string();
  return string == nullptr ? "" : std::string(string->data(), string->size());
}

std::int64_t number(const json::value& value, std::string_view name) {
  const json::value* found = member(value, name);
  boost::system::error_code error;
  return found == nullptr ? 0 : found->to_number<std::int64_t>(error);
}

// Addresses of masters by the name of their broker.
std::map<std::string, std::string> masters_of(const json::array& brokers) {
  std::map<std::string, std::string> masters;
  for (const json::value& broker : brokers) {
    const json::value* addresses = member(broker, "brokerAddrs");
    const std::string master = addresses == nullptr ? "" : text(*addresses, kMasterId);
    if (!master.empty()) masters[text(broker, "brokerName")] = master;
  }
  return masters;
}

}  // namespace

Result<std::vector<RocketMqQueue>> read_rocketmq_route(std::string_view document) {
  boost::system::error_code error;
  const json::value root = json::parse({document.data(), document.size()}, error);
  const json::value* brokers = error ? nullptr : member(root, "brokerDatas");
  const json::value* queues = error ? nullptr : member(root, "queueDatas");
  if (brokers == nullptr || !brokers->is_array() || queues == nullptr || !queues->is_array()) {
    return fail(ErrorCode::kProtocolError, "the name server's answer is no route");
  }
  const std::map<std::string, std::string> masters = masters_of(brokers->get_array());
  std::vector<RocketMqQueue> route;
  for (const json::value& queue : queues->get_array()) {
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
