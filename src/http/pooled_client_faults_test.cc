#include <gtest/gtest.h>

#include "http/client_fixture.h"

// Receivers that lie, reset, drip, stall or do not exist.

namespace ferry::http {
namespace {

struct PooledClientFaults : ClientFixture {
  // What one request to a receiver that sends `bytes`, and then does `last`, ends with.
  Result<ClientResponse> answered_with(std::string bytes, std::optional<Step> last = {}) {
    Script script = {Step::request(), Step::send(std::move(bytes))};
    if (last) script.push_back(*last);
    ScriptedReceiver receiver(io, {script});
    ClientRequest request = post(receiver.url());
    request.response_bytes_max = 1000;
    return send(request);
  }

  ErrorCode failure_of(std::string bytes, std::optional<Step> last = {}) {
    const auto response = answered_with(std::move(bytes), std::move(last));
    return response ? ErrorCode::kCount : response.error().code;
  }

  // The error of a request that ends after `timeout`.
  Error time_out(const std::string& url, Duration timeout = Duration(60), std::string body = "{}") {
    ClientRequest request = post(url, std::move(body));
    request.timeout = timeout;
    const auto begin = std::chrono::steady_clock::now();
    const auto response = send(request);
    EXPECT_GE(std::chrono::steady_clock::now() - begin, timeout);
    return response ? Error{ErrorCode::kCount, "answered"} : response.error();
  }
};

TEST_F(PooledClientFaults, NobodyListens) {
  const auto response = send(post("http://127.0.0.1:" + std::to_string(unused_port())));
  ASSERT_FALSE(response.has_value());
  EXPECT_EQ(response.error().code, ErrorCode::kConnectFailed);
  EXPECT_TRUE(response.error().text.starts_with("cannot connect to 127.0.0.1:"));
  EXPECT_EQ(metrics.connections_opened_total.value(), 0u);
}

TEST_F(PooledClientFaults, ABodyShorterThanItsLengthIsLost) {
  EXPECT_EQ(failure_of("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"),
            ErrorCode::kConnectionLost);
  EXPECT_EQ(failure_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n"),
            ErrorCode::kConnectionLost);
}

TEST_F(PooledClientFaults, ABodyLongerThanItsLengthSpoilsTheConnection) {
  const auto response = answered_with("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more");
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->body.view(), "ok");
  EXPECT_EQ(metrics.pool_connections.value(), 0);
}

TEST_F(PooledClientFaults, AResetIsALostConnection) {
  EXPECT_EQ(failure_of("", Step::reset()), ErrorCode::kConnectionLost);
  EXPECT_EQ(failure_of("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", Step::reset()),
            ErrorCode::kConnectionLost);
  EXPECT_EQ(failure_of("HTTP/1.1 200 OK\r\n\r\nuntil the end", Step::reset()),
            ErrorCode::kConnectionLost);
}

TEST_F(PooledClientFaults, AHalfClosedReceiverStillAnswers) {
  ScriptedReceiver receiver(
      io, {{Step::request(), Step::send(ok_response()), Step::half_close(), Step::await_close()}});
  EXPECT_EQ(send(post(receiver.url()))->body.view(), "ok");
  settle();
  EXPECT_EQ(send(post(receiver.url()))->body.view(), "ok");
  EXPECT_EQ(receiver.connections(), 2u);
}

TEST_F(PooledClientFaults, AReceiverThatOnlyHalfClosesNeverAnswers) {
  ScriptedReceiver receiver(io, {{Step::request(), Step::half_close(), Step::await_close()}});
  EXPECT_EQ(failure(post(receiver.url())), ErrorCode::kConnectionLost);
}

TEST_F(PooledClientFaults, ADrippedAnswerIsPutTogether) {
  ScriptedReceiver receiver(
      io, {{Step::request(),
            Step::drip("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX: y\r\n"
                       "Transfer-Encoding: chunked\r\n\r\n3;e=1\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
            Step::await_close()}});
  const auto response = send(post(receiver.url()));
  ASSERT_TRUE(response.has_value()) << response.error().text;
  EXPECT_EQ(response->body.view(), "abcde");
  EXPECT_EQ(metrics.pool_connections.value(), 1);
}

TEST_F(PooledClientFaults, ABodyMayEndWithTheConnection) {
  const auto response = answered_with("HTTP/1.1 200 OK\r\n\r\nuntil the end");
  ASSERT_TRUE(response.has_value()) << response.error().text;
  EXPECT_EQ(response->body.view(), "until the end");
  EXPECT_EQ(metrics.pool_connections.value(), 0);
}

TEST_F(PooledClientFaults, AMalformedAnswerIsAProtocolError) {
  EXPECT_EQ(failure_of("SSH-2.0-OpenSSH_9.2p1\r\n"), ErrorCode::kProtocolError);
  EXPECT_EQ(failure_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
            ErrorCode::kProtocolError);
  EXPECT_EQ(failure_of("HTTP/1.1 101 Switching Protocols\r\n\r\n"), ErrorCode::kProtocolError);
  EXPECT_EQ(failure_of("HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x')),
            ErrorCode::kProtocolError);
  EXPECT_EQ(failure_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;" +
                       std::string(70'000, 'x')),
            ErrorCode::kProtocolError);
}

TEST_F(PooledClientFaults, ALargeHeadFits) {
  const std::string value(60'000, 'x');
  const auto response =
      answered_with("HTTP/1.1 200 OK\r\nX: " + value + "\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(response.has_value()) << response.error().text;
  EXPECT_EQ(*response->headers.find("X"), value);
}

TEST_F(PooledClientFaults, ALongBodyIsTruncatedAndTheConnectionKept) {
  const auto response = answered_with(ok_response(std::string(300'000, 'x')), Step::await_close());
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->body.size(), 1000u);
  EXPECT_TRUE(response->truncated);
  EXPECT_EQ(metrics.pool_connections.value(), 1);
}

TEST_F(PooledClientFaults, AHugeBodyIsTruncatedAndTheConnectionClosed) {
  const std::string piece(100'000, 'x');
  for (const std::string framing : {"Content-Length: 99999999999\r\n\r\n", "\r\n",
                                    "Transfer-Encoding: chunked\r\n\r\nfffffffffff\r\n"}) {
    Script script = {Step::request(), Step::send("HTTP/1.1 200 OK\r\n" + framing)};
    for (int i = 0; i < 30; ++i) script.push_back(Step::send(piece));
    script.push_back(Step::stall());
    ScriptedReceiver receiver(io, {script});
    ClientRequest request = post(receiver.url());
    request.response_bytes_max = 1000;
    const auto response = send(request);
    ASSERT_TRUE(response.has_value()) << framing << response.error().text;
    EXPECT_EQ(response->body.size(), 1000u);
    EXPECT_TRUE(response->truncated);
    EXPECT_EQ(metrics.pool_connections.value(), 0);
  }
}

TEST_F(PooledClientFaults, TheTimeOutCoversConnecting) {
  const FullBacklog full;
  const std::string url = "http://127.0.0.1:" + std::to_string(full.port());
  const Error error = time_out(url);
  EXPECT_EQ(error.code, ErrorCode::kTimedOut);
  EXPECT_EQ(error.text, "timed out after 60ms, connecting");
}

TEST_F(PooledClientFaults, ConnectingHasATimeOutOfItsOwn) {
  ClientOptions impatient = options();
  impatient.connect_timeout = Duration(50);
  make_client(impatient);
  const FullBacklog full;
  const auto response = send(post("http://127.0.0.1:" + std::to_string(full.port())));
  ASSERT_FALSE(response.has_value());
  EXPECT_EQ(response.error().code, ErrorCode::kTimedOut);
  EXPECT_EQ(response.error().text, "timed out after 50ms, connecting");
}

TEST_F(PooledClientFaults, TheConnectTimeOutDoesNotCoverTheAnswer) {
  ClientOptions impatient = options();
  impatient.connect_timeout = Duration(40);
  make_client(impatient);
  ScriptedReceiver receiver(io, {{Step::request(), Step::stall()}});
  EXPECT_EQ(time_out(receiver.url(), Duration(120)).text,
            "timed out after 120ms, waiting for the response");
}

TEST_F(PooledClientFaults, TheTimeOutCoversTheTlsHandshake) {
  ScriptedReceiver silent(io, {{Step::stall()}});
  EXPECT_EQ(time_out("https://" + silent.host_and_port()).text,
            "timed out after 60ms, in the TLS handshake");
}

TEST_F(PooledClientFaults, TheTimeOutCoversTheProxysTunnel) {
  ScriptedReceiver silent(io, {{Step::request(), Step::stall()}});
  ClientOptions proxied = options();
  proxied.proxy = "http://" + silent.host_and_port();
  make_client(proxied);
  EXPECT_EQ(time_out("https://a.example").text,
            "timed out after 60ms, waiting for the proxy's tunnel");
}

TEST_F(PooledClientFaults, TheTimeOutCoversWritingTheRequest) {
  ScriptedReceiver silent(io, {{Step::stall()}});
  EXPECT_EQ(time_out(silent.url(), Duration(60), std::string(std::size_t{16} << 20, 'x')).code,
            ErrorCode::kTimedOut);
}

TEST_F(PooledClientFaults, TheTimeOutCoversWaitingForTheAnswer) {
  ScriptedReceiver silent(io, {{Step::request(), Step::stall()}});
  EXPECT_EQ(time_out(silent.url()).text, "timed out after 60ms, waiting for the response");
  EXPECT_EQ(metrics.pool_connections.value(), 0);
}

TEST_F(PooledClientFaults, TheTimeOutCoversTheBody) {
  ScriptedReceiver slow(
      io, {{Step::request(), Step::send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"),
            Step::stall()}});
  EXPECT_EQ(time_out(slow.url()).text, "timed out after 60ms, reading the response body");
}

TEST_F(PooledClientFaults, TheTimeOutCoversAReusedConnection) {
  ScriptedReceiver receiver(
      io, {{Step::request(), Step::send(ok_response()), Step::request(), Step::stall()}});
  EXPECT_TRUE(send(post(receiver.url())).has_value());
  EXPECT_EQ(time_out(receiver.url()).code, ErrorCode::kTimedOut);
  EXPECT_EQ(receiver.connections(), 1u);
}

TEST_F(PooledClientFaults, NoTimeAtAllIsATimeOut) {
  ScriptedReceiver silent(io, {{Step::request(), Step::stall()}});
  EXPECT_EQ(time_out(silent.url(), Duration(0)).code, ErrorCode::kTimedOut);
  EXPECT_EQ(time_out(silent.url(), Duration(-5)).code, ErrorCode::kTimedOut);
}

TEST_F(PooledClientFaults, OneTimeOutLeavesOtherRequestsAlone) {
  ScriptedReceiver silent(io, {{Step::request(), Step::stall()}});
  ScriptedReceiver slow(io, {{Step::request(), Step::drip(ok_response("slow"))}});
  const auto other = start(post(slow.url()));
  EXPECT_EQ(time_out(silent.url(), Duration(20)).code, ErrorCode::kTimedOut);
  EXPECT_EQ(finish(other)->body.view(), "slow");
}

}  // namespace
}  // namespace ferry::http
