#include "dispatch/senders/connection_rules.h"

#include <gtest/gtest.h>

namespace ferry::dispatch {
namespace {

Connection connection(PushKind kind, std::string address = "127.0.0.1:1") {
  Connection made;
  made.name = "orders";
  made.kind = kind;
  made.address = std::move(address);
  return made;
}

std::string error_of(const Connection& connection) {
  const auto checked = check_connection(connection);
  return checked ? "" : checked.error().text;
}

TEST(ConnectionRules, KindsAreNamedAsInDestinations) {
  for (const PushKind kind :
       {PushKind::kMns, PushKind::kEventBridge, PushKind::kRocketMq, PushKind::kKafka,
        PushKind::kRabbitMq, PushKind::kNats, PushKind::kRedis, PushKind::kSqs}) {
    EXPECT_EQ(connection_kind(push_kind_name(kind)), kind);
  }
}

TEST(ConnectionRules, WhatNeedsNoConnectionIsNoKind) {
  for (const std::string_view name : {"http", "function", "", "Kafka", "rabbitmq"}) {
    const auto kind = connection_kind(name);
    ASSERT_FALSE(kind) << name;
    EXPECT_EQ(kind.error().text,
              "expected one of mns, eventbridge, rocketmq, kafka, amqp, nats, redis, sqs");
  }
}

TEST(ConnectionRules, AnAddressIsRequiredInTheFormOfItsKind) {
  EXPECT_EQ(error_of(connection(PushKind::kKafka, "")), "address: it is missing");
  EXPECT_EQ(error_of(connection(PushKind::kKafka, "http://k")),
            "address: expected host:port[,host:port…]");
  EXPECT_EQ(error_of(connection(PushKind::kMns, "k:1")), "address: expected an http or https URL");
  EXPECT_EQ(error_of(connection(PushKind::kMns, "https://mns.example")), "");
  EXPECT_EQ(error_of(connection(PushKind::kKafka, "a:1,b:2")), "");
}

TEST(ConnectionRules, RedisHasNoTls) {
  Connection redis = connection(PushKind::kRedis);
  EXPECT_EQ(error_of(redis), "");
  redis.tls = true;
  EXPECT_EQ(error_of(redis), "tls: not supported for redis; put a TLS tunnel in front of it");
}

TEST(ConnectionRules, AUrlSaysByItselfWhetherItIsTls) {
  Connection sqs = connection(PushKind::kSqs, "https://sqs.example");
  sqs.tls = true;
  EXPECT_EQ(error_of(sqs), "tls: the address says it, by https");
}

TEST(ConnectionRules, OfAnotherKindAreRefused) {
  Connection nats = connection(PushKind::kNats);
  nats.options["maxlen"] = "1";
  EXPECT_EQ(error_of(nats), "maxlen: nats has no such field");
}

TEST(ConnectionRules, ValuesAreChecked) {
  struct Case {
    PushKind kind;
    std::string name, value, error;
  };
  const std::vector<Case> cases{
      {PushKind::kRedis, "maxlen", "1", ""},
      {PushKind::kRedis, "maxlen", "0", "maxlen: expected a number of entries"},
      {PushKind::kRedis, "maxlen", "1k", "maxlen: expected a number of entries"},
      {PushKind::kRedis, "db", "0", ""},
      {PushKind::kRedis, "db", "-1", "db: expected a number"},
      {PushKind::kRabbitMq, "vhost", "/orders", ""},
      {PushKind::kRabbitMq, "vhost", "", "vhost: expected a name"},
      {PushKind::kKafka, "sasl_mechanism", "SCRAM-SHA-512", ""},
      {PushKind::kKafka, "sasl_mechanism", "GSSAPI",
       "sasl_mechanism: expected PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512"},
  };
  for (const Case& checked : cases) {
    Connection made = connection(checked.kind);
    made.options[checked.name] = checked.value;
    EXPECT_EQ(error_of(made), checked.error) << checked.name << "=" << checked.value;
  }
}

TEST(ConnectionRules, KafkaWantsAUserWithASecret) {
  Connection kafka = connection(PushKind::kKafka);
  kafka.user = "u";
  EXPECT_EQ(error_of(kafka), "user and secret only make sense together");
  kafka.secret = "s";
  EXPECT_EQ(error_of(kafka), "");
}

}  // namespace
}  // namespace ferry::dispatch
