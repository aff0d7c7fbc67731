#include "dispatch/senders/rocketmq_sender.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <exception>

#include "dispatch/senders/rocketmq_under_test.h"
#include "dispatch/senders/sender_under_test.h"

namespace ferry::dispatch {
namespace {

constexpr std::int32_t kGetRoute = 105;
constexpr std::int32_t kGetCluster = 106;
constexpr std::int32_t kSendMessage = 310;

using Reply = FakeRocketMq::Reply;

struct RocketMqSenderTest : testing::Test {
  RocketMqSenderTest() {
    ::setenv("SSL_CERT_FILE", "/dev/null", 1);  // reading the system's CAs takes 30 ms a test
    use({.address = peer.address()});
  }
  void use(Connection connection) {
    connection.name = "rocketmq";
    connection.kind = PushKind::kRocketMq;
    sender = std::move(*make_rocketmq_sender(io, std::move(connection), metrics));
  }
  PushResult send(Push push) {
    std::optional<PushResult> result;
    asio::co_spawn(io.get_executor(), sender->send(std::move(push)),
                   [&result](std::exception_ptr thrown, PushResult sent) {
                     EXPECT_FALSE(thrown);
                     result = std::move(sent);
                   });
    io.restart();
    while (!result && io.run_one() != 0) {
    }
    EXPECT_TRUE(result.has_value());
    return result.value_or(PushResult{});
  }
  PushResult send() { return send(sample_push("rocketmq://rocketmq/results")); }
  // Messages are answered so, routes well.
  void answer_messages(std::function<Reply(const RocketMqFrame&)> reply) {
    peer.reply_with([this, reply](const RocketMqFrame& request) {
      return request.code == kSendMessage ? reply(request) : Reply{peer.good_answer(request)};
    });
  }
  PushResult answered(std::int32_t code, const std::string& remark = "why") {
    answer_messages([code, remark](const RocketMqFrame& request) {
      return Reply{rocketmq_answer(request, code, remark)};
    });
    return send();
  }

  asio::io_context io;
  Metrics metrics;
  FakeRocketMq peer{io};
  std::unique_ptr<Sender> sender;
};

TEST_F(RocketMqSenderTest, SendsTheRecordToAQueueOfTheTopic) {
  const PushResult result = send();
  EXPECT_EQ(result.kind, OutcomeKind::kDelivered) << result.error;
  EXPECT_EQ(result.answer, "7F000001");
  ASSERT_EQ(peer.requests().size(), 2u);
  EXPECT_EQ(peer.requests()[0].fields.at("topic"), "results");
  EXPECT_EQ(peer.requests()[0].fields.at("acceptStandardJsonOnly"), "true");
  const RocketMqFrame message = peer.requests()[1];
  EXPECT_EQ(message.code, kSendMessage);
  EXPECT_EQ(message.body.view(), R"({"a":1})");
  EXPECT_EQ(message.fields.at("a"), "ferry");
  EXPECT_EQ(message.fields.at("b"), "results");
  EXPECT_EQ(message.fields.at("e"), "0");
  EXPECT_EQ(message.fields.at("g"), "1795293484125");
  EXPECT_FALSE(message.fields.contains("Signature"));
}

TEST_F(RocketMqSenderTest, MarksTheMessageWithItsEvent) {
  Push push = sample_push("rocketmq://rocketmq/results");
  push.lineage = "v1;root=r";
  push.trace = {{"traceparent", "00-1-2-01"}, {"baggage", "a\x01z"}, {"tracestate", ""}};
  send(push);
  const std::string properties = peer.requests().back().fields.at("i");
  // UNIQ_KEY is the beginning of the event id's SHA-256.
  EXPECT_EQ(properties,
            "KEYS\x01r-1:s\x02TAGS\x01onSuccess\x02UNIQ_KEY\x01"
            "4C22F5AD8DB760A84353C59F2D34BCF2"
            "\x02WAIT\x01true\x02"
            "x-fcd-lineage\x01v1;root=r\x02traceparent\x01"
            "00-1-2-01\x02");
  push.success = false;
  send(push);
  EXPECT_TRUE(peer.requests().back().fields.at("i").contains("TAGS\x01onFailure\x02UNIQ_KEY"));
}

TEST_F(RocketMqSenderTest, LeavesOutPropertiesBeyondWhatABrokerTakes) {
  Push push = sample_push("rocketmq://rocketmq/results");
  push.trace = {{"baggage", std::string(32'767, 'b')}, {"traceparent", "00-1-2-01"}};
  EXPECT_EQ(send(push).kind, OutcomeKind::kDelivered);
  const std::string properties = peer.requests().back().fields.at("i");
  EXPECT_FALSE(properties.contains("baggage"));
  EXPECT_TRUE(properties.contains("traceparent"));
}

TEST_F(RocketMqSenderTest, KeepsRouteAndConnectionForThePushesThatFollow) {
  for (int i = 0; i < 4; ++i) EXPECT_EQ(send().kind, OutcomeKind::kDelivered);
  EXPECT_EQ(peer.connections(), 1u);  // name server and broker are one here
  EXPECT_EQ(peer.requests(kGetRoute).size(), 1u);
  const auto messages = peer.requests(kSendMessage);
  ASSERT_EQ(messages.size(), 4u);
  EXPECT_EQ(messages[1].fields.at("e"), "1");
  EXPECT_EQ(messages[2].fields.at("e"), "0");
  EXPECT_NE(messages[1].opaque, messages[2].opaque);
}

TEST_F(RocketMqSenderTest, AsksForTheRouteAgainAfterHalfAMinuteOrAFailure) {
  Push push = sample_push("rocketmq://rocketmq/results");
  send(push);
  push.now += std::chrono::milliseconds(29'999);
  send(push);
  EXPECT_EQ(peer.requests(kGetRoute).size(), 1u);
  push.now += std::chrono::milliseconds(1);
  send(push);
  EXPECT_EQ(peer.requests(kGetRoute).size(), 2u);
  answered(14);
  send(push);
  EXPECT_EQ(peer.requests(kGetRoute).size(), 3u);
}

TEST_F(RocketMqSenderTest, SignsEveryRequestWhenThereIsAKey) {
  use({.address = peer.address(), .user = "AK", .secret = "SK", .token = "STS"});
  EXPECT_EQ(send().kind, OutcomeKind::kDelivered);
  for (RocketMqFrame request : peer.requests()) {
    const std::string signature = request.fields.at("Signature");
    request.fields.erase("Signature");
    EXPECT_EQ(signature, rocketmq_signature(request, "SK"));
    EXPECT_EQ(request.fields.at("AccessKey"), "AK");
    EXPECT_EQ(request.fields.at("SecurityToken"), "STS");
  }
}

TEST_F(RocketMqSenderTest, PutsTheInstanceBeforeTheTopicOnRequest) {
  const std::string_view arn = "acs:mq:::/instances/MQ_INST_1/topic/results";
  send(sample_push(arn));
  EXPECT_EQ(peer.requests().back().fields.at("b"), "results");
  use({.address = peer.address(), .options = {{"instance_namespace", "true"}, {"group", "g"}}});
  send(sample_push(arn));
  EXPECT_EQ(peer.requests().back().fields.at("b"), "MQ_INST_1%results");
  EXPECT_EQ(peer.requests().back().fields.at("a"), "g");
}

TEST_F(RocketMqSenderTest, JudgesTheCodesOfABroker) {
  for (const std::int32_t code : {0, 10, 11, 12}) {
    EXPECT_EQ(answered(code).kind, OutcomeKind::kDelivered) << code;
  }
  for (const std::int32_t code : {1, 2, 14, 215, 1500, 9999}) {
    EXPECT_EQ(answered(code).kind, OutcomeKind::kFailed) << code;
  }
  for (const std::int32_t code : {3, 13, 16, 17, 29}) {
    EXPECT_EQ(answered(code).kind, OutcomeKind::kNonRetryable) << code;
  }
  EXPECT_EQ(answered(2).status, 429);
  EXPECT_EQ(answered(13).status, 413);
  EXPECT_EQ(answered(17).status, 404);
  EXPECT_EQ(answered(17, "no topic").error, "RocketMQ answered 17: no topic");
  EXPECT_EQ(answered(1, "AclException: wrong key").status, 403);
  EXPECT_EQ(answered(1, "AclException: wrong key").kind, OutcomeKind::kNonRetryable);
  EXPECT_EQ(answered(1, "illegal characters").kind, OutcomeKind::kNonRetryable);
}

constexpr std::string_view kOneBroker = R"({"brokerAddrTable":{"a":{"brokerAddrs":{0:"h:1"}}}})";
constexpr std::string_view kNoBroker = R"({"brokerAddrTable":{},"clusterAddrTable":{}})";

// No topic is known, and these are the brokers.
std::function<Reply(const RocketMqFrame&)> without_topics(std::string_view brokers) {
  return [brokers](const RocketMqFrame& request) {
    return Reply{request.code == kGetCluster ? rocketmq_answer(request, 0, "", std::string(brokers))
                                             : rocketmq_answer(request, 17, "No topic route info")};
  };
}

TEST_F(RocketMqSenderTest, EndsWhenTheTopicDoesNotExist) {
  peer.reply_with(without_topics(kOneBroker));
  const PushResult result = send();
  EXPECT_EQ(result.kind, OutcomeKind::kNonRetryable);
  EXPECT_EQ(result.status, 404);
  EXPECT_TRUE(peer.requests(kSendMessage).empty());
}

TEST_F(RocketMqSenderTest, TriesAgainLaterWhenNoBrokerIsKnown) {
  peer.reply_with(without_topics(kNoBroker));
  const PushResult result = send();
  EXPECT_EQ(result.kind, OutcomeKind::kFailed);
  EXPECT_EQ(result.status, 503);
}

TEST_F(RocketMqSenderTest, TriesAgainLaterWhenATopicHasDisappeared) {
  Push push = sample_push("rocketmq://rocketmq/results");
  EXPECT_EQ(send(push).kind, OutcomeKind::kDelivered);
  peer.reply_with(without_topics(kOneBroker));
  push.now += std::chrono::minutes(1);
  EXPECT_EQ(send(push).kind, OutcomeKind::kFailed);
  EXPECT_EQ(send(push).kind, OutcomeKind::kFailed);
}

TEST_F(RocketMqSenderTest, TriesAgainLaterWithoutAWritableQueueOrAReadableRoute) {
  for (const char* route : {R"({"brokerDatas":[],"queueDatas":[]})", "no JSON"}) {
    peer.reply_with([route](const RocketMqFrame& request) {
      return Reply{rocketmq_answer(request, 0, "", route)};
    });
    EXPECT_EQ(send().kind, OutcomeKind::kFailed) << route;
  }
}

TEST_F(RocketMqSenderTest, AsksTheNextNameServerWhenOneIsGone) {
  auto gone = std::make_unique<FakeRocketMq>(io);
  const std::string dead = gone->address();
  gone.reset();
  use({.address = dead + ", " + peer.address()});
  EXPECT_EQ(send().kind, OutcomeKind::kDelivered);
  use({.address = dead});
  const PushResult result = send();
  EXPECT_EQ(result.kind, OutcomeKind::kFailed);
  EXPECT_EQ(result.status, 0);
}

TEST_F(RocketMqSenderTest, EndsInTimeWithABrokerThatSaysNothing) {
  answer_messages([](const RocketMqFrame&) { return Reply{}; });
  Push push = sample_push("rocketmq://rocketmq/results");
  push.timeout = std::chrono::milliseconds(60);
  const PushResult result = send(push);
  EXPECT_EQ(result.kind, OutcomeKind::kFailed);
  EXPECT_EQ(result.status, 0);
  EXPECT_TRUE(result.error.contains("timed out")) << result.error;
}

TEST_F(RocketMqSenderTest, SurvivesABrokerThatClosesOrTalksNonsense) {
  answer_messages([](const RocketMqFrame&) { return Reply{"", true}; });
  EXPECT_EQ(send().kind, OutcomeKind::kFailed);
  answer_messages([](const RocketMqFrame&) { return Reply{"HTTP/1.1 400 Bad Request\r\n\r\n"}; });
  EXPECT_EQ(send().kind, OutcomeKind::kFailed);
  answer_messages([](const RocketMqFrame& request) {
    RocketMqFrame other = request;
    other.opaque += 1000;
    return Reply{rocketmq_answer(other, 0)};
  });
  EXPECT_TRUE(send().error.contains("another request"));
  answer_messages([](const RocketMqFrame& request) {  // half an answer
    return Reply{rocketmq_answer(request, 0).substr(0, 30), true};
  });
  EXPECT_EQ(send().kind, OutcomeKind::kFailed);
}

TEST_F(RocketMqSenderTest, PassesOverRequestsOfTheBroker) {
  answer_messages([](const RocketMqFrame& request) {
    const RocketMqFrame notice{.code = 40, .opaque = request.opaque};
    return Reply{write_rocketmq_head(notice) + rocketmq_answer(request, 0)};
  });
  EXPECT_EQ(send().kind, OutcomeKind::kDelivered);
}

TEST_F(RocketMqSenderTest, LeavesAConnectionThatTheBrokerWantsToEnd) {
  answered(1500);
  answered(0);
  EXPECT_EQ(peer.connections(), 2u);
}

TEST_F(RocketMqSenderTest, ConnectsAnewWhenTheBrokerClosedInBetween) {
  answer_messages(
      [](const RocketMqFrame& request) { return Reply{rocketmq_answer(request, 0), true}; });
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(send().kind, OutcomeKind::kDelivered);
    while (io.poll() != 0) {
    }
  }
  EXPECT_EQ(peer.connections(), 3u);
}

TEST_F(RocketMqSenderTest, RefusesRecordsBeyondTheLimit) {
  use({.address = peer.address(), .body_bytes_max = 7});
  EXPECT_EQ(send().kind, OutcomeKind::kDelivered);
  use({.address = peer.address(), .body_bytes_max = 6});
  EXPECT_EQ(send().status, 413);
}

TEST_F(RocketMqSenderTest, IsRefusedWithoutAddressHalfAKeyOrWithAnUnknownOption) {
  const auto made = [this](Connection connection) {
    return make_rocketmq_sender(io, std::move(connection), metrics).has_value();
  };
  EXPECT_TRUE(made({.address = "h:9876;i:9876"}));
  EXPECT_FALSE(made({.address = " , "}));
  EXPECT_FALSE(made({.address = "h:1", .user = "AK"}));
  EXPECT_FALSE(made({.address = "h:1", .options = {{"topic", "x"}}}));
  EXPECT_FALSE(made({.address = "h:1", .tls = true, .ca_file = "/nonexistent"}));
}

}  // namespace
}  // namespace ferry::dispatch
