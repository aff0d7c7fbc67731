#include "http/body_sending.h"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "http/client_fixture.h"
#include "http/test_authority.h"

// Requests whose body is read while it is sent.

namespace ferry::http {
namespace {

constexpr std::size_t kLarge = std::size_t{16} << 20;  // more than the buffers of a connection

// A body of so many bytes, no two pieces of it alike, and what the client asked of it.
struct Body {
  explicit Body(std::size_t size) : text(size, '\0') {
    for (std::size_t i = 0; i < size; ++i)
      text[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
  }

  std::string text;
  std::size_t piece_bytes = std::size_t{64} << 10;
  std::optional<std::uint64_t> fails_at;
  std::vector<std::uint64_t> asked;
  int cancelled = 0;
  bool stalls = false;  // a read waits until it is cancelled
  OneShot stalled;
};

Awaitable<Result<Bytes>> read_piece(Body& body, std::uint64_t offset) {
  body.asked.push_back(offset);
  co_await asio::post(asio::use_awaitable_t<Executor>());
  if (body.stalls) {
    co_await body.stalled.wait();
    co_return fail(ErrorCode::kStoreIo, "cancelled");
  }
  if (body.fails_at && offset >= *body.fails_at) {
    co_return fail(ErrorCode::kStoreIo, "the piece could not be read");
  }
  co_return Bytes::copy(std::string_view(body.text).substr(offset, body.piece_bytes));
}

struct BodySendingTest : ClientFixture {
  static ClientRequest request_of(Body& body, const std::string& url) {
    ClientRequest request = post(url, "");
    request.source =
        BodySource{.size = body.text.size(),
                   .read = [&body](std::uint64_t offset) { return read_piece(body, offset); },
                   .cancel =
                       [&body] {
                         ++body.cancelled;
                         body.stalled.wake();
                       }};
    return request;
  }
};

TEST_F(BodySendingTest, TheBodyArrivesWholeWhateverItsLength) {
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{65'536}, std::size_t{65'537}, kLarge}) {
    Body body(size);
    ScriptedReceiver receiver(io,
                              {{Step::request(), Step::send(ok_response()), Step::await_close()}});
    const auto response = send(request_of(body, receiver.url()));
    ASSERT_TRUE(response.has_value()) << response.error().text;
    const std::string& request = receiver.requests().at(0);
    EXPECT_TRUE(request.contains("\r\nContent-Length: " + std::to_string(size) + "\r\n"));
    EXPECT_TRUE(request.ends_with("\r\n\r\n" + body.text)) << size;
    EXPECT_EQ(body.cancelled, 0);
  }
}

TEST_F(BodySendingTest, TheConnectionIsKeptAfterAWholeBody) {
  Body body(kLarge);
  ScriptedReceiver receiver(io, {{Step::request(), Step::send(ok_response()), Step::request(),
                                  Step::send(ok_response()), Step::await_close()}});
  EXPECT_TRUE(send(request_of(body, receiver.url())).has_value());
  EXPECT_TRUE(send(request_of(body, receiver.url())).has_value());
  EXPECT_EQ(receiver.connections(), 1u);
  EXPECT_TRUE(receiver.requests().at(1).ends_with(body.text));
}

TEST_F(BodySendingTest, AReceiverThatTakesNothingIsNotReadFor) {
  Body body(kLarge);
  ScriptedReceiver receiver(io, {{Step::stall()}});
  ClientRequest request = request_of(body, receiver.url());
  request.timeout = Duration{300};
  EXPECT_EQ(failure(std::move(request)), ErrorCode::kTimedOut);
  // What the kernel's buffers hold was read, the rest was not.
  EXPECT_LT(body.asked.back() + body.piece_bytes, kLarge);
}

TEST_F(BodySendingTest, AnEarlyAnswerEndsTheSending) {
  const std::string early = "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig";
  for (const bool closes : {false, true}) {
    Body body(kLarge);
    Script script = {Step::read(100), Step::send(early)};
    if (!closes) script.push_back(Step::stall());
    ScriptedReceiver receiver(io, {script});
    const auto response = send(request_of(body, receiver.url()));
    ASSERT_TRUE(response.has_value()) << response.error().text;
    EXPECT_EQ(response->status, 413);
    EXPECT_EQ(response->body.view(), "big");
    EXPECT_EQ(body.cancelled, 1);
    EXPECT_EQ(metrics.pool_connections.value(), 0);
  }
}

TEST_F(BodySendingTest, AnEarlyAnswerEndsAReadThatWaits) {
  Body body(kLarge);
  body.stalls = true;
  ScriptedReceiver receiver(
      io, {{Step::read(20), Step::send("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"),
            Step::stall()}});
  const auto response = send(request_of(body, receiver.url()));
  ASSERT_TRUE(response.has_value()) << response.error().text;
  EXPECT_EQ(response->status, 401);
  EXPECT_EQ(body.cancelled, 1);
}

TEST_F(BodySendingTest, AFailureOfTheSourceIsTheResult) {
  for (const std::uint64_t at : {std::uint64_t{0}, std::uint64_t{65'536}}) {
    Body body(kLarge);
    body.fails_at = at;
    ScriptedReceiver receiver(io, {{Step::await_close()}});
    const auto response = send(request_of(body, receiver.url()));
    ASSERT_FALSE(response.has_value());
    EXPECT_EQ(response.error().code, ErrorCode::kStoreIo);
    EXPECT_EQ(response.error().text, "the piece could not be read");
  }
}

TEST_F(BodySendingTest, AConnectionLostInTheMiddleIsALostConnection) {
  Body body(kLarge);
  ScriptedReceiver receiver(io, {{Step::read(1'000'000), Step::reset()}});
  EXPECT_EQ(failure(request_of(body, receiver.url())), ErrorCode::kConnectionLost);
  EXPECT_EQ(body.cancelled, 1);
}

TEST_F(BodySendingTest, ABodyOfWhichAKeptConnectionTookAPartIsNotSentAgain) {
  Body body(200'000);
  ScriptedReceiver receiver(
      io, {{Step::request(), Step::send(ok_response()), Step::read(70'000), Step::reset()},
           {Step::request(), Step::send(ok_response()), Step::await_close()}});
  EXPECT_TRUE(send(request_of(body, receiver.url())).has_value());
  EXPECT_EQ(failure(request_of(body, receiver.url())), ErrorCode::kConnectionLost);
  EXPECT_EQ(receiver.connections(), 1u);
}

TEST_F(BodySendingTest, StoppingTheClientEndsIt) {
  Body body(kLarge);
  ScriptedReceiver receiver(io, {{Step::stall()}});
  const auto answer = start(request_of(body, receiver.url()));
  while (body.asked.empty()) io.run_one();
  client->stop();
  EXPECT_EQ(finish(answer).error().code, ErrorCode::kStopping);
}

TEST_F(BodySendingTest, TheBodyTravelsOverTls) {
  TestAuthority authority;
  ClientOptions options = ClientFixture::options();
  options.ca_file = authority.ca_file();
  make_client(std::move(options));
  Body body(3'000'001);
  ScriptedReceiver receiver(
      io, {{Step::handshake(), Step::request(), Step::send(ok_response()), Step::await_close()}},
      authority.server({.names = "IP:127.0.0.1"}));
  const auto response = send(request_of(body, receiver.url()));
  ASSERT_TRUE(response.has_value()) << response.error().text;
  EXPECT_TRUE(receiver.requests().at(0).ends_with("\r\n\r\n" + body.text));
  EXPECT_EQ(metrics.pool_connections.value(), 1);
}

TEST_F(BodySendingTest, AnEarlyAnswerOverTlsIsSeen) {
  TestAuthority authority;
  ClientOptions options = ClientFixture::options();
  options.ca_file = authority.ca_file();
  make_client(std::move(options));
  Body body(kLarge);
  ScriptedReceiver receiver(
      io,
      {{Step::handshake(), Step::read(100),
        Step::send("HTTP/1.1 413 x\r\nContent-Length: 0\r\n\r\n"), Step::stall()}},
      authority.server({.names = "IP:127.0.0.1"}));
  const auto response = send(request_of(body, receiver.url()));
  ASSERT_TRUE(response.has_value()) << response.error().text;
  EXPECT_EQ(response->status, 413);
  settle();
}

}  // namespace
}  // namespace ferry::http
