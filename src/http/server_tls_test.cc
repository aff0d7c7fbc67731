#include <gtest/gtest.h>
#include <openssl/objects.h>
#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>
#include <filesystem>
#include <memory>
#include <string>

#include "http/server.h"
#include "http/server_fixture.h"
#include "http/test_certificate.h"
#include "http/tls.h"

namespace ferry::http {
namespace {

constexpr std::string_view kGet = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";

using Session = std::unique_ptr<SSL, decltype([](SSL* ssl) { SSL_free(ssl); })>;

ServerOptions options_for(const TestCertificate& certificate) {
  ServerOptions options;
  options.tls_certificate_file = certificate.certificate_file();
  options.tls_key_file = certificate.key_file();
  return options;
}

// A blocking TLS connection that trusts the CAs of `ca_file` and expects `name`.
class TlsClient {
 public:
  TlsClient(std::uint16_t port, const std::string& ca_file, const std::string& name = "localhost")
      : socket_(port),
        context_(*make_client_tls(ca_file)),
        ssl_(SSL_new(context_->native_handle())) {
    SSL_set_fd(ssl_.get(), socket_.descriptor());
    EXPECT_TRUE(expect_peer_name(ssl_.get(), name));
  }

  SSL* ssl() { return ssl_.get(); }
  bool handshake() { return SSL_connect(ssl_.get()) == 1; }

  void send(std::string_view data) {
    EXPECT_EQ(SSL_write(ssl_.get(), data.data(), static_cast<int>(data.size())),
              static_cast<int>(data.size()));
  }

  // Reads until `end` has come, or the connection ended.
  std::string read_until(std::string_view end) {
    std::string text;
    char buffer[16 << 10];
    while (!text.ends_with(end)) {
      const int count = SSL_read(ssl_.get(), buffer, sizeof(buffer));
      if (count <= 0) break;
      text.append(buffer, static_cast<std::size_t>(count));
    }
    return text;
  }

  std::string exchange(std::string_view request, std::string_view end) {
    send(request);
    return read_until(end);
  }

  std::string peer_subject() {
    char name[64] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(SSL_get0_peer_certificate(ssl_.get())),
                              OBJ_txt2nid("CN"), name, sizeof(name));
    return name;
  }

 private:
  RawClient socket_;
  TlsContext context_;
  Session ssl_;
};

Awaitable<ServerResponse> tell_if_secure(Request request) {
  ServerResponse response;
  response.body = request.head.secure ? "secure" : "plain";
  co_return response;
}

TEST(ServerTls, ServesRequestsUnderTls) {
  const TestCertificate certificate("one");
  RunningServer server(options_for(certificate));
  TlsClient client(server.port(), certificate.certificate_file());
  ASSERT_TRUE(client.handshake());
  EXPECT_TRUE(client.exchange(kGet, "GET /x ").starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(client.exchange(kGet, "GET /x ").starts_with("HTTP/1.1 200 OK\r\n"));
  const std::string last =
      client.exchange("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "(end)");
  EXPECT_TRUE(last.ends_with("GET / "));
  EXPECT_EQ(SSL_get_shutdown(client.ssl()), SSL_RECEIVED_SHUTDOWN);
}

TEST(ServerTls, CarriesLargeBodies) {
  const TestCertificate certificate("one");
  RunningServer server(options_for(certificate));
  TlsClient client(server.port(), certificate.certificate_file());
  ASSERT_TRUE(client.handshake());
  const std::string body = std::string(1u << 20, 'b') + "(end)";
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n");
  EXPECT_TRUE(client.exchange(body, "(end)").ends_with(body));
}

TEST(ServerTls, TellsThatARequestCameUnderTls) {
  const TestCertificate certificate("one");
  RunningServer server(options_for(certificate), tell_if_secure);
  TlsClient client(server.port(), certificate.certificate_file());
  ASSERT_TRUE(client.handshake());
  EXPECT_TRUE(client.exchange(kGet, "secure").ends_with("secure"));
}

TEST(ServerTls, ChoosesHttp11) {
  const TestCertificate certificate("one");
  RunningServer server(options_for(certificate));
  TlsClient client(server.port(), certificate.certificate_file());
  constexpr std::string_view kOffer = "\x02h2\x08http/1.1";
  SSL_set_alpn_protos(client.ssl(), reinterpret_cast<const unsigned char*>(kOffer.data()),
                      kOffer.size());
  ASSERT_TRUE(client.handshake());
  const unsigned char* chosen = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(client.ssl(), &chosen, &size);
  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(chosen), size), "http/1.1");
}

TEST(ServerTls, SpeaksNoVersionBelow12) {
  const TestCertificate certificate("one");
  RunningServer server(options_for(certificate));
  TlsClient old(server.port(), certificate.certificate_file());
  SSL_set_security_level(old.ssl(), 0);
  SSL_set_min_proto_version(old.ssl(), TLS1_VERSION);
  SSL_set_max_proto_version(old.ssl(), TLS1_1_VERSION);
  EXPECT_FALSE(old.handshake());
  TlsClient client(server.port(), certificate.certificate_file());
  SSL_set_max_proto_version(client.ssl(), TLS1_2_VERSION);
  EXPECT_TRUE(client.handshake());
}

TEST(ServerTls, EndsAConnectionThatIsNotTls) {
  const TestCertificate certificate("one");
  RunningServer server(options_for(certificate));
  RawClient client(server.port());
  client.send(kGet);
  EXPECT_EQ(client.read_to_end().find("HTTP/1.1 200"), std::string::npos);
}

TEST(ServerTls, AHandshakeThatDoesNotEndIsTimedOut) {
  const TestCertificate certificate("one");
  ServerOptions options = options_for(certificate);
  options.head_timeout = std::chrono::milliseconds(50);
  RunningServer server(options);
  RawClient client(server.port());
  EXPECT_EQ(client.read_to_end(), "");
}

TEST(ServerTls, ARequestThatDoesNotEndIsTimedOut) {
  const TestCertificate certificate("one");
  ServerOptions options = options_for(certificate);
  options.body_timeout = std::chrono::milliseconds(50);
  RunningServer server(options);
  TlsClient client(server.port(), certificate.certificate_file());
  ASSERT_TRUE(client.handshake());
  const std::string answer =
      client.exchange("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab", "(end)");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 408 "));
}

TEST(ServerTls, ReloadingServesTheNewCertificateToNewConnections) {
  TestCertificate current("old");
  const TestCertificate renewed("new");
  RunningServer server(options_for(current));
  TlsClient running(server.port(), current.certificate_file());
  ASSERT_TRUE(running.handshake());
  EXPECT_EQ(running.peer_subject(), "old");
  current.replace_by(renewed);
  server.run([&] { EXPECT_TRUE(server.server().reload_tls()); });
  TlsClient next(server.port(), renewed.certificate_file());
  ASSERT_TRUE(next.handshake());
  EXPECT_EQ(next.peer_subject(), "new");
  EXPECT_TRUE(running.exchange(kGet, "GET /x ").ends_with("GET /x "));
}

TEST(ServerTls, AFailedReloadLeavesTheCertificateInPlace) {
  const TestCertificate certificate("one");
  RunningServer server(options_for(certificate));
  const std::string aside = certificate.certificate_file() + ".aside";
  std::filesystem::rename(certificate.certificate_file(), aside);
  server.run([&] {
    const auto reloaded = server.server().reload_tls();
    ASSERT_FALSE(reloaded);
    EXPECT_NE(reloaded.error().text.find(certificate.certificate_file()), std::string::npos);
  });
  std::filesystem::rename(aside, certificate.certificate_file());
  TlsClient client(server.port(), certificate.certificate_file());
  EXPECT_TRUE(client.handshake());
}

TEST(ServerTls, ReloadingWithoutTlsChangesNothing) {
  RunningServer server;
  server.run([&] { EXPECT_TRUE(server.server().reload_tls()); });
  EXPECT_EQ(RawClient(server.port()).exchange(kGet).status, 200);
}

TEST(Tls, ACertificateAndTheKeyOfAnotherAreRefused) {
  const TestCertificate one("one");
  const TestCertificate two("two");
  const auto mixed = make_server_tls(one.certificate_file(), two.key_file());
  ASSERT_FALSE(mixed);
  EXPECT_EQ(mixed.error().code, ErrorCode::kInvalidRequest);
  EXPECT_NE(mixed.error().text.find(two.key_file()), std::string::npos);
  EXPECT_FALSE(make_server_tls(one.certificate_file(), ""));
  EXPECT_FALSE(make_client_tls(one.key_file()));
  EXPECT_FALSE(make_client_tls("/nowhere.pem"));
}

TEST(Tls, AClientVerifiesChainAndName) {
  const TestCertificate certificate("one");
  const TestCertificate stranger("stranger");
  RunningServer server(options_for(certificate));
  const auto verifies = [&](const std::string& ca_file, const std::string& name) {
    return TlsClient(server.port(), ca_file, name).handshake();
  };
  EXPECT_TRUE(verifies(certificate.certificate_file(), "localhost"));
  EXPECT_TRUE(verifies(certificate.certificate_file(), "127.0.0.1"));
  EXPECT_FALSE(verifies(certificate.certificate_file(), "elsewhere"));
  EXPECT_FALSE(verifies(certificate.certificate_file(), "one"));
  EXPECT_FALSE(verifies(certificate.certificate_file(), "127.0.0.2"));
  EXPECT_FALSE(verifies(stranger.certificate_file(), "localhost"));
  EXPECT_FALSE(verifies("", "localhost"));
}

}  // namespace
}  // namespace ferry::http
