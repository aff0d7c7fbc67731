#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>

#include "http/one_shot.h"
#include "http/server.h"
#include "http/server_fixture.h"

namespace ferry::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr Duration kLong = seconds(60);

// Holds requests until the test lets them go. Used on the server's thread but for `arrived`.
struct Gate {
  std::promise<void> arrived;
  std::unique_ptr<OneShot> open = std::make_unique<OneShot>();
};

Awaitable<ServerResponse> wait_at(Gate* gate) {
  gate->arrived.set_value();
  co_await gate->open->wait();
  ServerResponse response;
  response.body = "through";
  co_return response;
}

Server::Handle hold_at(Gate& gate) {
  return [&gate](Request) { return wait_at(&gate); };
}

// A future that is ready once the server says it has stopped.
std::future<void> stop(RunningServer& server, Duration grace) {
  auto stopped = std::make_shared<std::promise<void>>();
  server.run([&] { server.server().stop(grace, [stopped] { stopped->set_value(); }); });
  return stopped->get_future();
}

bool is_ready(std::future<void>& future) {
  return future.wait_for(seconds(0)) == std::future_status::ready;
}

TEST(ServerStop, WithoutConnectionsIsDoneAtOnce) {
  RunningServer server;
  auto stopped = stop(server, kLong);
  EXPECT_EQ(stopped.wait_for(seconds(20)), std::future_status::ready);
  EXPECT_FALSE(RawClient(server.port()).is_connected());
}

TEST(ServerStop, ClosesIdleConnections) {
  RunningServer server;
  RawClient client(server.port());
  EXPECT_EQ(client.exchange(kGet).status, 200);
  auto stopped = stop(server, kLong);
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(stopped.wait_for(seconds(20)), std::future_status::ready);
  EXPECT_EQ(server.metrics().connections.value(), 0);
}

TEST(ServerStop, LetsARunningRequestEnd) {
  Gate gate;
  RunningServer server({}, hold_at(gate));
  RawClient client(server.port());
  client.send(kGet);
  gate.arrived.get_future().wait();
  auto stopped = stop(server, kLong);
  EXPECT_FALSE(is_ready(stopped));
  server.run([&] { gate.open->wake(); });
  const RawResponse response = client.read_response();
  EXPECT_EQ(response.body, "through");
  EXPECT_EQ(response.field("Connection"), "close");
  EXPECT_EQ(client.read_to_end(), "");
  client.end_sending();
  EXPECT_EQ(stopped.wait_for(seconds(20)), std::future_status::ready);
}

TEST(ServerStop, LetsARequestThatHasBegunArriveAndEnd) {
  RunningServer server;
  RawClient client(server.port());
  // The invitation proves that the server is amid the request.
  EXPECT_EQ(client
                .exchange("POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                          "Content-Length: 4\r\n\r\n")
                .status,
            100);
  auto stopped = stop(server, kLong);
  const RawResponse response = client.exchange("body");
  EXPECT_EQ(response.body, "POST /x body");
  EXPECT_EQ(response.field("Connection"), "close");
  client.end_sending();
  EXPECT_EQ(stopped.wait_for(seconds(20)), std::future_status::ready);
}

TEST(ServerStop, CutsOffWhatOutlivesTheGrace) {
  Gate gate;
  RunningServer server({}, hold_at(gate));
  RawClient client(server.port());
  client.send(kGet);
  gate.arrived.get_future().wait();
  auto stopped = stop(server, milliseconds(20));
  EXPECT_EQ(stopped.wait_for(seconds(20)), std::future_status::ready);
  EXPECT_EQ(client.read_to_end(), "");
  server.run([&] { gate.open->wake(); });
}

TEST(ServerStop, ASecondStopReplacesTheFirst) {
  Gate gate;
  RunningServer server({}, hold_at(gate));
  RawClient client(server.port());
  client.send(kGet);
  gate.arrived.get_future().wait();
  auto first = stop(server, kLong);
  auto second = stop(server, milliseconds(20));
  EXPECT_EQ(second.wait_for(seconds(20)), std::future_status::ready);
  server.run([&] { gate.open->wake(); });
}

TEST(ServerStop, DestroyingTheServerCutsItsConnections) {
  Gate gate;
  RunningServer server({}, hold_at(gate));
  RawClient running(server.port());
  running.send(kGet);
  gate.arrived.get_future().wait();
  RawClient idle(server.port());
  server.destroy_server();
  EXPECT_EQ(running.read_to_end(), "");
  EXPECT_EQ(idle.read_to_end(), "");
  server.run([&] { gate.open->wake(); });
}

}  // namespace
}  // namespace ferry::http
