#include "http/head_parser.h"

#include <gtest/gtest.h>

#include <string>

#include "base/cuts.h"

namespace ferry::http {
namespace {

using namespace std::string_view_literals;

constexpr HeadLimits kLimits{
    .target_bytes_max = 64, .header_bytes_max = 256, .header_fields_max = 8};

struct Parsed {
  HeadParser::Status status = HeadParser::Status::kNeedsMore;
  int refusal = 0;
  std::string_view refusal_text;
  std::size_t taken = 0;
  RequestHead head;
  Framing framing;

  friend bool operator==(const Parsed& a, const Parsed& b) {
    return a.status == b.status && a.refusal == b.refusal && a.refusal_text == b.refusal_text &&
           a.taken == b.taken && a.head.method == b.head.method && a.head.target == b.head.target &&
           a.head.headers == b.head.headers && a.framing == b.framing;
  }
};

// Feeds `text` in pieces the way a connection does: what was not taken comes again in front.
Parsed parse_in_pieces(std::string_view text, cuts::Ends ends) {
  HeadParser parser(kLimits);
  Parsed parsed;
  parsed.taken = cuts::put_in_pieces(
      text, ends,
      [&](std::string_view piece) {
        const auto progress = parser.put(piece);
        parsed.status = progress.status;
        return progress.taken;
      },
      [&] { return parsed.status != HeadParser::Status::kNeedsMore; });
  parsed.refusal = parser.refusal().status;
  parsed.refusal_text = parser.refusal().text;
  parsed.framing = parser.framing();
  parsed.head = parser.take_head();
  return parsed;
}

// What a head is must not depend on how its bytes arrive.
Parsed parse(std::string_view text) {
  const auto read = [&](cuts::Ends ends) { return parse_in_pieces(text, ends); };
  EXPECT_EQ(cuts::first_difference(text, read), "") << text;
  return read({});
}

// 0 for a whole head, -1 for one that is not finished, else the status of the refusal.
int verdict(std::string_view text) {
  const Parsed parsed = parse(text);
  return parsed.status == HeadParser::Status::kNeedsMore ? -1 : parsed.refusal;
}

std::string with_fields(std::string_view fields) {
  return "POST /x HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

TEST(HeadParser, ReadsMethodTargetAndFieldsInOrder) {
  const Parsed parsed =
      parse("PUT /a//b?c=%20 HTTP/1.1\r\nHost: h:8080\r\nx-One:  1 \t\r\nX-one:2\r\n\r\nrest");
  ASSERT_EQ(parsed.status, HeadParser::Status::kDone);
  EXPECT_EQ(parsed.head.method, "PUT");
  EXPECT_EQ(parsed.head.target, "/a//b?c=%20");
  EXPECT_EQ(parsed.head.headers, (HeaderList{{"Host", "h:8080"}, {"x-One", "1"}, {"X-one", "2"}}));
  EXPECT_TRUE(parsed.framing.keep_alive);
  EXPECT_FALSE(parsed.framing.has_body());
}

TEST(HeadParser, LeavesTheBytesBehindTheHead) {
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_EQ(parse(head + "GET /next").taken, head.size());
}

TEST(HeadParser, TakesByteAfterByte) {
  const Parsed parsed = parse(with_fields("Content-Length: 12\r\n"));
  ASSERT_EQ(parsed.status, HeadParser::Status::kDone);
  EXPECT_EQ(parsed.framing.content_length, 12u);
  EXPECT_EQ(parsed.head.headers.size(), 2u);
}

TEST(HeadParser, PassesTheTargetOnRaw) {
  EXPECT_EQ(verdict("GET /\xc3\xa9//../%zz HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
  EXPECT_EQ(verdict("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
  EXPECT_EQ(verdict("GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(verdict("GET /a\x7f HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(verdict("GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n"sv), 400);
}

TEST(HeadParser, RefusesMalformedRequestLines) {
  for (const char* line :
       {"GET", "GET /", "GET  / HTTP/1.1", "GET /  HTTP/1.1", " GET / HTTP/1.1", "GET / HTTP/1.1 ",
        "GET / http/1.1", "GET / HTTP/1.10", "GET / HTTP/x.1", "G(T / HTTP/1.1",
        "GET /a b HTTP/1.1", "GET\t/ HTTP/1.1", "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG / HTTP/1.1"}) {
    EXPECT_EQ(verdict(std::string(line) + "\r\nHost: a\r\n\r\n"), 400) << line;
  }
}

TEST(HeadParser, SpeaksTwoVersionsOnly) {
  EXPECT_EQ(verdict("GET / HTTP/1.0\r\n\r\n"), 0);
  EXPECT_EQ(verdict("GET / HTTP/1.2\r\nHost: a\r\n\r\n"), 505);
  EXPECT_EQ(verdict("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505);
  EXPECT_EQ(verdict("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505);
  EXPECT_EQ(verdict("GET / HTTP/0.9\r\nHost: a\r\n\r\n"), 505);
}

TEST(HeadParser, ForgivesOneEmptyLineBeforeARequest) {
  EXPECT_EQ(verdict("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
  EXPECT_EQ(verdict("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
}

TEST(HeadParser, RefusesAnotherProtocolAtItsFirstByte) {
  EXPECT_EQ(verdict("\x16\x03\x01\x02"), 400);
  EXPECT_EQ(verdict("{"), 400);
  EXPECT_EQ(verdict("G"), -1);
}

TEST(HeadParser, RefusesLineEndsThatOthersReadDifferently) {
  EXPECT_EQ(verdict("GET / HTTP/1.1\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\n\r\n"), 400);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\r\n\n"), 400);
  EXPECT_EQ(verdict(with_fields("X: a\rb\r\n")), 400);
  EXPECT_EQ(verdict(with_fields("X: a\r\r\n")), 400);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\r\nHost: a\r\n\r\n"), 400);
}

TEST(HeadParser, RefusesMalformedFields) {
  EXPECT_EQ(verdict(with_fields("X : a\r\n")), 400);
  EXPECT_EQ(verdict(with_fields("X\t: a\r\n")), 400);
  EXPECT_EQ(verdict(with_fields(": a\r\n")), 400);
  EXPECT_EQ(verdict(with_fields("no colon\r\n")), 400);
  EXPECT_EQ(verdict(with_fields("X(: a\r\n")), 400);
  EXPECT_EQ(verdict(with_fields("X: a\r\n b\r\n")), 400);
  EXPECT_EQ(verdict(with_fields("X: a\r\n\tb\r\n")), 400);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\n Host: a\r\n\r\n"), 400);
  EXPECT_EQ(verdict(with_fields("X: a\0b\r\n"sv)), 400);
  EXPECT_EQ(verdict(with_fields("X: \x01\r\n")), 400);
  EXPECT_EQ(verdict(with_fields("X:\r\n")), 0);
  EXPECT_EQ(verdict(with_fields("X: \xc3\xa9 \t b\r\n")), 0);
}

TEST(HeadParser, WantsExactlyOneHostInHttp11) {
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n"), 400);
  EXPECT_EQ(verdict("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"), 400);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), 400);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"), 400);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost:\r\n\r\n"), 0);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"), 0);
}

TEST(HeadParser, RefusesContentLengthsThatAreNotOneNumber) {
  for (const char* value : {"", "-1", "+1", "0x10", "1 2", "1,1", "1.0", "1_", "a"}) {
    EXPECT_EQ(verdict(with_fields("Content-Length: " + std::string(value) + "\r\n")), 400) << value;
  }
  EXPECT_EQ(verdict(with_fields("Content-Length: 1\r\nContent-Length: 2\r\n")), 400);
  EXPECT_EQ(verdict(with_fields("Content-Length: 1\r\ncontent-length: 1\r\n")), 400);
}

TEST(HeadParser, AContentLengthBeyondAnyNumberIsTheLargest) {
  const auto length_of = [](std::string_view digits) {
    return parse(with_fields("Content-Length: " + std::string(digits) + "\r\n"))
        .framing.content_length;
  };
  EXPECT_EQ(length_of("00012"), 12u);
  EXPECT_EQ(length_of("18446744073709551614"), 18446744073709551614u);
  EXPECT_EQ(length_of("18446744073709551615"), 18446744073709551615u);
  EXPECT_EQ(length_of("18446744073709551616"), 18446744073709551615u);
  EXPECT_EQ(length_of("99999999999999999999999999"), 18446744073709551615u);
}

TEST(HeadParser, UnderstandsChunkedAloneAndOnce) {
  EXPECT_TRUE(parse(with_fields("Transfer-Encoding: Chunked\r\n")).framing.chunked);
  EXPECT_EQ(verdict(with_fields("Transfer-Encoding: gzip, chunked\r\n")), 501);
  EXPECT_EQ(verdict(with_fields("Transfer-Encoding: identity\r\n")), 501);
  EXPECT_EQ(verdict(with_fields("Transfer-Encoding: chunked, chunked\r\n")), 501);
  EXPECT_EQ(verdict(with_fields("Transfer-Encoding: \r\n")), 501);
  EXPECT_EQ(verdict(with_fields("Transfer-Encoding: xchunked\r\n")), 501);
  EXPECT_EQ(verdict(with_fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")),
            400);
  EXPECT_EQ(verdict("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

TEST(HeadParser, RefusesTwoFramingsOfOneBodyInEitherOrder) {
  EXPECT_EQ(verdict(with_fields("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")), 400);
  EXPECT_EQ(verdict(with_fields("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")), 400);
  EXPECT_EQ(verdict(with_fields("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n")), 400);
}

TEST(HeadParser, KeepsTheConnectionAsVersionAndFieldSay) {
  const auto keeps = [](std::string_view version, std::string_view connection) {
    return parse("GET / HTTP/" + std::string(version) +
                 "\r\nHost: a\r\nConnection: " + std::string(connection) + "\r\n\r\n")
        .framing.keep_alive;
  };
  EXPECT_TRUE(keeps("1.1", "x"));
  EXPECT_FALSE(keeps("1.1", "Close"));
  EXPECT_FALSE(keeps("1.1", "keep-alive , close"));
  EXPECT_FALSE(keeps("1.0", ""));
  EXPECT_TRUE(keeps("1.0", "te, Keep-Alive"));
}

TEST(HeadParser, AnExpectationIsHeardInHttp11Only) {
  EXPECT_TRUE(parse(with_fields("Expect: 100-Continue\r\n")).framing.expects_continue);
  EXPECT_FALSE(parse(with_fields("Expect: more\r\n")).framing.expects_continue);
  EXPECT_FALSE(parse("GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n").framing.expects_continue);
}

TEST(HeadParser, TheTargetMayBeAsLongAsItsLimit) {
  const auto with_target = [](std::size_t size) {
    return "GET /" + std::string(size - 1, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n";
  };
  EXPECT_EQ(verdict(with_target(kLimits.target_bytes_max)), 0);
  EXPECT_EQ(verdict(with_target(kLimits.target_bytes_max + 1)), 414);
  EXPECT_EQ(verdict("GET /" + std::string(200, 'a')), 414);  // no line end in sight
}

TEST(HeadParser, TheFieldsMayBeAsLargeAsTheirLimit) {
  // "Host: a\r\n" has 9 bytes, "X: " and the line end 5.
  const auto with_value = [](std::size_t size) {
    return with_fields("X: " + std::string(size, 'v') + "\r\n");
  };
  EXPECT_EQ(verdict(with_value(kLimits.header_bytes_max - 14)), 0);
  EXPECT_EQ(verdict(with_value(kLimits.header_bytes_max - 13)), 431);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nX: " + std::string(300, 'v')), 431);
}

TEST(HeadParser, ThereMayBeAsManyFieldsAsTheirLimit) {
  std::string fields;
  for (std::size_t i = 1; i < kLimits.header_fields_max; ++i) fields += "X: 1\r\n";
  EXPECT_EQ(verdict(with_fields(fields)), 0);
  EXPECT_EQ(verdict(with_fields(fields + "X: 1\r\n")), 431);
}

TEST(HeadParser, IsIdleUntilARequestBegins) {
  HeadParser parser(kLimits);
  EXPECT_TRUE(parser.idle());
  EXPECT_EQ(parser.put("\r\n").taken, 2u);
  EXPECT_TRUE(parser.idle());
  EXPECT_EQ(parser.put("G").taken, 0u);
  EXPECT_FALSE(parser.idle());
}

}  // namespace
}  // namespace ferry::http
