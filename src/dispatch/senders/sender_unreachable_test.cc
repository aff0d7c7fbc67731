// Brokers that cannot be reached or say nothing: a push ends in time and is tried again.

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>

#include "base/check.h"
#include "dispatch/senders/kafka_sender.h"
#include "dispatch/senders/nats_sender.h"
#include "dispatch/senders/rabbitmq_sender.h"
#include "dispatch/senders/redis_sender.h"
#include "dispatch/senders/sender_fixture.h"

namespace ferry::dispatch {
namespace {

using asio::ip::tcp;

std::unique_ptr<Sender> sender_for(PushKind kind, const std::string& address) {
  Connection connection;
  connection.name = "nowhere";
  connection.kind = kind;
  connection.address = address;
  if (kind == PushKind::kKafka) return std::make_unique<KafkaSender>(connection);
  if (kind == PushKind::kRabbitMq) return std::make_unique<RabbitMqSender>(connection);
  if (kind == PushKind::kNats) return std::make_unique<NatsSender>(connection);
  CHECK(kind == PushKind::kRedis);
  return std::make_unique<RedisSender>(connection);
}

const tcp::endpoint kAnyPort(asio::ip::address_v4::loopback(), 0);

std::string text_of(const tcp::endpoint& endpoint) {
  return "127.0.0.1:" + std::to_string(endpoint.port());
}

// Takes connections and never says anything.
class SilentPort {
 public:
  std::string address() const { return text_of(acceptor_.local_endpoint()); }

 private:
  asio::io_context io_;
  tcp::acceptor acceptor_{io_, kAnyPort};
};

// Taken, so that nobody else listens there, and without a listener.
class ClosedPort {
 public:
  std::string address() const { return text_of(socket_.local_endpoint()); }

 private:
  asio::io_context io_;
  tcp::socket socket_{io_, kAnyPort};
};

class UnreachableBroker : public testing::TestWithParam<PushKind> {};

TEST_P(UnreachableBroker, ThatRefusesConnectionsIsTriedAgain) {
  const ClosedPort port;
  SenderBed bed;
  const auto sender = sender_for(GetParam(), port.address());
  const auto result =
      bed.send(*sender, example_push(GetParam(), "fc.results", std::chrono::minutes(1)));
  EXPECT_EQ(result.kind, OutcomeKind::kFailed);
  EXPECT_EQ(result.status, 0);
  EXPECT_NE(result.error, "the push did not end in time");
  EXPECT_FALSE(result.error.empty());
}

TEST_P(UnreachableBroker, ThatSaysNothingEndsByTheDeadline) {
  const SilentPort port;
  SenderBed bed;
  const auto sender = sender_for(GetParam(), port.address());
  const auto result =
      bed.send(*sender, example_push(GetParam(), "fc.results", std::chrono::milliseconds(100)));
  EXPECT_EQ(result.kind, OutcomeKind::kFailed);
  EXPECT_EQ(result.status, 0);
}

INSTANTIATE_TEST_SUITE_P(Brokers, UnreachableBroker,
                         testing::Values(PushKind::kKafka, PushKind::kRabbitMq, PushKind::kNats,
                                         PushKind::kRedis),
                         [](const auto& kind) { return std::string(push_kind_name(kind.param)); });

}  // namespace
}  // namespace ferry::dispatch
