#include <gtest/gtest.h>

#include "http/client_fixture.h"
#include "http/test_authority.h"

// Whom the client trusts. Every name leads to a loopback receiver by a connect-to entry.

namespace ferry::http {
namespace {

struct PooledClientTls : ClientFixture {
  PooledClientTls() {
    ClientOptions trusting = options();
    trusting.ca_file = authority.ca_file();
    make_client(trusting);
  }

  // A client that finds `host` at the receiver.
  void lead(const std::string& host, const ScriptedReceiver& receiver, bool trusting = true) {
    ClientOptions led = options();
    if (trusting) led.ca_file = authority.ca_file();
    led.connect_to[host + ":443"] = receiver.host_and_port();
    make_client(led);
  }

  // What a request to https://`host` ends with when the certificate is for `names`.
  ErrorCode failure_with(const std::string& host, const TestAuthority::Leaf& leaf,
                         bool trusting = true) {
    ScriptedReceiver receiver(io, {answering(1)}, authority.server(leaf));
    lead(host, receiver, trusting);
    const auto response = send(post("https://" + host));
    text = response ? "" : response.error().text;
    return response ? ErrorCode::kCount : response.error().code;
  }

  static Script answering(int times) {
    Script script = {Step::handshake()};
    for (int i = 0; i < times; ++i) {
      script.push_back(Step::request());
      script.push_back(Step::send(ok_response()));
    }
    script.push_back(Step::await_close());
    return script;
  }

  TestAuthority authority;
  std::string text;  // of the last failure
};

TEST_F(PooledClientTls, AGoodCertificateIsAcceptedAndTheConnectionKept) {
  ScriptedReceiver receiver(io, {answering(2)}, authority.server({.names = "DNS:a.example"}));
  lead("a.example", receiver);
  for (int i = 0; i < 2; ++i) {
    const auto response = send(post("https://A.example/x", "body"));
    ASSERT_TRUE(response.has_value()) << response.error().text;
    EXPECT_EQ(response->body.view(), "ok");
    settle();
  }
  EXPECT_EQ(receiver.connections(), 1u);
  EXPECT_EQ(receiver.requests()[1],
            "POST /x HTTP/1.1\r\nHost: A.example\r\nContent-Length: 4\r\n\r\nbody");
}

TEST_F(PooledClientTls, TheCertificateMustBeForTheName) {
  EXPECT_EQ(failure_with("a.example", {.names = "DNS:b.example"}), ErrorCode::kTlsFailed);
  EXPECT_TRUE(text.ends_with("certificate not accepted: hostname mismatch")) << text;
  EXPECT_EQ(failure_with("a.b.c.example", {.names = "DNS:*.c.example"}), ErrorCode::kTlsFailed);
  EXPECT_EQ(failure_with("b.c.example", {.names = "DNS:*.c.example"}), ErrorCode::kCount);
  EXPECT_EQ(failure_with("a.example.", {.names = "DNS:a.example"}), ErrorCode::kCount);
}

// RFC 9525 section 6.3: a name in the subject is no name of a server.
TEST_F(PooledClientTls, ANameInTheSubjectAloneDoesNotCount) {
  EXPECT_EQ(failure_with("a.example", {.names = "", .subject = "a.example"}),
            ErrorCode::kTlsFailed);
  EXPECT_TRUE(text.ends_with("certificate not accepted: hostname mismatch")) << text;
  EXPECT_EQ(failure_with("a.example", {.names = "IP:127.0.0.1", .subject = "a.example"}),
            ErrorCode::kTlsFailed);
}

TEST_F(PooledClientTls, AnAddressNeedsACertificateForTheAddress) {
  ScriptedReceiver good(io, {answering(1)}, authority.server({.names = "IP:127.0.0.1"}));
  EXPECT_TRUE(send(post(good.url())).has_value());
  ScriptedReceiver named(io, {answering(1)}, authority.server({.names = "DNS:127.0.0.1"}));
  EXPECT_EQ(failure(post(named.url())), ErrorCode::kTlsFailed);
  ScriptedReceiver other(io, {answering(1)}, authority.server({.names = "IP:127.0.0.2"}));
  EXPECT_EQ(failure(post(other.url())), ErrorCode::kTlsFailed);
}

TEST_F(PooledClientTls, AnUnknownAuthorityIsNotTrusted) {
  EXPECT_EQ(failure_with("a.example", {.names = "DNS:a.example"}, false), ErrorCode::kTlsFailed);
  EXPECT_TRUE(text.contains("certificate not accepted: unable to get local issuer")) << text;
}

TEST_F(PooledClientTls, ACertificateHasItsTime) {
  EXPECT_EQ(failure_with("a.example", {.names = "DNS:a.example", .valid_to_seconds = -60}),
            ErrorCode::kTlsFailed);
  EXPECT_TRUE(text.ends_with("certificate has expired")) << text;
  EXPECT_EQ(failure_with("a.example", {.names = "DNS:a.example", .valid_from_seconds = 600}),
            ErrorCode::kTlsFailed);
}

TEST_F(PooledClientTls, APeerWithoutTlsFails) {
  ScriptedReceiver plain(io, {{Step::send("220 mail.example ESMTP\r\n"), Step::await_close()}});
  EXPECT_EQ(failure(post("https://" + plain.host_and_port())), ErrorCode::kTlsFailed);
  ScriptedReceiver closing(io, {{Step::read(1)}});
  EXPECT_EQ(failure(post("https://" + closing.host_and_port())), ErrorCode::kTlsFailed);
}

TEST_F(PooledClientTls, LargeBodiesTravelBothWays) {
  const std::string body(3'000'000, 'x');
  ScriptedReceiver receiver(
      io,
      {{Step::handshake(), Step::request(), Step::send(ok_response(body)), Step::await_close()}},
      authority.server({.names = "IP:127.0.0.1"}));
  ClientRequest request = post(receiver.url(), body);
  request.response_bytes_max = body.size();
  const auto response = send(request);
  ASSERT_TRUE(response.has_value()) << response.error().text;
  EXPECT_EQ(response->body.view(), body);
  EXPECT_TRUE(receiver.requests()[0].ends_with(body));
  EXPECT_EQ(metrics.pool_connections.value(), 1);
}

TEST_F(PooledClientTls, AnEarlyAnswerIsSeenWhileTheBodyIsStillWritten) {
  ScriptedReceiver receiver(
      io,
      {{Step::handshake(), Step::read(100),
        Step::send("HTTP/1.1 413 x\r\nContent-Length: 0\r\n\r\n"), Step::stall()}},
      authority.server({.names = "IP:127.0.0.1"}));
  const auto response = send(post(receiver.url(), std::string(std::size_t{16} << 20, 'x')));
  ASSERT_TRUE(response.has_value()) << response.error().text;
  EXPECT_EQ(response->status, 413);
  settle();
}

// Nobody vouches for where such a body really ends (RFC 9112 section 9.8).
TEST_F(PooledClientTls, ABodyUntilTheEndNeedsTheEndOfTls) {
  ScriptedReceiver receiver(
      io, {{Step::handshake(), Step::request(), Step::send("HTTP/1.1 200 OK\r\n\r\ncut here")}},
      authority.server({.names = "IP:127.0.0.1"}));
  EXPECT_EQ(failure(post(receiver.url())), ErrorCode::kConnectionLost);
}

TEST_F(PooledClientTls, ARequestThatAKeptConnectionTookIsNotSentAgain) {
  ScriptedReceiver receiver(
      io,
      {{Step::handshake(), Step::request(), Step::send(ok_response()), Step::request()},
       answering(1)},
      authority.server({.names = "IP:127.0.0.1"}));
  EXPECT_TRUE(send(post(receiver.url())).has_value());
  EXPECT_EQ(failure(post(receiver.url())), ErrorCode::kConnectionLost);
  EXPECT_EQ(receiver.connections(), 1u);
}

TEST_F(PooledClientTls, AProxysTunnelCarriesTls) {
  Script script = {Step::request(), Step::send("HTTP/1.0 200 Connection established\r\n\r\n")};
  for (const Step& step : answering(2)) script.push_back(step);
  ScriptedReceiver proxy(io, {script}, authority.server({.names = "DNS:a.example"}));
  ClientOptions proxied = options();
  proxied.ca_file = authority.ca_file();
  proxied.proxy = "http://" + proxy.host_and_port();
  make_client(proxied);
  EXPECT_TRUE(send(post("https://a.example/x")).has_value());
  settle();
  EXPECT_TRUE(send(post("https://a.example/x")).has_value());
  ASSERT_EQ(proxy.requests().size(), 3u);
  EXPECT_EQ(proxy.requests()[0], "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n");
  EXPECT_TRUE(proxy.requests()[1].starts_with("POST /x HTTP/1.1\r\nHost: a.example\r\n"));
  EXPECT_EQ(proxy.connections(), 1u);
}

TEST_F(PooledClientTls, AFileWithoutCertificatesIsABadOption) {
  for (const std::string file : {"/dev/null", "/nonexistent/ca.pem"}) {
    ClientOptions bad = options();
    bad.ca_file = file;
    const auto made = PooledClient::make(io, bad, metrics);
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().code, ErrorCode::kInvalidRequest);
  }
}

}  // namespace
}  // namespace ferry::http
