#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "dispatch/senders/broker_thread.h"
#include "dispatch/senders/sender.h"

namespace ferry::dispatch {

// Publishes results to an exchange of RabbitMQ (AMQP 0-9-1) as persistent, mandatory messages:
// message_id is the event id, correlation_id the request id, and the native headers are the header
// table. Delivered is what the broker confirmed; a message that no queue takes is final, 404.
//
// Connection: `address` "host:port[,host:port…]" (5672, or 5671 with `tls`), of which the first
// that accepts serves; `user` and `secret`, "guest" both without; `tls` with `ca_file`. Options:
//   vhost   the virtual host, "/" without it
class RabbitMqSender final : public Sender {
 public:
  explicit RabbitMqSender(Connection connection);
  ~RabbitMqSender() override;

  Awaitable<PushResult> send(Push push) override;

 private:
  class Link;
  std::unique_ptr<Link> link_;  // used on the thread alone
  BrokerThread thread_;
};

// A reply code of the broker (AMQP 0-9-1 section 1.1, connection.close, channel.close or
// basic.return) with its text, judged: what names a missing or forbidden thing or a message that is
// too large is final, what names a state of the broker may pass.
PushResult amqp_refusal(std::uint16_t code, std::string text);

}  // namespace ferry::dispatch
