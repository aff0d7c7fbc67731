#include <gtest/gtest.h>

#include "http/client_fixture.h"

// Which address a request goes to: names, the guard, connect-to entries, the proxy.

namespace ferry::http {
namespace {

struct PooledClientWays : ClientFixture {
  ErrorCode make_failure(const ClientOptions& options) {
    const auto made = PooledClient::make(io, options, metrics);
    return made ? ErrorCode::kCount : made.error().code;
  }

  Script once = {Step::request(), Step::send(ok_response()), Step::await_close()};
};

// "localhost" may have ::1 first, where nobody listens.
TEST_F(PooledClientWays, TheAddressesOfANameAreTriedInOrder) {
  ScriptedReceiver receiver(io, {once});
  const std::string authority = "localhost:" + std::to_string(receiver.port());
  const auto response = send(post("http://" + authority));
  ASSERT_TRUE(response.has_value()) << response.error().text;
  EXPECT_TRUE(receiver.requests()[0].contains("\r\nHost: " + authority + "\r\n"));
  EXPECT_EQ(metrics.connections_opened_total.value(), 1u);
}

TEST_F(PooledClientWays, IPv6IsSpoken) {
  ScriptedReceiver receiver(io, {once}, nullptr, "::1");
  const auto response = send(post(receiver.url()));
  ASSERT_TRUE(response.has_value()) << response.error().text;
  EXPECT_TRUE(receiver.requests()[0].contains("\r\nHost: [::1]:"));
}

// The resolver answers such names itself (RFC 6761 section 6.4).
TEST_F(PooledClientWays, ANameWithoutAddressIsADnsFailure) {
  const auto response = send(post("http://no-such-host.invalid/"));
  ASSERT_FALSE(response.has_value());
  EXPECT_EQ(response.error().code, ErrorCode::kDnsFailed);
  EXPECT_TRUE(response.error().text.starts_with("cannot resolve no-such-host.invalid: "));
}

TEST_F(PooledClientWays, TheGuardSeesTheResolvedAddress) {
  make_client({});
  ScriptedReceiver receiver(io, {once});
  for (const std::string host : {"localhost", "127.0.0.1", "127.1", "0x7f.0.0.1", "2130706433",
                                 "0177.0.0.1", "[::ffff:127.0.0.1]"}) {
    const auto response = send(post("http://" + host + ":" + std::to_string(receiver.port())));
    ASSERT_FALSE(response.has_value()) << host;
    EXPECT_EQ(response.error().code, ErrorCode::kAddressRefused) << host;
    EXPECT_TRUE(response.error().text.starts_with("endpoint resolves to a loopback address: "))
        << response.error().text;
  }
  EXPECT_EQ(receiver.connections(), 0u);
  EXPECT_GE(metrics.addresses_refused_total.value(), 7u);
}

TEST_F(PooledClientWays, RefusedAddressesOfANameAreLeftOut) {
  ClientOptions guarded;
  guarded.guard.allowed_cidrs = {"127.0.0.0/8"};
  make_client(guarded);
  ScriptedReceiver receiver(io, {once});
  EXPECT_TRUE(send(post("http://localhost:" + std::to_string(receiver.port()))).has_value());
}

TEST_F(PooledClientWays, AConnectToEntryLeadsElsewhereUnguarded) {
  ScriptedReceiver receiver(io, {once});
  ClientOptions led;
  led.connect_to["a.example:80"] = receiver.host_and_port();
  led.connect_to["[2001:DB8::1]:81"] = "localhost:" + std::to_string(receiver.port());
  make_client(led);
  EXPECT_TRUE(send(post("http://A.EXAMPLE/x")).has_value());
  EXPECT_TRUE(send(post("http://[2001:db8::1]:81/y")).has_value());
  EXPECT_TRUE(receiver.requests()[0].starts_with("POST /x HTTP/1.1\r\nHost: A.EXAMPLE\r\n"));
  EXPECT_TRUE(receiver.requests()[1].starts_with("POST /y HTTP/1.1\r\nHost: [2001:db8::1]:81\r\n"));
}

TEST_F(PooledClientWays, AProxyIsAskedForTheWholeUrl) {
  ScriptedReceiver proxy(io, {once});
  ClientOptions proxied;
  proxied.proxy = "http://" + proxy.host_and_port();
  make_client(proxied);
  EXPECT_TRUE(send(post("http://a.example/x?y")).has_value());
  EXPECT_TRUE(
      proxy.requests()[0].starts_with("POST http://a.example/x?y HTTP/1.1\r\nHost: a.example\r\n"));
}

TEST_F(PooledClientWays, AConnectToEntryLeadsAroundTheProxy) {
  ScriptedReceiver receiver(io, {once});
  ClientOptions both;
  both.proxy = "http://127.0.0.1:" + std::to_string(unused_port());
  both.connect_to["a.example:80"] = receiver.host_and_port();
  make_client(both);
  EXPECT_TRUE(send(post("http://a.example/x")).has_value());
  EXPECT_TRUE(receiver.requests()[0].starts_with("POST /x HTTP/1.1\r\n"));
}

TEST_F(PooledClientWays, AProxyMayRefuseTheTunnel) {
  ScriptedReceiver proxy(
      io, {{Step::request(), Step::send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")}});
  ClientOptions proxied;
  proxied.proxy = "http://" + proxy.host_and_port();
  make_client(proxied);
  const auto response = send(post("https://a.example/"));
  ASSERT_FALSE(response.has_value());
  EXPECT_EQ(response.error().code, ErrorCode::kConnectFailed);
  EXPECT_EQ(response.error().text, "the proxy refused a tunnel to a.example:443 with status 403");
}

TEST_F(PooledClientWays, BadOptionsAreNamed) {
  for (const std::string proxy : {"proxy:3128", "https://proxy:3128", "http://proxy",
                                  "http://user:secret@proxy:3128", "http://proxy:3128/path"}) {
    ClientOptions bad;
    bad.proxy = proxy;
    EXPECT_EQ(make_failure(bad), ErrorCode::kInvalidRequest) << proxy;
  }
  for (const auto& [from, to] : std::map<std::string, std::string>{
           {"a.example", "b:1"}, {"a:1", "b"}, {"a:1", ""}, {"a:1", "b:0"}, {"", "b:1"}}) {
    ClientOptions bad;
    bad.connect_to[from] = to;
    EXPECT_EQ(make_failure(bad), ErrorCode::kInvalidRequest) << from << " -> " << to;
  }
  ClientOptions bad;
  bad.guard.allowed_cidrs = {"10.0.0.0/99"};
  EXPECT_EQ(make_failure(bad), ErrorCode::kInvalidRequest);
}

}  // namespace
}  // namespace ferry::http
