#include "app/metrics_listener.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <optional>

#include "http/pooled_client.h"

namespace ferry::app {
namespace {

using Answer = Result<http::ClientResponse>;

Awaitable<void> send(http::Client& client, http::ClientRequest request,
                     std::optional<Answer>& answer) {
  answer = co_await client.send(std::move(request));
}

class MetricsListener : public testing::Test {
 protected:
  void SetUp() override {
    auto server = listen_for_metrics(io_, {.host = "127.0.0.1", .port = 0}, metrics_);
    ASSERT_TRUE(server) << server.error().text;
    server_ = std::move(*server);
    http::ClientOptions options;
    options.guard.allow_all = true;
    auto client = http::PooledClient::make(io_, options, metrics_);
    ASSERT_TRUE(client) << client.error().text;
    client_ = std::move(*client);
  }

  http::ClientResponse ask(const std::string& method, const std::string& target) {
    std::optional<Answer> answer;
    const std::string url = "http://127.0.0.1:" + std::to_string(server_->port()) + target;
    http::ClientRequest request{.method = method,
                                .url = url,
                                .timeout = std::chrono::seconds(30),
                                .response_bytes_max = 1 << 20};
    asio::co_spawn(io_, send(*client_, std::move(request), answer),
                   [this](const std::exception_ptr&) { io_.stop(); });
    io_.restart();
    io_.run();
    EXPECT_TRUE(answer && *answer);
    return answer && *answer ? **answer : http::ClientResponse{};
  }

  asio::io_context io_{1};
  Metrics metrics_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<http::PooledClient> client_;
};

TEST_F(MetricsListener, MetricsAreServedWithoutAToken) {
  metrics_.accepted_total.add(41);
  const auto response = ask("GET", "/metrics?x=y");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(*response.headers.find("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_TRUE(response.body.view().contains(" 41\n"));
}

TEST_F(MetricsListener, HealthIsServed) {
  const auto response = ask("GET", "/healthz");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body.view(), R"({"status":"ok"})");
}

TEST_F(MetricsListener, NothingElseIs) {
  EXPECT_EQ(ask("GET", "/").status, 404);
  EXPECT_EQ(ask("GET", "/v2/keys").status, 404);
  const auto response = ask("POST", "/metrics");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(*response.headers.find("Allow"), "GET");
}

}  // namespace
}  // namespace ferry::app
