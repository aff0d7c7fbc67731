#include "http/pooled_client.h"

#include <gtest/gtest.h>

#include "http/client_fixture.h"

// One request and its answer, and what becomes of the connection.

namespace ferry::http {
namespace {

using PooledClientTest = ClientFixture;

Script answering(int times) {
  Script script;
  for (int i = 0; i < times; ++i) {
    script.push_back(Step::request());
    script.push_back(Step::send(ok_response(std::to_string(i))));
  }
  script.push_back(Step::await_close());
  return script;
}

std::string large_body() { return std::string(std::size_t{16} << 20, 'x'); }

TEST_F(PooledClientTest, SendsTheRequestAndReturnsTheAnswer) {
  ScriptedReceiver receiver(
      io, {{Step::request(),
            Step::send("HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nbusy")}});
  ClientRequest request = post(receiver.url("/a%20b?c=d"), "the body");
  request.headers.add("Content-Type", "text/plain");
  const auto response = send(request);
  ASSERT_TRUE(response.has_value()) << response.error().text;
  EXPECT_EQ(response->status, 503);
  EXPECT_EQ(*response->headers.find("retry-after"), "7");
  EXPECT_EQ(response->body.view(), "busy");
  EXPECT_FALSE(response->truncated);
  ASSERT_EQ(receiver.requests().size(), 1u);
  EXPECT_EQ(receiver.requests()[0],
            "POST /a%20b?c=d HTTP/1.1\r\nHost: " + receiver.host_and_port() +
                "\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\n"
                "the body");
}

TEST_F(PooledClientTest, ARedirectIsAnAnswerLikeAnyOther) {
  ScriptedReceiver receiver(
      io, {{Step::request(),
            Step::send("HTTP/1.1 307 x\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n")}});
  EXPECT_EQ(send(post(receiver.url()))->status, 307);
  EXPECT_EQ(receiver.requests().size(), 1u);
}

TEST_F(PooledClientTest, KeepsAndReusesTheConnection) {
  ScriptedReceiver receiver(io, {answering(3)});
  for (const char* body : {"0", "1", "2"}) EXPECT_EQ(send(post(receiver.url()))->body.view(), body);
  EXPECT_EQ(receiver.connections(), 1u);
  EXPECT_EQ(metrics.connections_opened_total.value(), 1u);
  EXPECT_EQ(metrics.connections_reused_total.value(), 2u);
  EXPECT_EQ(metrics.pool_connections.value(), 1);
}

TEST_F(PooledClientTest, RequestsAtTheSameTimeHaveConnectionsOfTheirOwn) {
  ScriptedReceiver receiver(io, {answering(1)});
  const auto first = start(post(receiver.url()));
  const auto second = start(post(receiver.url()));
  EXPECT_TRUE(finish(first).has_value());
  EXPECT_TRUE(finish(second).has_value());
  EXPECT_EQ(receiver.connections(), 2u);
  EXPECT_EQ(metrics.pool_connections.value(), 2);
}

TEST_F(PooledClientTest, AConnectionThatThePeerWillCloseIsNotKept) {
  ScriptedReceiver receiver(
      io, {{Step::request(),
            Step::send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
            Step::await_close()}});
  EXPECT_TRUE(send(post(receiver.url())).has_value());
  EXPECT_EQ(metrics.pool_connections.value(), 0);
}

TEST_F(PooledClientTest, AnIdleConnectionFoundClosedIsNotUsed) {
  ScriptedReceiver receiver(io, {{Step::request(), Step::send(ok_response())}});
  EXPECT_TRUE(send(post(receiver.url())).has_value());
  settle();
  EXPECT_TRUE(send(post(receiver.url())).has_value());
  EXPECT_EQ(receiver.connections(), 2u);
  EXPECT_EQ(metrics.connections_reused_total.value(), 0u);
}

TEST_F(PooledClientTest, AnIdleConnectionOnWhichThePeerSpokeIsNotUsed) {
  ScriptedReceiver receiver(
      io, {{Step::request(), Step::send(ok_response()),
            Step::send("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"),
            Step::await_close()}});
  EXPECT_EQ(send(post(receiver.url()))->status, 200);
  settle();
  EXPECT_EQ(send(post(receiver.url()))->status, 200);
  EXPECT_EQ(receiver.connections(), 2u);
}

// The receiver may have done what it was asked to, so whoever counts attempts must know of it.
TEST_F(PooledClientTest, ARequestThatAKeptConnectionTookIsNotSentAgain) {
  for (const Script& end : {Script{}, Script{Step::reset()}, Script{Step::half_close()}}) {
    Script dying = {Step::request(), Step::send(ok_response()), Step::request()};
    dying.insert(dying.end(), end.begin(), end.end());
    ScriptedReceiver receiver(io, {dying, answering(1)});
    EXPECT_TRUE(send(post(receiver.url(), "first")).has_value());
    EXPECT_EQ(failure(post(receiver.url(), "second")), ErrorCode::kConnectionLost);
    EXPECT_EQ(receiver.connections(), 1u);
    EXPECT_EQ(receiver.requests().size(), 2u);
  }
}

TEST_F(PooledClientTest, ARequestOfWhichAKeptConnectionTookAPartIsNotSentAgain) {
  ScriptedReceiver receiver(
      io, {{Step::request(), Step::send(ok_response()), Step::read(10)}, answering(1)});
  EXPECT_TRUE(send(post(receiver.url(), "first")).has_value());
  EXPECT_EQ(failure(post(receiver.url(), "second")), ErrorCode::kConnectionLost);
  EXPECT_EQ(receiver.connections(), 1u);
}

TEST_F(PooledClientTest, AKeptConnectionThatDiesWithinTheAnswerIsNotTriedAgain) {
  ScriptedReceiver receiver(
      io, {{Step::request(), Step::send(ok_response()), Step::request(), Step::send("H")},
           answering(1)});
  EXPECT_TRUE(send(post(receiver.url())).has_value());
  EXPECT_EQ(failure(post(receiver.url())), ErrorCode::kConnectionLost);
  EXPECT_EQ(receiver.connections(), 1u);
}

TEST_F(PooledClientTest, ANewConnectionThatDiesIsNotTriedAgain) {
  ScriptedReceiver receiver(io, {{Step::request()}, answering(1)});
  EXPECT_EQ(failure(post(receiver.url())), ErrorCode::kConnectionLost);
  EXPECT_EQ(receiver.connections(), 1u);
}

TEST_F(PooledClientTest, SoManyConnectionsOfAHostStayIdle) {
  ClientOptions limited = options();
  limited.idle_per_host_max = 1;
  make_client(limited);
  ScriptedReceiver receiver(io, {answering(2)});
  const auto first = start(post(receiver.url()));
  const auto second = start(post(receiver.url()));
  EXPECT_TRUE(finish(first).has_value());
  EXPECT_TRUE(finish(second).has_value());
  EXPECT_EQ(metrics.pool_connections.value(), 1);
  EXPECT_TRUE(send(post(receiver.url())).has_value());
  EXPECT_EQ(receiver.connections(), 2u);
}

TEST_F(PooledClientTest, TheOldestOfAllHostsGoesWhenThereAreTooMany) {
  ClientOptions limited = options();
  limited.idle_total_max = 2;
  make_client(limited);
  ScriptedReceiver a(io, {answering(2)});
  ScriptedReceiver b(io, {answering(2)});
  ScriptedReceiver c(io, {answering(2)});
  for (ScriptedReceiver* receiver : {&a, &b, &c, &b, &c, &a})
    EXPECT_TRUE(send(post(receiver->url())).has_value());
  EXPECT_EQ(metrics.pool_connections.value(), 2);
  EXPECT_EQ(a.connections(), 2u);
  EXPECT_EQ(b.connections(), 1u);
  EXPECT_EQ(c.connections(), 1u);
}

TEST_F(PooledClientTest, NothingIsKeptWhereTheLimitIsZero) {
  ClientOptions limited = options();
  limited.idle_per_host_max = 0;
  make_client(limited);
  ScriptedReceiver receiver(io, {answering(1)});
  EXPECT_TRUE(send(post(receiver.url())).has_value());
  EXPECT_EQ(metrics.pool_connections.value(), 0);
}

TEST_F(PooledClientTest, AnIdleConnectionExpires) {
  ClientOptions impatient = options();
  impatient.idle_timeout = Duration(20);
  make_client(impatient);
  ScriptedReceiver receiver(io, {answering(2)});
  EXPECT_TRUE(send(post(receiver.url())).has_value());
  EXPECT_EQ(metrics.pool_connections.value(), 1);
  while (metrics.pool_connections.value() > 0) ASSERT_NE(io.run_one(), 0u);
  EXPECT_TRUE(send(post(receiver.url())).has_value());
  EXPECT_EQ(receiver.connections(), 2u);
}

TEST_F(PooledClientTest, ALargeBodyArrivesWhole) {
  ScriptedReceiver receiver(io, {answering(2)});
  const std::string body = large_body();
  const auto response = send(post(receiver.url(), body));
  ASSERT_TRUE(response.has_value()) << response.error().text;
  EXPECT_EQ(response->status, 200);
  EXPECT_TRUE(receiver.requests()[0].ends_with("\r\n\r\n" + body));
  EXPECT_TRUE(send(post(receiver.url())).has_value());
  EXPECT_EQ(receiver.connections(), 1u);
}

TEST_F(PooledClientTest, AnAnswerBeforeTheEndOfALargeBodyIsSeen) {
  const std::string early = "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig";
  ScriptedReceiver receiver(io, {{Step::read(100), Step::send(early), Step::stall()}});
  const auto response = send(post(receiver.url(), large_body()));
  ASSERT_TRUE(response.has_value()) << response.error().text;
  EXPECT_EQ(response->status, 413);
  EXPECT_EQ(response->body.view(), "big");
  EXPECT_EQ(metrics.pool_connections.value(), 0);
}

TEST_F(PooledClientTest, AnEarlyAnswerIsSeenEvenIfThePeerClosesBehindIt) {
  const std::string early = "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n";
  ScriptedReceiver receiver(io, {{Step::read(100), Step::send(early)}});
  const auto response = send(post(receiver.url(), large_body()));
  ASSERT_TRUE(response.has_value()) << response.error().text;
  EXPECT_EQ(response->status, 401);
}

TEST_F(PooledClientTest, TheAnswerToHeadHasNoBody) {
  ScriptedReceiver receiver(
      io, {{Step::request(), Step::send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
            Step::await_close()}});
  ClientRequest request = post(receiver.url(), "");
  request.method = "HEAD";
  EXPECT_EQ(send(request)->status, 200);
  EXPECT_EQ(metrics.pool_connections.value(), 1);
}

TEST_F(PooledClientTest, RefusesWhatItCannotSend) {
  EXPECT_EQ(failure(post("ftp://127.0.0.1/")), ErrorCode::kInvalidDestination);
  EXPECT_EQ(failure(post("http://user@127.0.0.1/")), ErrorCode::kInvalidDestination);
  ClientRequest request = post("http://127.0.0.1:" + std::to_string(unused_port()));
  request.headers.add("X", "a\r\nb");
  EXPECT_EQ(failure(request), ErrorCode::kProtocolError);
  EXPECT_EQ(metrics.connections_opened_total.value(), 0u);
}

TEST_F(PooledClientTest, StoppingEndsEveryRequestAndClosesIdleConnections) {
  ScriptedReceiver idle(io, {answering(1)});
  ScriptedReceiver silent(io, {{Step::request(), Step::stall()}});
  const FullBacklog full;
  EXPECT_TRUE(send(post(idle.url())).has_value());
  const auto waiting = start(post(silent.url()));
  const auto connecting = start(post("http://127.0.0.1:" + std::to_string(full.port())));
  const auto writing = start(post(silent.url(), large_body()));
  while (silent.requests().size() < 1) ASSERT_NE(io.run_one(), 0u);
  client->stop();
  for (const auto& answer : {waiting, connecting, writing}) {
    const auto ended = finish(answer);
    ASSERT_FALSE(ended.has_value());
    EXPECT_EQ(ended.error().code, ErrorCode::kStopping);
  }
  EXPECT_EQ(metrics.pool_connections.value(), 0);
  EXPECT_EQ(failure(post(idle.url())), ErrorCode::kStopping);
}

}  // namespace
}  // namespace ferry::http
