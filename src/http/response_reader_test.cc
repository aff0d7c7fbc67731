#include "http/response_reader.h"

#include <gtest/gtest.h>

namespace ferry::http {
namespace {

constexpr std::size_t kAmple = 1 << 20;

// Feeds `text` in pieces of `step` bytes, offering again what was not taken, as a connection does.
Result<std::string_view> feed(ResponseReader& reader, std::string_view text, std::size_t step) {
  std::size_t begin = 0;
  std::size_t end = 0;
  while (!reader.done() && end < text.size()) {
    end = std::min(end + step, text.size());
    ASSIGN_OR_RETURN(const std::size_t used, reader.put(text.substr(begin, end - begin)));
    begin += used;
  }
  return text.substr(begin);
}

// What the response is must not depend on how its bytes arrive.
ClientResponse read(std::string_view text, std::size_t body_bytes_max = kAmple,
                    ResponseReader::Kind kind = ResponseReader::Kind::kOrdinary) {
  ClientResponse last;
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, text.size()}) {
    ResponseReader reader({.body_bytes_max = body_bytes_max, .kind = kind});
    const auto rest = feed(reader, text, step);
    EXPECT_TRUE(rest.has_value()) << (rest ? "" : rest.error().text);
    EXPECT_TRUE(reader.done()) << text;
    if (!reader.done()) return {};
    last = reader.take();
  }
  return last;
}

ErrorCode failure(std::string_view text) {
  ErrorCode code = ErrorCode::kCount;
  for (const std::size_t step : {std::size_t{1}, text.size()}) {
    ResponseReader reader({.body_bytes_max = kAmple});
    const auto rest = feed(reader, text, step);
    const auto end = rest ? reader.put_end() : Result<void>();
    if (rest && end) return ErrorCode::kCount;
    code = rest ? end.error().code : rest.error().code;
  }
  return code;
}

bool keeps(std::string_view text) {
  ResponseReader reader({.body_bytes_max = kAmple});
  EXPECT_TRUE(feed(reader, text, text.size()).has_value());
  EXPECT_TRUE(reader.done());
  return reader.keeps_connection();
}

TEST(ResponseReader, ReadsABodyOfKnownLength) {
  const auto response =
      read("HTTP/1.1 201 Created\r\nX-a: 1\r\nx-A:  b \r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.headers, (HeaderList{{"X-a", "1"}, {"x-A", "b"}, {"Content-Length", "3"}}));
  EXPECT_EQ(response.body.view(), "abc");
  EXPECT_FALSE(response.truncated);
}

TEST(ResponseReader, ReadsAChunkedBodyAndDropsExtensionsAndTrailers) {
  const auto response = read(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "4;name=value;q=\"a;b\"\r\nWiki\r\nA\r\n0123456789\r\n0;last\r\nX-Trailer: t\r\n\r\n");
  EXPECT_EQ(response.body.view(), "Wiki0123456789");
  EXPECT_EQ(response.headers, (HeaderList{{"Transfer-Encoding", "chunked"}}));
}

TEST(ResponseReader, ABodyWithoutFramingEndsWithTheConnection) {
  ResponseReader reader({.body_bytes_max = kAmple});
  ASSERT_TRUE(feed(reader, "HTTP/1.1 200 OK\r\n\r\nall of it", 4).has_value());
  EXPECT_FALSE(reader.done());
  ASSERT_TRUE(reader.put_end().has_value());
  EXPECT_TRUE(reader.done());
  EXPECT_FALSE(reader.keeps_connection());
  EXPECT_EQ(reader.take().body.view(), "all of it");
}

TEST(ResponseReader, SomeResponsesHaveNoBodyWhateverTheySay) {
  EXPECT_EQ(read("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n").status, 204);
  EXPECT_EQ(read("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n").status, 304);
  EXPECT_EQ(
      read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", kAmple, ResponseReader::Kind::kToHead)
          .status,
      200);
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").status, 200);
}

TEST(ResponseReader, InterimResponsesAreSkipped) {
  const auto response = read(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_EQ(response.status, 200);
  EXPECT_FALSE(response.headers.contains("Link"));
  EXPECT_EQ(response.body.view(), "ok");
}

TEST(ResponseReader, InterimResponsesHaveALimit) {
  const std::string interim = "HTTP/1.1 102 Processing\r\n\r\n";
  std::string text;
  for (int i = 0; i < ResponseReader::kInterimResponsesMax; ++i) text += interim;
  EXPECT_EQ(read(text + "HTTP/1.1 204 x\r\n\r\n").status, 204);
  EXPECT_EQ(failure(text + interim), ErrorCode::kProtocolError);
}

TEST(ResponseReader, WhatFollowsTheResponseIsLeftAlone) {
  ResponseReader reader({.body_bytes_max = kAmple});
  const std::string_view text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 x";
  EXPECT_EQ(*feed(reader, text, text.size()), "HTTP/1.1 500 x");
}

TEST(ResponseReader, ALongBodyIsKeptToItsLimitAndTheRestDropped) {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";
  EXPECT_EQ(read(head + "0123456789", 10).body.view(), "0123456789");
  EXPECT_FALSE(read(head + "0123456789", 10).truncated);
  EXPECT_EQ(read(head + "0123456789", 9).body.view(), "012345678");
  EXPECT_TRUE(read(head + "0123456789", 9).truncated);
  EXPECT_TRUE(read(head + "0123456789", 0).truncated);
  const auto chunked = read(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n", 4);
  EXPECT_EQ(chunked.body.view(), "abcd");
  EXPECT_TRUE(chunked.truncated);
}

TEST(ResponseReader, ADroppedRestKeepsTheConnectionUpToALimit) {
  const auto keeps_with_length = [](std::size_t length) {
    ResponseReader reader({.body_bytes_max = 4});
    const std::string text = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(length) +
                             "\r\n\r\n" + std::string(length, 'x');
    EXPECT_TRUE(feed(reader, text, 100'000).has_value());
    EXPECT_TRUE(reader.done());
    return reader.keeps_connection();
  };
  EXPECT_TRUE(keeps_with_length(4 + ResponseReader::kDroppedBytesMax));
  EXPECT_FALSE(keeps_with_length(5 + ResponseReader::kDroppedBytesMax));
}

TEST(ResponseReader, ABodyKnownToBeTooLongIsCutOffAtOnce) {
  ResponseReader reader({.body_bytes_max = 4});
  ASSERT_TRUE(reader.put("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nabcd").has_value());
  EXPECT_FALSE(reader.done());
  ASSERT_TRUE(reader.put("e").has_value());
  ASSERT_TRUE(reader.done());
  EXPECT_FALSE(reader.keeps_connection());
  const ClientResponse response = reader.take();
  EXPECT_EQ(response.body.view(), "abcd");
  EXPECT_TRUE(response.truncated);
}

TEST(ResponseReader, AnEndlessBodyIsCutOffBehindTheDroppedBytes) {
  ResponseReader reader({.body_bytes_max = 4});
  ASSERT_TRUE(reader.put("HTTP/1.1 200 OK\r\n\r\n").has_value());
  const std::string piece(65536, 'x');
  std::size_t fed = 0;
  while (!reader.done() && fed < 4 * ResponseReader::kDroppedBytesMax) {
    ASSERT_TRUE(reader.put(piece).has_value());
    fed += piece.size();
  }
  EXPECT_TRUE(reader.done());
  EXPECT_GT(fed, ResponseReader::kDroppedBytesMax);
  EXPECT_LE(fed, ResponseReader::kDroppedBytesMax + 2 * piece.size());
  EXPECT_TRUE(reader.take().truncated);
}

TEST(ResponseReader, TheConnectionStaysByTheRulesOfTheVersion) {
  EXPECT_TRUE(keeps("HTTP/1.1 204 x\r\n\r\n"));
  EXPECT_FALSE(keeps("HTTP/1.1 204 x\r\nConnection: Close\r\n\r\n"));
  EXPECT_FALSE(keeps("HTTP/1.0 204 x\r\n\r\n"));
  EXPECT_TRUE(keeps("HTTP/1.0 204 x\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(ResponseReader, AnOpenedTunnelStaysWhateverTheProxySays) {
  const auto keeps_tunnel = [](std::string_view text) {
    ResponseReader reader({.kind = ResponseReader::Kind::kToConnect});
    EXPECT_TRUE(feed(reader, text, text.size()).has_value());
    EXPECT_TRUE(reader.done());
    return reader.keeps_connection();
  };
  EXPECT_TRUE(keeps_tunnel("HTTP/1.0 200 Connection established\r\n\r\n"));
  EXPECT_TRUE(keeps_tunnel("HTTP/1.1 200 x\r\nConnection: close\r\nContent-Length: 3\r\n\r\n"));
  EXPECT_FALSE(keeps_tunnel("HTTP/1.1 407 x\r\nContent-Length: 3\r\n\r\nabc"));
}

TEST(ResponseReader, AMalformedResponseIsAProtocolError) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  for (const std::string& text : {std::string("garbage\r\n\r\n"),
                                  std::string("HTTP/2.0 200 OK\r\n\r\n"),
                                  std::string("HTTP/1.1 20 OK\r\n\r\n"),
                                  std::string("HTTP/1.1 2000 OK\r\n\r\n"),
                                  std::string("HTTP/1.1 099 OK\r\n\r\n"),
                                  std::string("HTTP/1.1 abc OK\r\n\r\n"),
                                  std::string("HTTP/1.1 101 Switching\r\n\r\n"),
                                  std::string(" HTTP/1.1 200 OK\r\n\r\n"),
                                  ok + "no colon\r\n\r\n",
                                  ok + "a b: c\r\n\r\n",
                                  ok + ": c\r\n\r\n",
                                  ok + "a: b\n\n\r\n",
                                  ok + "Content-Length: x\r\n\r\n",
                                  ok + "Content-Length: -1\r\n\r\n",
                                  ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                                  ok + "Content-Length: 99999999999999999999999\r\n\r\n",
                                  ok + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
                                  ok + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc",
                                  ok + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
                                  ok + "Transfer-Encoding: chunked\r\n\r\n-1\r\n",
                                  ok + "Transfer-Encoding: chunked\r\n\r\n11111111111111111\r\nx",
                                  ok + "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n"})
    EXPECT_EQ(failure(text), ErrorCode::kProtocolError) << text;
}

TEST(ResponseReader, AHeadBeyondItsLimitIsRefused) {
  const std::string head = "HTTP/1.1 200 OK\r\nX: ";
  EXPECT_EQ(read(head + std::string(60'000, 'x') + "\r\nContent-Length: 0\r\n\r\n").status, 200);
  EXPECT_EQ(failure(head + std::string(ResponseReader::kHeadBytesMax, 'x') + "\r\n\r\n"),
            ErrorCode::kProtocolError);
}

TEST(ResponseReader, AnEarlyEndIsALostConnection) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  for (const std::string& text :
       {std::string("HTTP"), ok, ok + "Content-Length: 3\r\n\r\n",
        ok + "Content-Length: 3\r\n\r\nab", ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
        std::string("HTTP/1.1 100 Continue\r\n\r\n")})
    EXPECT_EQ(failure(text), ErrorCode::kConnectionLost) << text;
}

}  // namespace
}  // namespace ferry::http
