#include "http/response_reader.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "base/cuts.h"

namespace ferry::http {
namespace {

constexpr std::size_t kAmple = 1 << 20;

Result<std::size_t> feed(ResponseReader& reader, std::string_view text, cuts::Ends ends = {}) {
  Result<std::size_t> last = 0;
  const std::size_t taken = cuts::put_in_pieces(
      text, ends,
      [&](std::string_view piece) {
        last = reader.put(piece);
        return last.value_or(0);
      },
      [&] { return !last || reader.done(); });
  if (!last) return last;
  return taken;
}

// All that a caller can see of a response whose bytes end with the connection.
struct Reading {
  std::optional<ErrorCode> code;
  std::string error;
  std::size_t taken = 0;
  bool keeps_connection = false;
  int status = 0;
  HeaderList headers;
  std::string body;
  bool truncated = false;

  friend bool operator==(const Reading&, const Reading&) = default;
};

Reading read_once(std::string_view text, const ResponseReader::Options& options, cuts::Ends ends) {
  ResponseReader reader(options);
  const auto taken = feed(reader, text, ends);
  const auto end = taken && !reader.done() ? reader.put_end() : Result<void>();
  Reading reading{.taken = taken.value_or(0)};
  if (!taken || !end) {
    const Error& error = taken ? end.error() : taken.error();
    reading.code = error.code;
    reading.error = error.text;
    return reading;
  }
  reading.keeps_connection = reader.keeps_connection();
  const ClientResponse response = reader.take();
  reading.status = response.status;
  reading.headers = response.headers;
  reading.body = response.body.view();
  reading.truncated = response.truncated;
  return reading;
}

// What the response is must not depend on how its bytes arrive.
Reading reading_of(std::string_view text, const ResponseReader::Options& options) {
  const auto read = [&](cuts::Ends ends) { return read_once(text, options, ends); };
  EXPECT_EQ(cuts::first_difference(text, read, 500), "") << text.substr(0, 1000);
  return read({});
}

Reading read(std::string_view text, std::size_t body_bytes_max = kAmple,
             ResponseReader::Kind kind = ResponseReader::Kind::kOrdinary) {
  Reading reading = reading_of(text, {.body_bytes_max = body_bytes_max, .kind = kind});
  EXPECT_EQ(reading.error, "") << text.substr(0, 1000);
  return reading;
}

ErrorCode failure(std::string_view text) {
  return reading_of(text, {.body_bytes_max = kAmple}).code.value_or(ErrorCode::kCount);
}

bool keeps(std::string_view text) { return read(text).keeps_connection; }

TEST(ResponseReader, ReadsABodyOfKnownLength) {
  const auto response =
      read("HTTP/1.1 201 Created\r\nX-a: 1\r\nx-A:  b \r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.headers, (HeaderList{{"X-a", "1"}, {"x-A", "b"}, {"Content-Length", "3"}}));
  EXPECT_EQ(response.body, "abc");
  EXPECT_FALSE(response.truncated);
}

TEST(ResponseReader, ReadsAChunkedBodyAndDropsExtensionsAndTrailers) {
  const auto response = read(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "4;name=value;q=\"a;b\"\r\nWiki\r\nA\r\n0123456789\r\n0;last\r\nX-Trailer: t\r\n\r\n");
  EXPECT_EQ(response.body, "Wiki0123456789");
  EXPECT_EQ(response.headers, (HeaderList{{"Transfer-Encoding", "chunked"}}));
}

TEST(ResponseReader, ABodyWithoutFramingEndsWithTheConnection) {
  ResponseReader reader({.body_bytes_max = kAmple});
  ASSERT_TRUE(feed(reader, "HTTP/1.1 200 OK\r\n\r\nall of it").has_value());
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
  EXPECT_EQ(response.body, "ok");
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
  EXPECT_EQ(text.substr(*feed(reader, text)), "HTTP/1.1 500 x");
}

TEST(ResponseReader, ALongBodyIsKeptToItsLimitAndTheRestDropped) {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";
  EXPECT_EQ(read(head + "0123456789", 10).body, "0123456789");
  EXPECT_FALSE(read(head + "0123456789", 10).truncated);
  EXPECT_EQ(read(head + "0123456789", 9).body, "012345678");
  EXPECT_TRUE(read(head + "0123456789", 9).truncated);
  EXPECT_TRUE(read(head + "0123456789", 0).truncated);
  const auto chunked = read(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n", 4);
  EXPECT_EQ(chunked.body, "abcd");
  EXPECT_TRUE(chunked.truncated);
}

TEST(ResponseReader, ADroppedRestKeepsTheConnectionUpToALimit) {
  const auto keeps_with_length = [](std::size_t length) {
    ResponseReader reader({.body_bytes_max = 4});
    const std::string text = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(length) +
                             "\r\n\r\n" + std::string(length, 'x');
    EXPECT_TRUE(feed(reader, text).has_value());
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
    EXPECT_TRUE(feed(reader, text).has_value());
    EXPECT_TRUE(reader.done());
    return reader.keeps_connection();
  };
  EXPECT_TRUE(keeps_tunnel("HTTP/1.0 200 Connection established\r\n\r\n"));
  EXPECT_TRUE(keeps_tunnel("HTTP/1.1 200 x\r\nConnection: close\r\nContent-Length: 3\r\n\r\n"));
  EXPECT_FALSE(keeps_tunnel("HTTP/1.1 407 x\r\nContent-Length: 3\r\n\r\nabc"));
}

TEST(ResponseReader, AMalformedResponseIsAProtocolError) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  for (const std::string& text :
       {std::string("garbage\r\n\r\n"),
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
        ok + "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
        ok + "Transfer-Encoding: chunked\r\n\r\n 1\r\na\r\n0\r\n\r\n",
        ok + "Transfer-Encoding: chunked\r\n\r\n1 1\r\na\r\n0\r\n\r\n",
        ok + "Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n",
        ok + "Transfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n",
        ok + "Transfer-Encoding: chunked\r\n\r\n\r\n",
        ok + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
        ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ok + "Transfer-Encoding: gzip\r\nContent-Length: 1\r\n\r\na",
        ok + "Content-Length: 1, 2\r\n\r\na",
        ok + "Content-Length: 1,\r\n\r\na",
        ok + "Content-Length: 1 1\r\n\r\na",
        ok + "Content-Length: +1\r\n\r\na",
        ok + "Content-Length: 0x1\r\n\r\na",
        ok + "Content-Length:\r\n\r\na",
        ok + "Content-Length: 18446744073709551616\r\n\r\na",
        ok + "Content-Length: 18446744073709551617\r\n\r\na",
        ok + " folded: first\r\n\r\n",
        ok + "a: b\rc\r\n\r\n",
        ok + "a: b\n\r\n",
        ok + "a : b\r\n\r\n",
        std::string("HTTP/1.1  200 OK\r\n\r\n"),
        std::string("HTTP/1.1 +20 OK\r\n\r\n"),
        std::string("HTTP/1.1 200OK\r\n\r\n"),
        std::string("HTTP/1.1 200 a\x01z\r\n\r\n"),
        std::string("HTTP/1.1 4294967496 OK\r\n\r\n"),
        std::string("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 429 Too Ma\r\n"
                    "Transfer-Encoding: chunked\r\n\r\n0\r\nok\r\n0\r\n\r\n")})
    EXPECT_EQ(failure(text), ErrorCode::kProtocolError) << text;
}

TEST(ResponseReader, ChunkSizesMayBePadded) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string& body :
       {std::string("2  \r\nok\r\n0\r\n\r\n"), std::string("2\t\r\nok\r\n0  \r\n\r\n"),
        std::string("000002 \r\nok\r\n00 \r\n\r\n"), std::string("2 ;a=b\r\nok\r\n0 ; c\r\n\r\n"),
        std::string(500, '0') + "2\r\nok\r\n" + std::string(500, '0') + "\r\n\r\n"})
    EXPECT_EQ(read(head + body).body, "ok") << body;
}

TEST(ResponseReader, AChunkMayAnnounceTheLargestNumberButNotMore) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(failure(head + "ffffffffffffffff\r\nab"), ErrorCode::kConnectionLost);
  EXPECT_EQ(failure(head + "10000000000000000\r\nab"), ErrorCode::kProtocolError);
  EXPECT_EQ(failure(head + "2\r\nab\r\nffffffffffffffff\r\nab"), ErrorCode::kProtocolError);
}

TEST(ResponseReader, ReadsWhatOldServersWrite) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  EXPECT_EQ(read("HTTP/1.1 200\r\nContent-Length: 1\r\n\r\na").body, "a");
  EXPECT_EQ(read("HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\na").body, "a");
  EXPECT_EQ(read("HTTP/1.1 200 Tr\xc3\xa8s bien\r\nContent-Length: 1\r\n\r\na").body, "a");
  EXPECT_EQ(read(ok + "Content-Length: 1\r\ncontent-length: 01, 1\r\n\r\na").body, "a");
  EXPECT_EQ(read(ok + "Transfer-Encoding: identity\r\nContent-Length: 1\r\n\r\na").body, "a");
  EXPECT_EQ(read(ok + "Content-Length: 1\r\nTransfer-Encoding: identity\r\n\r\na").body, "a");
  EXPECT_EQ(read(ok + "Transfer-Encoding: gzip, Chunked\r\n\r\n1\r\na\r\n0\r\n\r\n").body, "a");
  EXPECT_EQ(read(ok + "Transfer-Encoding: gzip\r\n\r\na").body, "a");
  EXPECT_EQ(read(ok + "X:\r\n \r\n\ta\r\n  b \r\nContent-Length:\r\n 0\r\n\r\n").headers,
            (HeaderList{{"X", "a b"}, {"Content-Length", "0"}}));
  EXPECT_EQ(read(ok + "Connection: ;, keep-alive\r\nContent-Length: 0\r\n\r\n").status, 200);
  EXPECT_EQ(read(ok + "Transfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n c\r\n\r\n").status, 200);
}

TEST(ResponseReader, AChunkedBodyOfHttp10EndsTheConnection) {
  EXPECT_FALSE(
      keeps("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"
            "0\r\n\r\n"));
  EXPECT_FALSE(keeps("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\nall"));
}

TEST(ResponseReader, AHeadBeyondItsLimitIsRefused) {
  const std::string head = "HTTP/1.1 200 OK\r\nX: ";
  EXPECT_EQ(read(head + std::string(60'000, 'x') + "\r\nContent-Length: 0\r\n\r\n").status, 200);
  EXPECT_EQ(failure(head + std::string(ResponseReader::kHeadBytesMax, 'x') + "\r\n\r\n"),
            ErrorCode::kProtocolError);
  // At the edge: the status line, the field, and the empty line are all of the head.
  const std::size_t room = ResponseReader::kHeadBytesMax - head.size() - 4;
  EXPECT_EQ(failure(head + std::string(room, 'x') + "\r\n\r\n"), ErrorCode::kCount);
  EXPECT_EQ(failure(head + std::string(room + 1, 'x') + "\r\n\r\n"), ErrorCode::kProtocolError);
  EXPECT_EQ(failure(head + std::string(room + 3, 'x')), ErrorCode::kConnectionLost);
  EXPECT_EQ(failure(head + std::string(room + 4, 'x')), ErrorCode::kProtocolError);
  std::string fields;
  while (fields.size() < ResponseReader::kHeadBytesMax) fields += "a: b\r\n";
  EXPECT_EQ(failure("HTTP/1.1 200 OK\r\n" + fields + "\r\n"), ErrorCode::kProtocolError);
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
