#include "domain/push_target.h"

#include <gtest/gtest.h>

#include "domain/limits.h"

namespace ferry {
namespace {

PushTarget parsed(std::string_view text) {
  const Result<PushTarget> target = parse_push_target(text);
  EXPECT_TRUE(target.has_value()) << text << ": " << (target ? "" : target.error().text);
  return target.value_or(PushTarget{});
}

// The text of the refusal; empty when the target was accepted.
std::string refusal(std::string_view text) {
  const Result<PushTarget> target = parse_push_target(text);
  if (target) return "";
  EXPECT_EQ(target.error().code, ErrorCode::kInvalidRequest);
  return target.error().text;
}

TEST(PushTarget, ReadsTheQueuesAndTopicsOfMnsArns) {
  const PushTarget queue = parsed("acs:mns:cn-shanghai:1234:/queues/q-1/messages");
  EXPECT_EQ(queue.kind, PushKind::kMns);
  EXPECT_EQ(queue.text, "acs:mns:cn-shanghai:1234:/queues/q-1/messages");
  EXPECT_EQ(queue.connection, "mns");
  EXPECT_EQ(queue.region, "cn-shanghai");
  EXPECT_EQ(queue.account, "1234");
  EXPECT_EQ(queue.name, "q-1");
  EXPECT_FALSE(queue.is_topic);

  const PushTarget topic = parsed("acs:mns:::topics/t");
  EXPECT_TRUE(topic.is_topic);
  EXPECT_EQ(topic.name, "t");
  EXPECT_EQ(topic.region, "");
  EXPECT_EQ(topic.account, "");
}

TEST(PushTarget, ReadsFunctionsOfBothGenerations) {
  const PushTarget two = parsed("acs:fc:cn-x:1:services/Svc.LATEST/functions/f_1");
  EXPECT_EQ(two.kind, PushKind::kFunction);
  EXPECT_EQ(two.connection, "");
  EXPECT_EQ(two.name, "Svc$f_1");
  EXPECT_EQ(two.qualifier, "LATEST");
  EXPECT_EQ(parsed("acs:fc:::services/Svc/functions/f").qualifier, "");

  const PushTarget three = parsed("acs:fc:cn-x::functions/f");
  EXPECT_EQ(three.name, "f");
  EXPECT_EQ(three.qualifier, "");
  EXPECT_EQ(parsed("acs:fc:cn-x:1:/functions/f/prod").qualifier, "prod");
}

TEST(PushTarget, ReadsEventBusesAndRocketMqTopicsOfArns) {
  const PushTarget bus = parsed("acs:eventbridge:cn-x:1:eventbus/my-bus");
  EXPECT_EQ(bus.kind, PushKind::kEventBridge);
  EXPECT_EQ(bus.connection, "eventbridge");
  EXPECT_EQ(bus.name, "my-bus");

  const PushTarget topic = parsed("acs:mq:cn-x:1:/instances/rmq-i/topic/results");
  EXPECT_EQ(topic.kind, PushKind::kRocketMq);
  EXPECT_EQ(topic.connection, "rocketmq");
  EXPECT_EQ(topic.instance, "rmq-i");
  EXPECT_EQ(topic.name, "results");
}

TEST(PushTarget, RefusesArnsOfAnotherForm) {
  for (const std::string_view text :
       {"acs:fc:cn-shanghai:1234/functions/my-func",  // four parts, as some pages print it
        "acs:",
        "acs:mns",
        "acs:mns:r:a",
        "acs:mns:r:a:",
        "acs:mns:r:a:/queues/",
        "acs:mns:r:a:/queues//messages",
        "acs:mns:r:a:/queues/q/other",
        "acs:mns:r:a:/buckets/q",
        "acs:mns:r:a:/queues/q/messages/more",
        "acs:mns:r:a:/queues/q?x",
        "acs:mns:r/x:a:/queues/q/messages",
        "acs:fc:::functions/",
        "acs:fc:::functions/f/",
        "acs:fc:::functions/f/q/more",
        "acs:fc:::services//functions/f",
        "acs:fc:::services/s./functions/f",
        "acs:fc:::services/s$t/functions/f",
        "acs:fc:::services/s/functions/",
        "acs:fc:::functions/s$f",
        "acs:fc:::functions/f/a$b",
        "acs:eventbridge:::eventbus",
        "acs:eventbridge:::eventbus/a/b",
        "acs:mq:::/instances//topic/t",
        "acs:mq:::/instances/i/topic/",
        "acs:mq:::/instances/i/topics/t",
        "acs:log:::project/p"}) {
    EXPECT_NE(refusal(text), "") << text;
  }
}

TEST(PushTarget, ReadsTheUrlsOfConnections) {
  const PushTarget kafka = parsed("kafka://main/results.v1");
  EXPECT_EQ(kafka.kind, PushKind::kKafka);
  EXPECT_EQ(kafka.connection, "main");
  EXPECT_EQ(kafka.name, "results.v1");
}

TEST(PushTarget, ReadsExchangeAndRoutingKeyOfRabbitMq) {
  const PushTarget both = parsed("amqp://rabbit/results/fc.ok/more");
  EXPECT_EQ(both.kind, PushKind::kRabbitMq);
  EXPECT_EQ(both.name, "results");
  EXPECT_EQ(both.routing_key, "fc.ok/more");
  EXPECT_EQ(parsed("amqp://rabbit/fanout").routing_key, "");
  const PushTarget queue = parsed("amqp://rabbit//queue");  // by the default exchange
  EXPECT_EQ(queue.name, "");
  EXPECT_EQ(queue.routing_key, "queue");
  EXPECT_EQ(parsed("amqp://rabbit/a%2Fb/k").name, "a/b");
}

TEST(PushTarget, ReadsTheOtherUrls) {
  EXPECT_EQ(parsed("nats://n/fc.results").kind, PushKind::kNats);
  EXPECT_EQ(parsed("nats://n/fc.results").name, "fc.results");
  EXPECT_EQ(parsed("redis://r/fc:results/a%20b").kind, PushKind::kRedis);
  EXPECT_EQ(parsed("redis://r/fc:results/a%20b").name, "fc:results/a b");
  EXPECT_EQ(parsed("sqs://aws/results.fifo").kind, PushKind::kSqs);
  EXPECT_EQ(parsed("sqs://aws/results.fifo").name, "results.fifo");
  EXPECT_EQ(parsed("rocketmq://local/MQ_INST_1%25t").name, "MQ_INST_1%t");
  EXPECT_EQ(parsed("rocketmq://local/t").connection, "local");
  EXPECT_FALSE(parsed("mns://other/queues/q").is_topic);
  EXPECT_TRUE(parsed("mns://other/topics/t").is_topic);
  EXPECT_EQ(parsed("mns://other/topics/t").connection, "other");
  EXPECT_EQ(parsed("eventbridge://bridge/bus").name, "bus");
  EXPECT_EQ(parsed("KAFKA://main/t").kind, PushKind::kKafka);
}

TEST(PushTarget, RefusesUrlsThatNameNothing) {
  for (const std::string_view text : {"kafka://",
                                      "kafka://main",
                                      "kafka://main/",
                                      "kafka:///t",
                                      "kafka://main/a/b",
                                      "kafka://main/..",
                                      "kafka://main/t?acks=1",
                                      "kafka://main/t#f",
                                      "amqp://rabbit//",
                                      "nats://n/fc.>",
                                      "nats://n/*.a",
                                      "nats://n/.a",
                                      "nats://n/a.",
                                      "nats://n/a..b",
                                      "nats://n/a%20b",
                                      "mns://m/q",
                                      "mns://m/queues/",
                                      "mns://m/topics/a/b",
                                      "rocketmq://r/a/b",
                                      "sqs://s/a/b",
                                      "eventbridge://e/a%2Fb",
                                      "redis://r/"}) {
    EXPECT_NE(refusal(text), "") << text;
  }
}

TEST(PushTarget, RefusesAddressesAndNeverShowsCredentials) {
  EXPECT_TRUE(refusal("kafka://broker:9092/t").contains("configured connection"));
  EXPECT_TRUE(refusal("kafka://[::1]/t").contains("configured connection"));
  for (const std::string_view text :
       {"amqp://user:hush@rabbit/x/y", "redis://:hush@r/k", "https://user:hush@example.com/",
        "http://user:hush@", "http://hush@example.com?x"}) {
    EXPECT_TRUE(refusal(text).contains("credentials")) << text;
    EXPECT_FALSE(refusal(text).contains("hush")) << text;
  }
}

TEST(PushTarget, ReadsHttpUrlsAndTheirModes) {
  const PushTarget plain = parsed("https://example.com/a?b=c@d");
  EXPECT_EQ(plain.kind, PushKind::kHttp);
  EXPECT_EQ(plain.mode, PushTarget::Mode::kPlain);
  EXPECT_EQ(plain.name, "https://example.com/a?b=c@d");
  EXPECT_EQ(plain.connection, "");
  EXPECT_EQ(parsed("http://h:8080/x#plain").mode, PushTarget::Mode::kPlain);
  const PushTarget structured = parsed("http://h/x#ce-structured");
  EXPECT_EQ(structured.mode, PushTarget::Mode::kStructured);
  EXPECT_EQ(structured.name, "http://h/x");
  EXPECT_EQ(structured.text, "http://h/x#ce-structured");
  EXPECT_EQ(parsed("HTTP://h#ce-binary").mode, PushTarget::Mode::kBinary);
  for (const std::string_view text :
       {"http://", "http:///x", "http://h:99999/", "http://h/#ce", "http://h/#", "https:/h"}) {
    EXPECT_NE(refusal(text), "") << text;
  }
}

TEST(PushTarget, SaysHowToAskForTlsWithRedis) {
  EXPECT_TRUE(refusal("rediss://r/k").contains("setting of the connection"));
}

TEST(PushTarget, RefusesWhatIsNeitherArnNorKnownScheme) {
  EXPECT_TRUE(refusal("").contains("empty"));
  EXPECT_TRUE(refusal("queue").contains("neither"));
  EXPECT_TRUE(refusal("ftp://u:hush@h/x").contains("ftp://"));
  EXPECT_FALSE(refusal("ftp://u:hush@h/x").contains("hush"));
  EXPECT_NE(refusal("kafka://main/a b"), "");
  EXPECT_NE(refusal("kafka://main/a\nb"), "");
  EXPECT_NE(refusal("http://h/\xFF"), "");
}

TEST(PushTarget, IsLimitedInLength) {
  std::string text = "redis://r/";
  text.resize(limits::kPushTargetBytesMax, 'k');
  EXPECT_EQ(refusal(text), "");
  text += 'k';
  EXPECT_TRUE(refusal(text).contains("2048"));
}

TEST(PushTarget, NamesEachKindAsItsUrlsDo) {
  for (const std::string_view scheme :
       {"kafka", "amqp", "nats", "redis", "sqs", "rocketmq", "eventbridge"}) {
    EXPECT_EQ(push_kind_name(parsed(std::string(scheme) + "://c/n").kind), scheme);
  }
  EXPECT_EQ(push_kind_name(parsed("mns://c/queues/q").kind), "mns");
  EXPECT_EQ(push_kind_name(parsed("http://h").kind), "http");
  EXPECT_EQ(push_kind_name(PushKind::kFunction), "function");
}

TEST(PushTarget, LimitsPushesAsEachSystemDoes) {
  EXPECT_EQ(push_bytes_max(PushKind::kMns), 65'536u);
  EXPECT_EQ(push_bytes_max(PushKind::kFunction), 131'072u);
  EXPECT_EQ(push_bytes_max(PushKind::kEventBridge), 65'536u);
  EXPECT_EQ(push_bytes_max(PushKind::kRocketMq), 4'194'304u);
  EXPECT_EQ(push_bytes_max(PushKind::kSqs), 262'144u);
  EXPECT_EQ(push_bytes_max(PushKind::kKafka), 1'000'000u);
  EXPECT_GE(push_bytes_max(PushKind::kHttp), 1'048'576u);
  EXPECT_GE(push_bytes_max(PushKind::kRabbitMq), 1'048'576u);
  EXPECT_GE(push_bytes_max(PushKind::kNats), 1'048'576u);
  EXPECT_GE(push_bytes_max(PushKind::kRedis), 1'048'576u);
}

}  // namespace
}  // namespace ferry
