#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ferry::dispatch {

// A queue of a topic that can be written to.
struct RocketMqQueue {
  std::string address;  // "host:port" of the master that has it
  std::int32_t id = 0;

  friend bool operator==(const RocketMqQueue&, const RocketMqQueue&) = default;
};

// Queues of one topic that are used at most; a topic has some dozens.
inline constexpr std::size_t kRocketMqQueuesMax = 4096;

// Reads what a name server answers to GET_ROUTEINFO_BY_TOPIC: the queues of all brokers that have a
// master and may be written to, one of each broker in turn, so that consecutive messages spread.
// May be empty. kProtocolError when it is not that document.
Result<std::vector<RocketMqQueue>> read_rocketmq_route(std::string_view document);

}  // namespace ferry::dispatch
