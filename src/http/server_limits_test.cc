#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

#include "http/server.h"
#include "http/server_fixture.h"

namespace ferry::http {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kBodyMax = 1000;

Admission admit_small(const RequestHead&) {
  Admission admission;
  admission.body_bytes_max = kBodyMax;
  return admission;
}

Awaitable<ServerResponse> answer_much(Request) {
  ServerResponse response;
  response.body.assign(64u << 20, 'x');
  co_return response;
}

std::string get(std::string_view target, std::string_view fields = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

std::string post_head(std::size_t content_length, std::string_view fields = "") {
  return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(content_length) +
         "\r\n" + std::string(fields) + "\r\n";
}

// The answer, which must be JSON and the last one of its connection.
int refusal_of(RawClient& client) {
  const RawResponse response = client.read_response();
  EXPECT_TRUE(response.body.starts_with(R"({"error":")")) << response.body;
  EXPECT_EQ(response.field("Content-Type"), "application/json");
  EXPECT_EQ(response.field("Connection"), "close");
  EXPECT_EQ(client.read_to_end(), "");
  return response.status;
}

int refusal_of(const RunningServer& server, std::string_view request) {
  RawClient client(server.port());
  client.send(request);
  return refusal_of(client);
}

TEST(ServerLimits, TheTargetMayHave16KiB) {
  RunningServer server;
  const ServerOptions defaults;
  const std::string longest = "/" + std::string(defaults.target_bytes_max - 1, 'a');
  RawClient client(server.port());
  EXPECT_EQ(client.exchange(get(longest)).body, "GET " + longest + " ");
  EXPECT_EQ(refusal_of(server, get(longest + "a")), 414);
  EXPECT_EQ(refusal_of(server, "GET /" + std::string(20'000, 'a')), 414);
}

TEST(ServerLimits, TheFieldsMayHave64KiB) {
  RunningServer server;
  const ServerOptions defaults;
  // Ten thousand bytes in each of six fields, the rest in a seventh.
  std::string fields;
  for (int i = 0; i < 6; ++i) fields += "X-Long: " + std::string(10'000 - 10, 'v') + "\r\n";
  const std::size_t rest = defaults.header_bytes_max - fields.size() - sizeof("Host: a\r\n") + 1;
  RawClient client(server.port());
  EXPECT_EQ(client.exchange(get("/", fields + "Y: " + std::string(rest - 5, 'v') + "\r\n")).status,
            200);
  EXPECT_EQ(client.exchange(get("/")).status, 200);
  EXPECT_EQ(refusal_of(server, get("/", fields + "Y: " + std::string(rest - 4, 'v') + "\r\n")),
            431);
  EXPECT_EQ(refusal_of(server, "GET / HTTP/1.1\r\nX: " + std::string(70'000, 'v')), 431);
}

TEST(ServerLimits, ThereMayBe256Fields) {
  RunningServer server;
  std::string fields;
  for (int i = 1; i < 256; ++i) fields += "X: 1\r\n";
  RawClient client(server.port());
  EXPECT_EQ(client.exchange(get("/", fields)).status, 200);
  EXPECT_EQ(refusal_of(server, get("/", fields + "X: 1\r\n")), 431);
}

TEST(ServerLimits, ABodyMayBeAsLargeAsItWasAdmitted) {
  RunningServer server({}, echo, admit_small);
  const std::string body(kBodyMax, 'b');
  RawClient client(server.port());
  EXPECT_EQ(client.exchange(post_head(kBodyMax) + body).body, "POST / " + body);
  EXPECT_EQ(refusal_of(server, post_head(kBodyMax + 1)), 413);
  EXPECT_EQ(refusal_of(server, post_head(kBodyMax + 1, "Expect: 100-continue\r\n")), 413);
  EXPECT_EQ(
      refusal_of(server,
                 "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n"),
      413);
}

TEST(ServerLimits, AChunkedBodyMayBeAsLargeAsItWasAdmitted) {
  RunningServer server({}, echo, admit_small);
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string most = "3e7\r\n" + std::string(kBodyMax - 1, 'b') + "\r\n";
  RawClient client(server.port());
  EXPECT_EQ(client.exchange(head + most + "1\r\nb\r\n0\r\n\r\n").status, 200);
  EXPECT_EQ(refusal_of(server, head + most + "2\r\n"), 413);
}

TEST(ServerLimits, ABrokenOffBodyGivesItsShareBack) {
  ServerOptions options;
  options.budgets = std::make_shared<ServerBudgets>(kBodyMax * 8 / 7, 0);
  RunningServer server(options, echo, admit_small);
  RawClient reader(server.port());
  reader.exchange(post_head(kBodyMax, "Expect: 100-continue\r\n"));
  reader.end_sending();
  EXPECT_EQ(refusal_of(reader), 400);
  RawClient next(server.port());
  EXPECT_EQ(next.exchange(post_head(kBodyMax) + std::string(kBodyMax, 'b')).status, 200);
}

TEST(ServerLimits, AHeadThatDoesNotEndIsTimedOut) {
  ServerOptions options;
  options.head_timeout = milliseconds(50);
  RunningServer server(options);
  RawClient client(server.port());
  EXPECT_EQ(client.exchange(get("/")).status, 200);
  client.send("GET / HTTP/1.1\r\nHost: a\r\nX: ");
  EXPECT_EQ(refusal_of(client), 408);
}

// A byte now and then does not help: the time runs from the first byte of the head.
TEST(ServerLimits, AHeadThatTricklesIsTimedOut) {
  ServerOptions options;
  options.head_timeout = milliseconds(100);
  RunningServer server(options);
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: a\r\n");
  // The round trips of another connection measure out the pieces instead of sleeps.
  RawClient other(server.port());
  while (client.send("X: y\r\n") && server.metrics().request_errors_total.value() == 0) {
    for (int i = 0; i < 50; ++i) ASSERT_EQ(other.exchange(get("/")).status, 200);
  }
  EXPECT_EQ(client.read_response().status, 408);
}

TEST(ServerLimits, ABodyWithoutProgressIsTimedOut) {
  ServerOptions options;
  options.body_timeout = milliseconds(50);
  RunningServer server(options);
  EXPECT_EQ(refusal_of(server, post_head(10) + "123"), 408);
  EXPECT_EQ(refusal_of(server,
                       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n123"),
            408);
}

TEST(ServerLimits, AnIdleConnectionEndsWithoutAWord) {
  ServerOptions options;
  options.idle_timeout = milliseconds(50);
  RunningServer server(options);
  RawClient silent(server.port());
  EXPECT_EQ(silent.read_to_end(), "");
  RawClient client(server.port());
  EXPECT_EQ(client.exchange(get("/")).status, 200);
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(server.metrics().requests_total.value(), 1u);
}

TEST(ServerLimits, APeerThatDoesNotReadIsCutOff) {
  ServerOptions options;
  options.write_timeout = milliseconds(50);
  RunningServer server(options, answer_much);
  RawClient client(server.port());
  client.send(get("/"));
  while (server.metrics().requests_total.value() == 0 || server.metrics().connections.value() > 0) {
    std::this_thread::yield();
  }
  EXPECT_LT(client.read_to_end().size(), 64u << 20);
}

// Some bytes now and then do not help: they must come to 1 KiB a second.
TEST(ServerLimits, APeerThatReadsTooSlowlyIsCutOff) {
  ServerOptions options;
  options.write_timeout = milliseconds(100);
  RunningServer server(options, answer_much);
  RawClient client(server.port());
  client.send(get("/"));
  // The round trips of a request that ends without a word measure out the bytes.
  while (server.metrics().slow_peers_cut_total.value() == 0) {
    ASSERT_TRUE(client.read_byte());
    RawClient other(server.port());
    other.end_sending();
    ASSERT_EQ(other.read_to_end(), "");
  }
  while (server.metrics().connections.value() > 0) std::this_thread::yield();
}

// Of an answer of 40 KB the peer's kernel takes a few, and ours holds the rest.
TEST(ServerLimits, AnIdleConnectionWithAnUnreadAnswerIsReset) {
  ServerOptions options;
  options.idle_timeout = milliseconds(50);
  RunningServer server(options, [](Request) -> Awaitable<ServerResponse> {
    co_return ServerResponse{.body = std::string(40u << 10, 'x')};
  });
  RawClient client(server.port(), "127.0.0.1", 4096);
  client.send(get("/"));
  while (server.metrics().requests_total.value() == 0 || server.metrics().connections.value() > 0) {
    std::this_thread::yield();
  }
  EXPECT_LT(client.read_to_end().size(), 40u << 10);
}

}  // namespace
}  // namespace ferry::http
