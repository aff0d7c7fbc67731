// ferry_relay: the ceiling. The same HTTP server and client, the same publish path, but no engine,
// no store, no signature: a message is answered at once and forwarded once. Usage: ferry_relay PORT

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "base/log.h"
#include "base/metrics.h"
#include "http/pooled_client.h"
#include "http/server.h"

namespace ferry::bench {
namespace {

constexpr std::string_view kPrefix = "/v2/publish/";

Awaitable<void> forward(http::Client& client, http::ClientRequest request) {
  const auto answer = co_await client.send(std::move(request));
  if (!answer) std::fprintf(stderr, "relay: %s\n", answer.error().text.c_str());
}

struct Relay {
  asio::io_context io{1};
  std::unique_ptr<http::PooledClient> client;
  std::uint64_t count = 0;

  Awaitable<http::ServerResponse> handle(http::Request request) {
    http::ClientRequest onwards{.method = "POST",
                                .url = request.head.target.substr(kPrefix.size()),
                                .headers = {{"User-Agent", "Upstash-QStash"}},
                                .body = std::move(request.body),
                                .timeout = std::chrono::seconds(10),
                                .response_bytes_max = 4096};
    asio::co_spawn(io.get_executor(), forward(*client, std::move(onwards)), asio::detached);
    http::ServerResponse response;
    response.headers.add("Content-Type", "application/json");
    response.body = "{\"messageId\":\"msg_" + std::to_string(++count) + "\"}";
    co_return response;
  }
};

}  // namespace
}  // namespace ferry::bench

int main(int argc, char** argv) {
  using namespace ferry;
  if (argc != 2) return 2;
  log::configure({.level = log::Level::kWarn});
  Metrics metrics;
  bench::Relay relay;
  auto client = http::PooledClient::make(
      relay.io, {.idle_per_host_max = 256, .guard = {.allow_all = true}}, metrics);
  if (!client) return 1;
  relay.client = std::move(*client);
  http::ServerOptions listen;
  listen.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  auto server = http::Server::listen(
      relay.io, listen,
      [](const http::RequestHead&) {
        return http::Admission{.refusal = {}, .body_bytes_max = 1u << 20};
      },
      [&relay](http::Request request) { return relay.handle(std::move(request)); }, metrics);
  if (!server) {
    std::fprintf(stderr, "ferry_relay: %s\n", server.error().text.c_str());
    return 1;
  }
  relay.io.run();
}
