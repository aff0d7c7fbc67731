#pragma once

#include <memory>
#include <string>

#include "dispatch/senders/broker_thread.h"
#include "dispatch/senders/sender.h"

namespace ferry::dispatch {

// Produces results to a topic of Kafka, idempotently and acknowledged by all replicas: the key is
// the request id, the native headers are the record's headers. Delivered is a delivery report
// without an error; the answer is "partition offset". Several pushes are under way at once.
//
// A topic that does not exist is final (404) once it stayed unknown for half of the push's
// timeout: a broker that creates topics itself has that long.
//
// Connection: `address` "host:port[,host:port…]" (9092), where the library learns of all brokers;
// `user` and `secret` together make it SASL, `tls` with `ca_file` makes it SSL. Options:
//   sasl_mechanism   PLAIN (without it), SCRAM-SHA-256 or SCRAM-SHA-512
class KafkaSender final : public Sender {
 public:
  explicit KafkaSender(Connection connection);
  ~KafkaSender() override;

  Awaitable<PushResult> send(Push push) override;

 private:
  class Link;
  std::unique_ptr<Link> link_;  // used on the thread alone
  BrokerThread thread_;
};

// An error of librdkafka or of a broker (rd_kafka_resp_err_t) judged (contract section 6).
PushResult kafka_failure(int code, std::string text);

}  // namespace ferry::dispatch
