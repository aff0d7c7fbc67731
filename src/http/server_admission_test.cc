#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "http/one_shot.h"
#include "http/server.h"
#include "http/server_fixture.h"

// Who is served with what, when some hold much.

namespace ferry::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kLarge = 100u << 10;
constexpr const char* kOther = "127.0.0.2";

// A caller says its number in the field Caller; /healthz is vital.
Admission admit_callers(const RequestHead& head) {
  Admission admission;
  admission.is_vital = head.target == "/healthz";
  if (const std::string* number = head.headers.find("Caller")) {
    admission.party = Party::of_caller(std::stoul(*number));
    admission.body_bytes_max = 4 * kLarge;
  } else if (const std::string* address = head.headers.find("X-Forwarded-For")) {
    admission.party = Party::of_address(*address);
  }
  return admission;
}

std::string request(std::string_view method, std::string_view target, std::string_view fields) {
  return std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" +
         std::string(fields) + "\r\n";
}

std::string post_head(int caller, std::size_t bytes, std::string_view fields = "") {
  return request("POST", "/",
                 "Caller: " + std::to_string(caller) +
                     "\r\nContent-Length: " + std::to_string(bytes) + "\r\n" + std::string(fields));
}

std::string get_as(int caller) {
  return request("GET", "/", "Caller: " + std::to_string(caller) + "\r\n");
}

const std::string kGet = request("GET", "/", "");
const std::string kHealth = request("GET", "/healthz", "");

using Clients = std::vector<std::unique_ptr<RawClient>>;

// A server and the budgets that it reads bodies from.
struct Bed {
  explicit Bed(ServerOptions options = {}, Server::Handle handle = echo)
      : server(with(std::move(options), budgets), std::move(handle), admit_callers) {}

  static ServerOptions with(ServerOptions options, std::shared_ptr<ServerBudgets> budgets) {
    options.budgets = std::move(budgets);
    return options;
  }
  std::unique_ptr<ByteBudget::Claim> take_all_large() {
    return budgets->large_bodies->claim_at_once(Party::of_caller(99),
                                                budgets->large_bodies->bytes_max());
  }
  void wait_for_waiting_claim() const {
    while (budgets->large_bodies->claims_waiting() == 0) std::this_thread::yield();
  }

  std::shared_ptr<ServerBudgets> budgets = std::make_shared<ServerBudgets>(8 * kLarge, 8 * kLarge);
  RunningServer server;
};

// Holds requests until the test lets them go.
struct Gate {
  std::atomic<int> arrived = 0;
  std::vector<std::unique_ptr<OneShot>> open;  // of the server's thread

  void let_all_go(RunningServer& server) {
    server.run([this] {
      for (const auto& each : open) each->wake();
    });
  }
};

Awaitable<ServerResponse> wait_at(Gate* gate, Request request) {
  if (request.head.method != "PUT") co_return co_await echo(std::move(request));
  OneShot* shot = gate->open.emplace_back(std::make_unique<OneShot>()).get();
  ++gate->arrived;
  co_await shot->wait();
  co_return ServerResponse{.body = "through"};
}

Server::Handle hold_puts_at(Gate& gate) {
  return [&gate](Request request) { return wait_at(&gate, std::move(request)); };
}

void wait_for_arrivals(const Gate& gate, int count) {
  while (gate.arrived < count) std::this_thread::yield();
}

// That many connections of caller 1 whose requests are held at the gate.
Clients open_busy(const Bed& bed, const Gate& gate, int count) {
  Clients clients;
  for (int i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<RawClient>(bed.server.port()));
    clients.back()->send(request("PUT", "/", "Caller: 1\r\n"));
  }
  wait_for_arrivals(gate, count);
  return clients;
}

TEST(ServerAdmission, WithoutACallerOnlyTheHeadIsRead) {
  Bed bed;
  Clients clients;
  for (int i = 0; i < 50; ++i) {
    clients.push_back(std::make_unique<RawClient>(bed.server.port()));
    clients.back()->send(request("OPTIONS", "/x", "Content-Length: 1048576\r\n") + "1");
  }
  for (const auto& client : clients) {
    const RawResponse response = client->read_response();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.field("Connection"), "close");
  }
  EXPECT_EQ(bed.budgets->small_bodies->bytes_held() + bed.budgets->large_bodies->bytes_held(), 0u);
}

TEST(ServerAdmission, ABodyWithoutACallerThatHasComeIsSkipped) {
  Bed bed;
  RawClient client(bed.server.port());
  client.send(request("POST", "/x", "Content-Length: 5\r\n") + "12345" + kGet);
  EXPECT_EQ(client.read_response().body, "POST /x ");
  EXPECT_EQ(client.read_response().body, "GET / ");
}

TEST(ServerAdmission, SmallBodiesDoNotWaitForLargeOnes) {
  Bed bed;
  const auto all = bed.take_all_large();
  RawClient client(bed.server.port());
  const std::string body(kSmallPoolBodyBytesMax, 'b');
  EXPECT_EQ(client.exchange(post_head(1, body.size(), "Expect: 100-continue\r\n")).status, 100);
  EXPECT_EQ(client.exchange(body).body, "POST / " + body);
}

TEST(ServerAdmission, ALargeBodyIsNeitherInvitedNorReadBeforeItsMemoryIsGranted) {
  Bed bed;
  auto all = bed.take_all_large();
  RawClient client(bed.server.port());
  client.send(post_head(1, kLarge, "Expect: 100-continue\r\n"));
  bed.wait_for_waiting_claim();
  EXPECT_TRUE(client.is_quiet());
  all.reset();
  EXPECT_EQ(client.read_response().status, 100);
  EXPECT_EQ(client.exchange(std::string(kLarge, 'b')).status, 200);
}

TEST(ServerAdmission, WaitingForMemoryEndsWith503) {
  ServerOptions options;
  options.admission_wait = milliseconds(20);
  Bed bed(options);
  const auto all = bed.take_all_large();
  RawClient client(bed.server.port());
  const RawResponse response = client.exchange(post_head(1, kLarge) + "b");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.field("Retry-After"), "1");
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(bed.budgets->large_bodies->claims_waiting(), 0u);
}

TEST(ServerAdmission, ABodyThatNeverFitsIsRefusedAtOnce) {
  ServerOptions options;
  options.budgets = std::make_shared<ServerBudgets>(kLarge, 0);
  RunningServer server(options, echo, admit_callers);
  RawClient client(server.port());
  EXPECT_EQ(client.exchange(post_head(1, kLarge)).status, 413);
}

TEST(ServerAdmission, ChunksClaimWhatTheyMayBecomeOnceTheyAreNotFewAnyMore) {
  ServerOptions options;
  options.admission_wait = milliseconds(20);
  Bed bed(options);
  const std::string head = request("POST", "/", "Caller: 1\r\nTransfer-Encoding: chunked\r\n");
  const std::string piece = "4000\r\n" + std::string(0x4000, 'b') + "\r\n";
  const std::string few = head + piece + piece + "0\r\n\r\n";
  const std::string many = head + piece + piece + piece + piece + piece + "0\r\n\r\n";
  auto all = bed.take_all_large();
  RawClient client(bed.server.port());
  EXPECT_EQ(client.exchange(few).status, 200);
  EXPECT_EQ(client.exchange(many).status, 503);
  all.reset();
  RawClient next(bed.server.port());
  EXPECT_EQ(next.exchange(many).body.size(), 5u * 0x4000 + 7);
  EXPECT_EQ(next.exchange(kGet).status, 200);
  EXPECT_EQ(bed.budgets->small_bodies->bytes_held(), 0u);
  EXPECT_EQ(bed.budgets->large_bodies->bytes_held(), 0u);
}

TEST(ServerAdmission, OneCallerWithSlowBodiesLeavesRoomToOthers) {
  Bed bed;
  Clients slow;
  for (int i = 0; i < 3; ++i) {
    slow.push_back(std::make_unique<RawClient>(bed.server.port()));
    slow.back()->send(post_head(1, 3 * kLarge) + "b");
  }
  bed.wait_for_waiting_claim();
  RawClient other(bed.server.port());
  EXPECT_EQ(other.exchange(post_head(2, kLarge) + std::string(kLarge, 'b')).status, 200);
}

TEST(ServerAdmission, ABodyThatIsSlowWhileOthersWaitIsGivenUp) {
  ServerOptions options;
  options.write_timeout = milliseconds(40);  // sweeps often
  Bed bed(options);
  RawClient slow(bed.server.port());
  slow.send(post_head(1, 4 * kLarge) + "b");
  while (bed.budgets->large_bodies->bytes_held() == 0) std::this_thread::yield();
  RawClient other(bed.server.port());
  EXPECT_EQ(other.exchange(post_head(2, 4 * kLarge) + std::string(4 * kLarge, 'b')).status, 200);
  const RawResponse response = slow.read_response();
  EXPECT_EQ(response.status, 503);
  EXPECT_NE(response.body.find("too slowly while others waited"), std::string::npos);
}

TEST(ServerAdmission, TheMemoryOfABodyIsHeldUntilItsRequestIsDone) {
  Gate gate;
  Bed bed({}, hold_puts_at(gate));
  RawClient client(bed.server.port());
  client.send(
      request("PUT", "/", "Caller: 1\r\nContent-Length: " + std::to_string(kLarge) + "\r\n") +
      std::string(kLarge, 'b'));
  wait_for_arrivals(gate, 1);
  EXPECT_EQ(bed.budgets->large_bodies->bytes_held(), kLarge);
  gate.let_all_go(bed.server);
  EXPECT_EQ(client.read_response().status, 200);
  EXPECT_EQ(bed.budgets->large_bodies->bytes_held(), 0u);
}

TEST(ServerAdmission, AConnectionThatWaitsForMemoryIsCutByTheEndOfTheServer) {
  Bed bed;
  const auto all = bed.take_all_large();
  RawClient client(bed.server.port());
  client.send(post_head(1, kLarge));
  bed.wait_for_waiting_claim();
  bed.server.destroy_server();
  EXPECT_EQ(client.read_to_end(), "");
}

TEST(ServerAdmission, AnAddressKeepsItsNewestConnections) {
  ServerOptions options;
  options.connections_per_address_max = 3;
  Bed bed(options);
  Clients idle;
  for (int i = 0; i < 10; ++i) {
    idle.push_back(std::make_unique<RawClient>(bed.server.port()));
    EXPECT_EQ(idle.back()->exchange(kGet).status, 200);
  }
  for (std::size_t i = 0; i < 7; ++i) EXPECT_EQ(idle[i]->read_to_end(), "") << i;
  for (std::size_t i = 7; i < 10; ++i) EXPECT_EQ(idle[i]->exchange(kGet).status, 200) << i;
  RawClient other(bed.server.port(), kOther);
  EXPECT_EQ(other.exchange(kGet).status, 200);
  EXPECT_EQ(idle[7]->exchange(kGet).status, 200);
}

TEST(ServerAdmission, AConnectionCountsToItsAddressOnlyUntilItsCallerIsKnown) {
  ServerOptions options;
  options.connections_per_address_max = 3;
  Bed bed(options);
  Clients clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<RawClient>(bed.server.port()));
    EXPECT_EQ(clients.back()->exchange(get_as(i % 4)).status, 200);
  }
  for (const auto& client : clients) EXPECT_EQ(client->exchange(kGet).status, 200);
}

TEST(ServerAdmission, ATrustedProxyHasNoLimitAndItsCallersCountByTheirAddress) {
  ServerOptions options;
  options.connections_per_address_max = 3;
  options.is_trusted_proxy = [](std::string_view ip) { return ip == "127.0.0.1"; };
  Bed bed(options);
  Clients clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<RawClient>(bed.server.port()));
    EXPECT_EQ(clients.back()->exchange(get_as(i % 4)).status, 200);
  }
  for (const auto& client : clients) EXPECT_EQ(client->exchange(get_as(1)).status, 200);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(clients[i]->exchange(request("GET", "/", "X-Forwarded-For: 9.9.9.9\r\n")).status,
              200);
  }
  EXPECT_EQ(clients[0]->read_to_end(), "");
  EXPECT_EQ(clients[1]->exchange(get_as(1)).status, 200);
}

TEST(ServerAdmission, WhenAllPlacesAreTakenAnIdleConnectionIsClosedForANewOne) {
  ServerOptions options;
  options.connections_max = 4;
  Gate gate;
  Bed bed(options, hold_puts_at(gate));
  RawClient busy(bed.server.port());
  busy.send(request("PUT", "/", "Caller: 1\r\n"));
  wait_for_arrivals(gate, 1);
  Clients idle;
  for (int i = 0; i < 3; ++i) {
    idle.push_back(std::make_unique<RawClient>(bed.server.port()));
    EXPECT_EQ(idle.back()->exchange(kGet).status, 200);
  }
  // One that came less than a second ago is kept, as its request may be on its way.
  int refused = 0;
  for (int status = 503; status != 200; ++refused) {
    RawClient next(bed.server.port(), kOther);
    status = next.exchange(kGet).status;
  }
  EXPECT_EQ(idle[0]->read_to_end(), "");
  gate.let_all_go(bed.server);
  EXPECT_EQ(busy.read_response().body, "through");
  EXPECT_GT(refused, 0);
}

TEST(ServerAdmission, WhenAllPlacesAreBusyHealthAndCallersWithFewAreServed) {
  ServerOptions options;
  options.connections_max = 20;
  Gate gate;
  Bed bed(options, hold_puts_at(gate));
  Clients busy = open_busy(bed, gate, 20);
  RawClient health(bed.server.port());
  const RawResponse healthy = health.exchange(kHealth);
  EXPECT_EQ(healthy.status, 200);
  EXPECT_EQ(healthy.field("Connection"), "close");
  RawClient stranger(bed.server.port());
  const RawResponse refused = stranger.exchange(kGet);
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.field("Retry-After"), "1");
  RawClient more(bed.server.port());
  EXPECT_EQ(more.exchange(get_as(1)).status, 503);
  RawClient other(bed.server.port());
  EXPECT_EQ(other.exchange(get_as(2)).status, 200);
  EXPECT_EQ(other.exchange(get_as(2)).status, 200);
  gate.let_all_go(bed.server);
  // It has more than its share and gives its places back.
  const RawResponse through = busy[0]->read_response();
  EXPECT_EQ(through.status, 200);
  EXPECT_EQ(through.field("Connection"), "close");
}

TEST(ServerAdmission, ACallerWithMoreThanItsShareGivesAnIdleConnectionForANewOne) {
  ServerOptions options;
  options.connections_max = 20;
  Gate gate;
  Bed bed(options, hold_puts_at(gate));
  RawClient idle(bed.server.port());
  EXPECT_EQ(idle.exchange(get_as(1)).status, 200);
  Clients busy = open_busy(bed, gate, 19);
  RawClient next(bed.server.port());
  EXPECT_EQ(next.exchange(get_as(1)).status, 200);
  EXPECT_EQ(idle.read_to_end(), "");
  gate.let_all_go(bed.server);
}

TEST(ServerAdmission, RefusedConnectionsThatDoNotEndMakeRoomForOthers) {
  ServerOptions options;
  options.connections_max = 16;
  Gate gate;
  Bed bed(options, hold_puts_at(gate));
  Clients busy = open_busy(bed, gate, 16);
  for (int i = 0; i < 40; ++i) {
    busy.push_back(std::make_unique<RawClient>(bed.server.port()));
    EXPECT_EQ(busy.back()->exchange(get_as(1)).status, 503) << i;
  }
  RawClient health(bed.server.port());
  EXPECT_EQ(health.exchange(kHealth).status, 200);
  gate.let_all_go(bed.server);
}

TEST(ServerAdmission, CallersThatHungUpMakeRoomForOthers) {
  ServerOptions options;
  options.connections_max = 16;
  options.write_timeout = milliseconds(40);  // sweeps often
  Gate gate;
  Bed bed(options, hold_puts_at(gate));
  Clients gone = open_busy(bed, gate, 16);
  RawClient refused(bed.server.port());
  EXPECT_EQ(refused.exchange(kGet).status, 503);
  gone.clear();
  for (int status = 503; status != 200;) {
    RawClient next(bed.server.port());
    status = next.exchange(kGet).status;
  }
  gate.let_all_go(bed.server);
}

}  // namespace
}  // namespace ferry::http
