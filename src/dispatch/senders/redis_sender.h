#pragma once

#include <memory>
#include <string_view>

#include "dispatch/senders/broker_thread.h"
#include "dispatch/senders/sender.h"

namespace ferry::dispatch {

// Appends results to Redis streams: `XADD {target.name} [MAXLEN ~ n] * id {event id} body {record}`
// and one field for each native header. Delivered is what got an entry id, which is the answer.
//
// Connection: `address` "host:port[,host:port…]" (6379), of which the first that accepts serves;
// `user` and `secret` for AUTH (the secret alone before Redis 6); no TLS, which check_connection
// refuses. Options:
//   maxlen  entries that the stream is trimmed to, roughly; without it nothing is trimmed
//   db      number of the database, 0 without it
class RedisSender final : public Sender {
 public:
  explicit RedisSender(Connection connection);
  ~RedisSender() override;

  Awaitable<PushResult> send(Push push) override;

 private:
  class Link;
  std::unique_ptr<Link> link_;  // used on the thread alone
  BrokerThread thread_;
};

inline constexpr std::uint16_t kRedisPort = 6379;

// An error reply ("WRONGTYPE Operation against …") judged (contract section 6): what names a wrong
// key, user or permission is final, everything else may pass.
PushResult redis_refusal(std::string_view reply);

}  // namespace ferry::dispatch
