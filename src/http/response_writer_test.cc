#include "http/response_writer.h"

#include <gtest/gtest.h>

namespace ferry::http {
namespace {

ResponseFrame frame() { return {.date = "Sun, 06 Nov 1994 08:49:37 GMT", .request_id = "req_1"}; }

std::string write(const ServerResponse& response, const ResponseFrame& f) {
  std::string out;
  append_response(out, response, f);
  return out;
}

ServerResponse make(int status, HeaderList headers = {}, std::string body = {}) {
  ServerResponse response;
  response.status = status;
  response.headers = std::move(headers);
  response.body = std::move(body);
  return response;
}

TEST(ResponseWriter, WritesTheWholeResponse) {
  EXPECT_EQ(write(make(201, {{"Content-Type", "text/plain"}}, "hi"), frame()),
            "HTTP/1.1 201 Created\r\n"
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Request-Id: req_1\r\n"
            "Content-Type: text/plain\r\n"
            "Content-Length: 2\r\n"
            "\r\n"
            "hi");
}

TEST(ResponseWriter, AppendsBehindAnEarlierAnswer) {
  std::string out = "earlier";
  append_response(out, {}, frame());
  EXPECT_TRUE(out.starts_with("earlierHTTP/1.1 200 OK\r\n"));
}

Awaitable<Result<std::string>> no_piece() { co_return std::string(); }

ServerResponse make_stream(std::string first) {
  ServerResponse response = make(200, {}, std::move(first));
  response.stream.next = [] { return no_piece(); };
  return response;
}

TEST(ResponseWriter, AStreamComesInChunksBeginningWithTheBody) {
  std::string out = write(make_stream("hello world, hello"), frame());
  EXPECT_TRUE(out.ends_with("Transfer-Encoding: chunked\r\n\r\n12\r\nhello world, hello\r\n"));
  EXPECT_EQ(out.find("Content-Length"), std::string::npos);
  out.clear();
  append_piece(out, "abc", frame());
  append_piece(out, "", frame());
  EXPECT_EQ(out, "3\r\nabc\r\n0\r\n\r\n");
  EXPECT_TRUE(has_stream(make_stream(""), frame()));
}

TEST(ResponseWriter, AnEmptyFirstPieceIsNotTheEndOfAStream) {
  EXPECT_TRUE(write(make_stream(""), frame()).ends_with("chunked\r\n\r\n"));
}

TEST(ResponseWriter, ForTheOldVersionAStreamHasNoChunks) {
  ResponseFrame old = frame();
  old.http_1_0 = old.close = true;
  std::string out = write(make_stream("first"), old);
  EXPECT_EQ(out.find("chunked"), std::string::npos);
  EXPECT_EQ(out.find("Content-Length"), std::string::npos);
  append_piece(out, "abc", old);
  append_piece(out, "", old);
  EXPECT_TRUE(out.ends_with("\r\n\r\nfirstabc"));
}

TEST(ResponseWriter, AnAnswerToHeadTellsTheLengthOnly) {
  ResponseFrame head = frame();
  head.head_only = true;
  const std::string out = write(make(200, {}, "hello"), head);
  EXPECT_NE(out.find("Content-Length: 5\r\n"), std::string::npos);
  EXPECT_TRUE(out.ends_with("\r\n\r\n"));
}

TEST(ResponseWriter, OfAStreamHeadGetsNothing) {
  ResponseFrame head = frame();
  head.head_only = true;
  EXPECT_TRUE(write(make_stream("first"), head).ends_with("\r\n\r\n"));
  EXPECT_FALSE(has_stream(make_stream("first"), head));
}

TEST(ResponseWriter, StatusesWithoutBodyHaveNoLength) {
  for (const int status : {204, 304}) {
    const std::string out = write(make(status, {}, "x"), frame());
    EXPECT_EQ(out.find("Content-Length"), std::string::npos) << status;
    EXPECT_TRUE(out.ends_with("\r\n\r\n")) << status;
  }
}

TEST(ResponseWriter, SaysHowTheConnectionGoesOn) {
  ResponseFrame f = frame();
  EXPECT_EQ(write({}, f).find("Connection:"), std::string::npos);
  f.http_1_0 = true;
  EXPECT_NE(write({}, f).find("Connection: keep-alive\r\n"), std::string::npos);
  f.close = true;
  EXPECT_NE(write({}, f).find("Connection: close\r\n"), std::string::npos);
}

TEST(ResponseWriter, LeavesOutFieldsThatAreTheServersOwn) {
  const ServerResponse response = make(200, {{"content-length", "99"},
                                             {"Transfer-Encoding", "chunked"},
                                             {"Connection", "upgrade"},
                                             {"date", "now"},
                                             {"Request-ID", "mine"}});
  EXPECT_EQ(write(response, frame()), write({}, frame()));
}

TEST(ResponseWriter, LeavesOutFieldsThatWouldBreakTheFraming) {
  const ServerResponse response = make(200, {{"X", "a\r\nY: b"}, {"Bad Name", "c"}, {"", "d"}});
  EXPECT_EQ(write(response, frame()), write({}, frame()));
}

TEST(ResponseWriter, UnknownCodesHaveAPhrase) {
  EXPECT_TRUE(write(make(599), frame()).starts_with("HTTP/1.1 599 Unknown\r\n"));
  EXPECT_EQ(reason_phrase(-1), "Unknown");
  EXPECT_EQ(reason_phrase(1000), "Unknown");
  EXPECT_EQ(reason_phrase(431), "Request Header Fields Too Large");
}

TEST(ResponseWriter, ARefusalIsJsonAndEndsTheConnection) {
  const ServerResponse refusal = make_refusal({413, "too \"large\""});
  EXPECT_EQ(refusal.body, R"({"error":"too \"large\""})");
  EXPECT_EQ(*refusal.headers.find("Content-Type"), "application/json");
  EXPECT_FALSE(refusal.headers.contains("Retry-After"));
  EXPECT_TRUE(refusal.close);
  EXPECT_EQ(*make_refusal({503, "busy"}).headers.find("Retry-After"), "1");
}

}  // namespace
}  // namespace ferry::http
