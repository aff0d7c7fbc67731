#include "http/request_head.h"

#include <gtest/gtest.h>

namespace ferry::http {
namespace {

ClientRequest request(std::string method, HeaderList headers = {}, std::string body = {}) {
  ClientRequest made;
  made.method = std::move(method);
  made.headers = std::move(headers);
  made.body = Bytes::take(std::move(body));
  return made;
}

std::string head_of(const ClientRequest& request, std::string_view url = "http://a.example/p?q",
                    TargetForm form = TargetForm::kOrigin) {
  const auto head = request_head(request, *parse_url(url), form);
  EXPECT_TRUE(head.has_value()) << (head ? "" : head.error().text);
  return head ? std::string(head->view()) : "";
}

TEST(RequestHead, WritesLineHostFieldsAndLength) {
  EXPECT_EQ(head_of(request("POST", {{"X-a", "1"}, {"x-A", " two\t"}}, "body"),
                    "http://A.example:81/p?q#f"),
            "POST /p?q HTTP/1.1\r\nHost: A.example:81\r\nX-a: 1\r\nx-A:  two\t\r\n"
            "Content-Length: 4\r\n\r\n");
}

TEST(RequestHead, TheLengthOfAnEmptyBodyIsSentWhereABodyIsExpected) {
  for (const char* method : {"POST", "PUT", "PATCH"})
    EXPECT_TRUE(head_of(request(method)).contains("\r\nContent-Length: 0\r\n")) << method;
  for (const char* method : {"GET", "DELETE", "HEAD", "OPTIONS"}) {
    EXPECT_FALSE(head_of(request(method)).contains("Content-Length")) << method;
    EXPECT_TRUE(head_of(request(method, {}, "x")).contains("\r\nContent-Length: 1\r\n")) << method;
  }
}

TEST(RequestHead, AProxyIsAskedInAbsoluteForm) {
  EXPECT_TRUE(head_of(request("GET"), "http://A.example:81?q", TargetForm::kAbsolute)
                  .starts_with("GET http://A.example:81/?q HTTP/1.1\r\nHost: A.example:81\r\n"));
}

TEST(RequestHead, FieldsOfTheConnectionAndTheFramingAreTheClientsOwn) {
  const HeaderList given = {
      {"Host", "evil"},           {"content-length", "99"}, {"Transfer-Encoding", "chunked"},
      {"CONNECTION", "close"},    {"Keep-Alive", "5"},      {"Proxy-Connection", "x"},
      {"TE", "trailers"},         {"Trailer", "x"},         {"Upgrade", "h2c"},
      {"Expect", "100-continue"}, {"Hosts", "kept"}};
  EXPECT_EQ(head_of(request("POST", given, "12")),
            "POST /p?q HTTP/1.1\r\nHost: a.example\r\nHosts: kept\r\nContent-Length: 2\r\n\r\n");
}

TEST(RequestHead, WhatWouldBreakTheFramingIsRefused) {
  const Url url = *parse_url("http://a/");
  for (const ClientRequest& bad :
       {request("", {}), request("GET /x HTTP/1.1\r\nA:", {}), request("G T", {}),
        request("CONNECT", {}), request("GET", {{"", "x"}}), request("GET", {{"a b", "x"}}),
        request("GET", {{"a:", "x"}}), request("GET", {{"a\r\nb", "x"}}),
        request("GET", {{"a", "x\r\nHost: evil"}}), request("GET", {{"a", "x\n"}}),
        request("GET", {{"a", std::string("x\0y", 3)}})}) {
    const auto head = request_head(bad, url, TargetForm::kOrigin);
    ASSERT_FALSE(head.has_value());
    EXPECT_EQ(head.error().code, ErrorCode::kProtocolError);
  }
}

TEST(RequestHead, TunnelsAreAskedForByHostAndPort) {
  EXPECT_EQ(connect_head(*parse_url("https://A.example/x")).view(),
            "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n");
  EXPECT_EQ(connect_head(*parse_url("https://[::1]:8443")).view(),
            "CONNECT [::1]:8443 HTTP/1.1\r\nHost: [::1]:8443\r\n\r\n");
}

}  // namespace
}  // namespace ferry::http
