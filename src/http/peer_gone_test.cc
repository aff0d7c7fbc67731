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
// The sweep looks four times in the shortest of these.
const ServerOptions kQuickSweep{.head_timeout = milliseconds(400)};

struct Watcher {
  std::promise<void> arrived;
  std::promise<void> cut;
};

// Handles a request until its peer has gone.
Awaitable<ServerResponse> wait_for_end(Watcher* watcher, Request request) {
  OneShot woken;
  CutPoint point([&woken] { woken.wake(); });
  request.peer_gone->add(point);
  watcher->arrived.set_value();
  co_await woken.wait();
  watcher->cut.set_value();
  co_return ServerResponse{};
}

Server::Handle watch(Watcher& watcher) {
  return [&watcher](Request request) { return wait_for_end(&watcher, std::move(request)); };
}

TEST(PeerGone, CutsWhatRunsForAPeerThatClosed) {
  Watcher watcher;
  RunningServer server(kQuickSweep, watch(watcher));
  auto client = std::make_unique<RawClient>(server.port());
  client->send(kGet);
  watcher.arrived.get_future().wait();
  auto cut = watcher.cut.get_future();
  client.reset();
  EXPECT_EQ(cut.wait_for(seconds(20)), std::future_status::ready);
}

TEST(PeerGone, IsSeenThoughThePeerSentMoreBefore) {
  Watcher watcher;
  RunningServer server(kQuickSweep, watch(watcher));
  auto client = std::make_unique<RawClient>(server.port());
  client->send(std::string(kGet) + "GET /second HTTP/1.1\r\n");
  watcher.arrived.get_future().wait();
  auto cut = watcher.cut.get_future();
  EXPECT_EQ(cut.wait_for(milliseconds(300)), std::future_status::timeout);
  client.reset();
  EXPECT_EQ(cut.wait_for(seconds(20)), std::future_status::ready);
}

TEST(PeerGone, TheServersEndCutsIt) {
  Watcher watcher;
  RunningServer server(kQuickSweep, watch(watcher));
  RawClient client(server.port());
  client.send(kGet);
  watcher.arrived.get_future().wait();
  server.run([&] { server.server().stop(Duration{0}, [] {}); });
  EXPECT_EQ(watcher.cut.get_future().wait_for(seconds(20)), std::future_status::ready);
}

}  // namespace
}  // namespace ferry::http
