#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dispatch/senders/rocketmq_frame.h"
#include "http/awaitable.h"

namespace ferry::dispatch {

// A name server and broker in one, on a free loopback port, that answers as its test says. It lives
// on the io_context of the test.
class FakeRocketMq {
 public:
  struct Reply {
    std::string bytes;  // raw; empty: nothing is sent
    bool then_close = false;
  };

  explicit FakeRocketMq(asio::io_context& io);
  ~FakeRocketMq();

  std::string address() const;  // "127.0.0.1:port"
  std::size_t connections() const;
  const std::vector<RocketMqFrame>& requests() const;
  // Those with that code.
  std::vector<RocketMqFrame> requests(std::int32_t code) const;

  // Decides on every request; until then all are answered well.
  void reply_with(std::function<Reply(const RocketMqFrame&)> reply);

  // A good answer: this server as the master of two queues, or a stored message.
  std::string good_answer(const RocketMqFrame& request) const;

  struct State;

 private:
  std::shared_ptr<State> state_;  // shared with the connections' coroutines
};

// The bytes of an answer to `request`.
std::string rocketmq_answer(const RocketMqFrame& request, std::int32_t code,
                            std::string remark = "", std::string body = "");

}  // namespace ferry::dispatch
