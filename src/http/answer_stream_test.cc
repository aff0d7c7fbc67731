#include "http/answer_stream.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>

#include "http/server_fixture.h"

// Answers that are made while they are sent, as a peer sees them.

namespace ferry::http {
namespace {

constexpr std::size_t kPieceBytes = 1'000'000;

struct Script {
  int pieces = 3;
  bool fails = false;  // after the pieces
  std::atomic<int> made = 0;
  std::promise<void> let_go;
  bool was_let_go = false;
};

Awaitable<Result<std::string>> next_piece(Script* script) {
  const int piece = script->made++;
  if (piece < script->pieces) {
    co_return std::string(kPieceBytes, static_cast<char>('a' + piece % 26));
  }
  if (script->fails) co_return fail(ErrorCode::kInternal, "no more");
  co_return std::string();
}

Awaitable<ServerResponse> answer_in_pieces(Script* script) {
  ServerResponse response;
  response.body = "first";
  response.stream = {.next = [script] { return next_piece(script); },
                     .let_go =
                         [script] {
                           if (!std::exchange(script->was_let_go, true)) {
                             script->let_go.set_value();
                           }
                         }};
  co_return response;
}

Server::Handle play(Script& script) {
  return [&script](Request) { return answer_in_pieces(&script); };
}

std::string get(std::string_view version = "HTTP/1.1", std::string_view method = "GET") {
  return std::string(method) + " / " + std::string(version) + "\r\nHost: a\r\n\r\n";
}

TEST(AnswerStream, ComesInChunksAndTheConnectionGoesOn) {
  Script script;
  RunningServer server({}, play(script));
  RawClient client(server.port());
  for (int round = 0; round < 2; ++round) {
    script.made = 0;
    const RawResponse response = client.exchange(get());
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.field("Transfer-Encoding"), "chunked");
    EXPECT_EQ(response.field("Content-Length"), "");
    EXPECT_EQ(response.body.size(), 5 + 3 * kPieceBytes);
    EXPECT_TRUE(response.body.starts_with("firstaaa"));
    EXPECT_TRUE(response.body.ends_with("ccc"));
  }
}

TEST(AnswerStream, WithoutChunksTheConnectionEndsWithTheAnswer) {
  Script script;
  RunningServer server({}, play(script));
  RawClient client(server.port());
  client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const std::string all = client.read_to_end();
  EXPECT_NE(all.find("Connection: close\r\n"), std::string::npos);
  EXPECT_EQ(all.find("chunked"), std::string::npos);
  EXPECT_EQ(all.size() - all.find("\r\n\r\n") - 4, 5 + 3 * kPieceBytes);
}

TEST(AnswerStream, OfAnAnswerToHeadNoPieceIsMade) {
  Script script;
  RunningServer server({}, play(script));
  RawClient client(server.port());
  client.send(get("HTTP/1.1", "HEAD") + get("HTTP/1.1", "HEAD"));
  EXPECT_EQ(client.read_response(true).status, 200);
  EXPECT_EQ(client.read_response(true).status, 200);
  EXPECT_EQ(script.made, 0);
}

TEST(AnswerStream, ThatFailsHasNoEnd) {
  Script script{.fails = true};
  RunningServer server({}, play(script));
  RawClient client(server.port());
  client.send(get());
  const std::string all = client.read_to_end();
  EXPECT_NE(all.find("ccc"), std::string::npos);
  EXPECT_FALSE(all.ends_with("0\r\n\r\n"));
}

TEST(AnswerStream, IsMadeNoFasterThanItIsTaken) {
  Script script{.pieces = 1'000};
  RunningServer server({}, play(script));
  RawClient client(server.port());
  client.send(get());
  script.let_go.get_future().wait();  // the peer has taken nothing for a while
  EXPECT_LT(script.made, 20);
}

}  // namespace
}  // namespace ferry::http
