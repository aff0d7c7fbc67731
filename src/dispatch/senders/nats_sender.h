#pragma once

#include <memory>
#include <string>

#include "dispatch/senders/broker_thread.h"
#include "dispatch/senders/sender.h"

namespace ferry::dispatch {

// Publishes results to a subject of NATS JetStream, with the native headers and the event id as
// Nats-Msg-Id, by which the stream leaves out repeats. Delivered is what a stream acknowledged,
// its name and sequence are the answer; without a stream for the subject the push fails, to be
// tried again.
//
// Connection: `address` "host:port[,host:port…]" (4222), of which the first that accepts serves;
// `user` and `secret`, or `token`; `tls` with `ca_file`. No options.
class NatsSender final : public Sender {
 public:
  explicit NatsSender(Connection connection);
  ~NatsSender() override;

  Awaitable<PushResult> send(Push push) override;

 private:
  class Link;
  std::unique_ptr<Link> link_;  // used on the thread alone
  BrokerThread thread_;
};

// Why the client library (a natsStatus) or, where that is not 0, the JetStream server (its
// err_code) failed, judged: a missing permission and a message that is too large are final.
PushResult nats_failure(int status, int jetstream_code, std::string text);

}  // namespace ferry::dispatch
