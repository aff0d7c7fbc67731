#include "http/server.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "base/check.h"
#include "http/server_fixture.h"

namespace ferry::http {
namespace {

std::string get(std::string_view target, std::string_view fields = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

std::string post(std::string_view target, std::string_view body) {
  return "POST " + std::string(target) +
         " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

std::string chunked(std::string_view chunks) {
  return "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(chunks);
}

Awaitable<ServerResponse> throw_at_boom(Request request) {
  if (request.head.target == "/boom") throw std::runtime_error("boom");  // tree: allow
  co_return co_await echo(std::move(request));
}

// Goes around the loop once before it answers, as one that waits for something does.
Awaitable<ServerResponse> echo_later(Request request) {
  const Executor executor = co_await asio::this_coro::executor;
  co_await asio::post(executor, asio::use_awaitable_t<Executor>());
  co_return co_await echo(std::move(request));
}

Awaitable<ServerResponse> tell_what_came(Request request) {
  ServerResponse response;
  const RequestHead& head = request.head;
  response.body = head.peer_ip + "|" + head.request_id + "|" + (head.secure ? "tls" : "plain");
  response.headers.add("X-Count", std::to_string(head.headers.size()));
  co_return response;
}

Admission refuse_all(const RequestHead&) {
  Admission admission;
  admission.refusal.emplace();
  admission.refusal->status = 401;
  admission.refusal->body = "no";
  return admission;
}

TEST(Server, AnswersARequest) {
  RunningServer server;
  RawClient client(server.port());
  const RawResponse response = client.exchange(post("/a?b=c", "hello"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "POST /a?b=c hello");
  EXPECT_EQ(response.field("Content-Length"), "17");
  EXPECT_TRUE(response.field("Date").ends_with(" GMT"));
  EXPECT_TRUE(response.field("Request-Id").starts_with("req_"));
  EXPECT_EQ(response.field("Connection"), "");
}

TEST(Server, TellsWhereARequestCameFrom) {
  RunningServer server({}, tell_what_came);
  RawClient client(server.port());
  const RawResponse response = client.exchange(get("/", "X-One: 1\r\n"));
  EXPECT_EQ(response.body, "127.0.0.1|" + response.field("Request-Id") + "|plain");
  EXPECT_EQ(response.field("X-Count"), "2");
}

TEST(Server, PassesTheTargetOnRaw) {
  RunningServer server;
  RawClient client(server.port());
  EXPECT_EQ(client.exchange(get("/v2//publish/http://x/../%2F\xc3\xa9#f")).body,
            "GET /v2//publish/http://x/../%2F\xc3\xa9#f ");
}

TEST(Server, KeepsTheConnectionUntilAskedToClose) {
  RunningServer server;
  RawClient client(server.port());
  const RawResponse first = client.exchange(get("/1"));
  const RawResponse second = client.exchange(get("/2"));
  EXPECT_NE(first.field("Request-Id"), second.field("Request-Id"));
  const RawResponse last = client.exchange(get("/3", "Connection: close\r\n"));
  EXPECT_EQ(last.field("Connection"), "close");
  EXPECT_EQ(client.read_to_end(), "");
}

TEST(Server, ClosesBehindAnHttp10RequestUnlessItSaysOtherwise) {
  RunningServer server;
  RawClient keeping(server.port());
  EXPECT_EQ(
      keeping.exchange("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").field("Connection"),
      "keep-alive");
  EXPECT_EQ(keeping.exchange("GET / HTTP/1.0\r\n\r\n").field("Connection"), "close");
  EXPECT_EQ(keeping.read_to_end(), "");
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  for (const auto handle : {echo, echo_later}) {
    RunningServer server({}, handle);
    RawClient client(server.port());
    std::string requests;
    for (int i = 0; i < 100; ++i) requests += post("/" + std::to_string(i), std::string(200, 'x'));
    client.send(requests);
    for (int i = 0; i < 100; ++i) {
      ASSERT_TRUE(client.read_response().body.starts_with("POST /" + std::to_string(i) + " x"));
    }
  }
}

TEST(Server, TakesRequestsByteAfterByte) {
  RunningServer server;
  RawClient client(server.port());
  const std::string requests =
      post("/a", "body") + chunked("3\r\nabc\r\n0\r\nTrailer: t\r\n\r\n") + get("/b");
  for (const char byte : requests) client.send({&byte, 1});
  EXPECT_EQ(client.read_response().body, "POST /a body");
  EXPECT_EQ(client.read_response().body, "POST /c abc");
  EXPECT_EQ(client.read_response().body, "GET /b ");
}

TEST(Server, AnswersAPeerThatHasEndedItsSide) {
  RunningServer server({}, echo_later);
  RawClient client(server.port());
  client.send(get("/1") + get("/2"));
  client.end_sending();
  EXPECT_EQ(client.read_response().body, "GET /1 ");
  EXPECT_EQ(client.read_response().body, "GET /2 ");
  EXPECT_EQ(client.read_to_end(), "");
}

TEST(Server, SaysSoWhenAPeerEndsWithinARequest) {
  RunningServer server;
  for (const std::string request :
       {"GET / HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\na"}) {
    RawClient client(server.port());
    client.send(request);
    client.end_sending();
    EXPECT_EQ(client.read_response().status, 400) << request;
    EXPECT_EQ(client.read_to_end(), "");
  }
}

TEST(Server, EndsQuietlyWithAPeerThatSentNothing) {
  RunningServer server;
  RawClient client(server.port());
  client.end_sending();
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(server.metrics().requests_total.value(), 0u);
}

TEST(Server, ReadsChunkedBodiesAndDropsTheirTrailers) {
  RunningServer server;
  RawClient client(server.port());
  EXPECT_EQ(client.exchange(chunked("5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nA: b\r\n\r\n")).body,
            "POST /c hello!");
  EXPECT_EQ(client.exchange(chunked("0\r\n\r\n")).body, "POST /c ");
}

TEST(Server, CarriesLargeBodiesBothWays) {
  RunningServer server;
  RawClient client(server.port());
  std::string body(3u << 20, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 31 >> 3);
  EXPECT_TRUE(client.exchange(post("/", body)).body == "POST / " + body);
  std::string chunks;
  for (std::size_t at = 0; at < body.size(); at += 0x10000) {
    chunks += "10000\r\n" + body.substr(at, 0x10000) + "\r\n";
  }
  EXPECT_TRUE(client.exchange(chunked(chunks + "0\r\n\r\n")).body == "POST /c " + body);
}

TEST(Server, InvitesABodyThatWaitsForIt) {
  RunningServer server;
  RawClient client(server.port());
  const std::string head = "POST /e HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n";
  EXPECT_EQ(client.exchange(head + "Content-Length: 4\r\n\r\n").status, 100);
  EXPECT_EQ(client.exchange("body").body, "POST /e body");
  EXPECT_EQ(client.exchange(head + "Transfer-Encoding: chunked\r\n\r\n").status, 100);
  EXPECT_EQ(client.exchange("1\r\nx\r\n0\r\n\r\n").body, "POST /e x");
  // Who has begun to send, or has nothing to send, needs no invitation.
  EXPECT_EQ(client.exchange(head + "Content-Length: 4\r\n\r\nbody").status, 200);
  EXPECT_EQ(client.exchange(head + "Content-Length: 0\r\n\r\n").status, 200);
}

TEST(Server, RefusesBeforeItInvitesTheBody) {
  RunningServer server({}, echo, refuse_all);
  RawClient client(server.port());
  const RawResponse response = client.exchange(
      "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(response.field("Connection"), "close");
  EXPECT_EQ(client.read_to_end(), "");
}

TEST(Server, ARefusalReachesAPeerThatIsStillSending) {
  RunningServer server({}, echo, refuse_all);
  RawClient client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
  client.send(std::string(50'000, 'x'));
  const RawResponse response = client.read_response();
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(response.body, "no");
  EXPECT_EQ(client.read_to_end(), "");
}

TEST(Server, ARefusalWithoutUnreadBodyKeepsTheConnection) {
  RunningServer server({}, echo, refuse_all);
  RawClient client(server.port());
  EXPECT_EQ(client.exchange(get("/")).field("Connection"), "");
  EXPECT_EQ(client.exchange(post("/", "small")).field("Connection"), "");
  EXPECT_EQ(client.exchange(get("/")).status, 401);
}

TEST(Server, AnswersHeadWithoutABody) {
  RunningServer server;
  RawClient client(server.port());
  client.send("HEAD /h HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.read_response(true).field("Content-Length"), "8");
  EXPECT_EQ(client.exchange(get("/g")).body, "GET /g ");
}

TEST(Server, AnAnswerThatThrowsIsAnInternalError) {
  RunningServer server({}, throw_at_boom);
  RawClient client(server.port());
  const RawResponse response = client.exchange(get("/boom"));
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body, R"({"error":"internal error"})");
  RawClient next(server.port());
  EXPECT_EQ(next.exchange(get("/")).status, 200);
}

// Nothing behind a request that could be read two ways is ever looked at.
TEST(Server, RefusesToBeSmuggledThrough) {
  RunningServer server;
  const std::string smuggled = get("/smuggled");
  for (const std::string fields :
       {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 0\r\nContent-Length: 5\r\n", "Content-Length: 5, 5\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding : chunked\r\n", "Transfer-Encoding:\r\n chunked\r\n",
        "X: y\nTransfer-Encoding: chunked\r\n", "X: y\rTransfer-Encoding: chunked\r\n",
        "Host: b\r\n", "Content-Length: +0\r\n"}) {
    RawClient client(server.port());
    client.send("POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + smuggled);
    const RawResponse response = client.read_response();
    EXPECT_TRUE(response.status == 400 || response.status == 501) << fields;
    EXPECT_EQ(response.field("Connection"), "close") << fields;
    EXPECT_TRUE(response.body.starts_with(R"({"error":")")) << fields;
    EXPECT_EQ(client.read_to_end(), "") << fields;
  }
}

TEST(Server, SpeaksNoOtherVersion) {
  RunningServer server;
  RawClient client(server.port());
  EXPECT_EQ(client.exchange("GET / HTTP/2.0\r\n\r\n").status, 505);
}

TEST(Server, CountsConnectionsRequestsAndErrors) {
  RunningServer server({}, throw_at_boom);
  {
    RawClient client(server.port());
    client.exchange(get("/"));
    client.exchange(get("/boom"));
    EXPECT_EQ(server.metrics().connections.value(), 1);
  }
  EXPECT_EQ(server.metrics().requests_total.value(), 2u);
  EXPECT_EQ(server.metrics().request_errors_total.value(), 1u);
  EXPECT_EQ(server.metrics().request_latency.count(), 2u);
}

TEST(Server, NamesThePortThatIsInUse) {
  RunningServer server;
  asio::io_context io;
  Metrics metrics;
  ServerOptions options;
  options.port = server.port();
  const auto second = Server::listen(io, options, admit_all, echo, metrics);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().text.find("address already in use :" + std::to_string(server.port())),
            std::string::npos);
}

TEST(Server, SeveralMayShareOnePort) {
  asio::io_context io;
  Metrics metrics;
  ServerOptions options;
  options.port = 0;
  options.reuse_port = true;
  const auto first = Server::listen(io, options, admit_all, echo, metrics);
  ASSERT_TRUE(first);
  options.port = (*first)->port();
  EXPECT_TRUE(Server::listen(io, options, admit_all, echo, metrics));
}

// A listening unix socket in a folder of its own.
class UnixListener {
 public:
  UnixListener() {
    std::string name = (std::filesystem::temp_directory_path() / "ferry-XXXXXX").string();
    CHECK(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::ranges::copy(path().native(), address.sun_path);
    descriptor_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    CHECK(::listen(descriptor_, 8) == 0);
  }
  ~UnixListener() { std::filesystem::remove_all(folder_); }

  std::filesystem::path path() const { return folder_ / "socket"; }
  int descriptor() const { return descriptor_; }  // for the server, which closes it

 private:
  std::filesystem::path folder_;
  int descriptor_ = -1;
};

TEST(Server, ServesASocketThatListensAlready) {
  const UnixListener listener;
  RunningServer server({.listening_descriptor = listener.descriptor()}, tell_what_came);
  EXPECT_EQ(server.port(), 0);
  RawClient first(listener.path());
  RawClient second(listener.path());
  const RawResponse answer = second.exchange(post("/a", "hello"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.body.starts_with("|req_")) << answer.body;  // it has no address
  EXPECT_EQ(first.exchange(get("/")).status, 200);
}

TEST(Server, ClosesPeersThatItDoesNotServe) {
  const UnixListener listener;
  std::atomic<bool> serves = false;
  RunningServer server({.listening_descriptor = listener.descriptor(),
                        .serves_peer = [&serves](int peer) { return peer >= 0 && serves; }});
  RawClient refused(listener.path());
  refused.send(get("/"));
  EXPECT_EQ(refused.read_to_end(), "");
  serves = true;
  RawClient served(listener.path());
  EXPECT_EQ(served.exchange(get("/")).status, 200);
}

TEST(Server, RefusesAHostThatIsNone) {
  asio::io_context io;
  Metrics metrics;
  ServerOptions options;
  options.host = "256.1.1.1.invalid";
  EXPECT_FALSE(Server::listen(io, options, admit_all, echo, metrics));
}

}  // namespace
}  // namespace ferry::http
