#include "api/qstash/destination.h"

#include <gtest/gtest.h>

#include "domain/limits.h"

namespace ferry::api {
namespace {

http::AddressGuard guard(std::vector<std::string> allowed = {}, bool allow_all = false) {
  auto made =
      http::AddressGuard::make({.allow_all = allow_all, .allowed_cidrs = std::move(allowed)});
  EXPECT_TRUE(made);
  return std::move(*made);
}

std::string refusal_of(std::string_view destination) {
  const auto checked = parse_destination(destination, guard(), {});
  return checked ? std::string() : checked.error().text;
}

constexpr std::string_view kInvalidScheme =
    "invalid destination url: endpoint has invalid scheme, add http:// or https://";

TEST(Destination, RawUrlsKeepEveryByte) {
  for (const char* raw :
       {"https://example.com", "https://example.com/a%20b/%C3%BC", "http://a//b/../c",
        "HTTPS://X/y", "https://a/%2F?", "https://a/http%3A//b"}) {
    EXPECT_EQ(rebuild_destination(raw, ""), raw);
  }
}

TEST(Destination, TheRestOfTheQueryIsPutBack) {
  EXPECT_EQ(rebuild_destination("https://a//b/c", "u=http://x.y/?z=1"),
            "https://a//b/c?u=http://x.y/?z=1");
}

TEST(Destination, SlashesThatAProxyCollapsedAreRepaired) {
  EXPECT_EQ(rebuild_destination("https:/example.com/x", ""), "https://example.com/x");
  EXPECT_EQ(rebuild_destination("HTTP:/example.com", "a=b"), "HTTP://example.com?a=b");
}

TEST(Destination, AUrlEncodedAsAWholeIsDecodedOnce) {
  EXPECT_EQ(rebuild_destination("https%3A%2F%2Fa.com%2Fx%2520y", ""), "https://a.com/x%20y");
  EXPECT_EQ(rebuild_destination("http%3a%2F%2Fa.com%3Fq%3D1", "r=2"), "http://a.com?q=1&r=2");
}

TEST(Destination, OtherTextsAreNamesWithoutTheQuery) {
  EXPECT_EQ(rebuild_destination("my-group", "a=b"), "my-group");
  EXPECT_EQ(rebuild_destination("my%2Dgroup", ""), "my-group");
  EXPECT_EQ(rebuild_destination("ftp://x", "a=b"), "ftp://x");
  EXPECT_EQ(rebuild_destination("", ""), "");
}

TEST(Destination, OptionsAndTokenLeaveTheQueryTheRestStaysAsItWas) {
  const PublishQuery query = split_publish_query(
      "x=1&upstash-delay=3s&qstash_token=t&y=a%20b&Upstash-Forward-x-a=1+2%2B&QSTASH%5Ftoken=u&&z");
  EXPECT_EQ(query.rest, "x=1&y=a%20b&z");
  EXPECT_EQ(query.options, (std::vector<QueryParameter>{{"upstash-delay", "3s"},
                                                        {"Upstash-Forward-x-a", "1 2+"}}));
}

TEST(Destination, AbsoluteUrlsAreAccepted) {
  for (const char* url : {"http://example.com", "https://example.com:8443/x?y", "https://8.8.8.8/",
                          "https://[2606:4700::1111]/", "HTTPS://EXAMPLE.COM"}) {
    EXPECT_EQ(refusal_of(url), "") << url;
  }
}

TEST(Destination, OtherSchemesAndEmptyTextsAreRefusedAsThePublicServiceDoes) {
  for (const char* text : {"", "ftp://example.com", "a b", "mailto:a@b", "//example.com"}) {
    EXPECT_EQ(refusal_of(text), kInvalidScheme) << text;
  }
}

TEST(Destination, UrlsWithoutAHostAreRefused) {
  for (const char* text : {"https://", "http:///x", "http://:80/", "http://a:0/", "http://u@h/"}) {
    EXPECT_TRUE(refusal_of(text).starts_with("invalid destination url: endpoint ")) << text;
  }
}

TEST(Destination, NamesAreGroups) {
  const auto place = parse_destination("my-group_1.x", guard(), {});
  ASSERT_TRUE(place);
  EXPECT_EQ(place->group_name, "my-group_1.x");
  EXPECT_EQ(place->url, "");
  EXPECT_EQ(refusal_of(std::string(limits::kNameBytesMax, 'g')), "");
  EXPECT_EQ(refusal_of(std::string(limits::kNameBytesMax + 1, 'g')), kInvalidScheme);
}

TEST(Destination, ApiDestinationsAreThoseOfTheConfiguration) {
  const ApiDestinations apis = {{"llm", {.url = "https://llm.test/v1", .headers = {}}}};
  const auto place = parse_destination("api/llm", guard(), apis);
  ASSERT_TRUE(place);
  EXPECT_EQ(place->url, "https://llm.test/v1");
  EXPECT_EQ(place->api, &apis.at("llm"));
  EXPECT_EQ(refusal_of("api/llm"),
            "api/llm destination is not configured; publish to the provider URL instead");
  EXPECT_EQ(refusal_of("api/email"),
            "api/email destination is not configured; publish to the provider URL instead");
}

TEST(Destination, OfTwoNamesForOneUrlTheFirstIsShown) {
  const ApiDestinations apis = {{"b", {.url = "https://one.test", .headers = {}}},
                                {"a", {.url = "https://one.test", .headers = {}}},
                                {"c", {.url = "https://two.test", .headers = {}}}};
  EXPECT_EQ(api_names_of(apis), (ApiNames{{"https://one.test", "a"}, {"https://two.test", "c"}}));
}

TEST(Destination, AddressesSpelledOutAreCheckedByTheGuard) {
  EXPECT_EQ(refusal_of("http://[::1]:9000/"),
            "invalid destination url: endpoint resolves to a loopback address: ::1");
  EXPECT_EQ(refusal_of("http://localhost/"),
            "invalid destination url: endpoint resolves to a loopback address: ::1");
  EXPECT_EQ(refusal_of("http://a.LOCALHOST/"),
            "invalid destination url: endpoint resolves to a loopback address: ::1");
  EXPECT_EQ(refusal_of("http://127.0.0.1/"),
            "invalid destination url: endpoint resolves to a loopback address: 127.0.0.1");
  EXPECT_NE(refusal_of("http://10.0.0.1/"), "");
  EXPECT_NE(refusal_of("http://169.254.169.254/latest"), "");
  EXPECT_EQ(refusal_of("http://localhost.example.com/"), "");
}

TEST(Destination, AllowedNetworksMayBeSpelledOut) {
  EXPECT_TRUE(check_endpoint("http://10.1.2.3/", guard({"10.0.0.0/8"})));
  EXPECT_TRUE(check_endpoint("http://localhost/", guard({"127.0.0.0/8"})));
  EXPECT_TRUE(check_endpoint("http://localhost/", guard({"::1/128"})));
  EXPECT_FALSE(check_endpoint("http://localhost/", guard({"10.0.0.0/8"})));
  EXPECT_TRUE(check_endpoint("http://127.0.0.1:8080/", guard({}, true)));
}

TEST(Destination, UrlsEndAtTheirLimit) {
  const std::string prefix = "https://example.com/";
  const std::string longest = prefix + std::string(limits::kTargetBytesMax - prefix.size(), 'a');
  EXPECT_EQ(refusal_of(longest), "");
  EXPECT_EQ(refusal_of(longest + "a"),
            "invalid destination url: endpoint is longer than 16384 bytes");
}

}  // namespace
}  // namespace ferry::api
