#include "dispatch/senders/senders.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <cstdlib>

#include "dispatch/senders/sender_under_test.h"

namespace ferry::dispatch {
namespace {

struct SendersTest : testing::Test {
  SendersTest() { ::setenv("SSL_CERT_FILE", "/dev/null", 1); }

  asio::io_context io;
  CannedClient client;
  CannedClient operator_client;
  Metrics metrics;
  SenderParts parts{io, client, operator_client, metrics, 1};
};

TEST_F(SendersTest, CallsUrlsOfUsersWithTheClientThatGuardsAddresses) {
  auto sender = make_sender(parts, {.kind = PushKind::kHttp});
  ASSERT_TRUE(sender.has_value());
  send_now(**sender, sample_push("https://example.com/"));
  EXPECT_EQ(client.requests.size(), 1u);
  EXPECT_TRUE(operator_client.requests.empty());
}

TEST_F(SendersTest, CallsServicesWithTheOperatorsClient) {
  for (const auto& [kind, target] :
       std::map<PushKind, std::string_view>{{PushKind::kMns, "mns://c/queues/q"},
                                            {PushKind::kEventBridge, "eventbridge://c/bus"},
                                            {PushKind::kSqs, "sqs://c/q"}}) {
    Connection connection{.kind = kind, .address = "http://h", .user = "AK", .secret = "SK"};
    if (kind == PushKind::kSqs) connection.options["account"] = "1";
    auto sender = make_sender(parts, connection);
    ASSERT_TRUE(sender.has_value()) << sender.error().text;
    send_now(**sender, sample_push(target));
  }
  EXPECT_EQ(operator_client.requests.size(), 3u);
  EXPECT_TRUE(client.requests.empty());
}

TEST_F(SendersTest, PassesOnWhatAKindRefuses) {
  EXPECT_TRUE(make_sender(parts, {.kind = PushKind::kRocketMq, .address = "h:1"}).has_value());
  EXPECT_FALSE(make_sender(parts, {.kind = PushKind::kRocketMq}).has_value());
  const auto function = make_sender(parts, {.kind = PushKind::kFunction});
  ASSERT_FALSE(function.has_value());
  EXPECT_TRUE(function.error().text.contains("function"));
}

}  // namespace
}  // namespace ferry::dispatch
