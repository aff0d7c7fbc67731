#include "api/qstash/url_groups.h"

#include <gtest/gtest.h>

#include "api/api_under_test.h"

namespace ferry::api {
namespace {

using test::ApiUnderTest;

engine::ResourceView group_with(HeaderList headers) {
  UrlGroup group;
  group.tenant = test::kTenant;
  group.name = "g";
  group.created_at = from_unix_ms(1000);
  group.updated_at = from_unix_ms(2000);
  group.endpoints = {{"first one", "https://a.com"}, {"", "https://b.com"}};
  group.default_headers = std::move(headers);
  return {.resource = std::make_shared<const UrlGroup>(std::move(group))};
}

std::string error_of(ApiUnderTest& api, std::string_view method, std::string_view target,
                     std::string_view body, int status = 400) {
  const auto response = api.send(method, target, {}, body);
  EXPECT_EQ(response.status, status) << body;
  EXPECT_TRUE(api.commands.empty()) << body;
  return response.body;
}

TEST(UrlGroups, AreShownWithTheirEndpointsAndDefaults) {
  ApiUnderTest api;
  api.engine = test::obliging_engine({group_with({})});
  const std::string shown =
      R"({"name":"g","createdAt":1000,"updatedAt":2000,)"
      R"("endpoints":[{"name":"first one","url":"https://a.com"},{"url":"https://b.com"}]})";
  EXPECT_EQ(api.send("GET", "/v2/topics/g").body, shown);
  EXPECT_EQ(api.send("GET", "/v2/topics").body, "[" + shown + "]");
  EXPECT_EQ(api.send("GET", "/v2/topics/h").status, 404);
  api.engine = test::obliging_engine({group_with({{"upstash-retries", "3"}})});
  EXPECT_TRUE(
      api.send("GET", "/v2/topics/g").body.ends_with(R"("headers":{"Upstash-Retries":["3"]}})"));
}

TEST(UrlGroups, EndpointsAreSavedAsGiven) {
  ApiUnderTest api;
  api.engine = test::obliging_engine();
  const auto response = api.send(
      "POST", "/v2/topics/g/endpoints", {},
      R"({"endpoints":[{"url":"https://a.com","name":"First one"},{"url":"http://b.com"}]})");
  EXPECT_EQ(response.body, "{}");
  const auto& command = api.command<engine::SaveEndpoints>();
  EXPECT_EQ(command.group, "g");
  EXPECT_EQ(command.tenant, test::kTenant);
  EXPECT_EQ(command.endpoints,
            (std::vector<Endpoint>{{"First one", "https://a.com"}, {"", "http://b.com"}}));
}

TEST(UrlGroups, EndpointsToSaveNeedAUrlThatCanBeCalled) {
  ApiUnderTest api;
  constexpr const char* kTarget = "/v2/topics/g/endpoints";
  for (const char* body :
       {"", "[]", "{}", R"({"endpoints":[]})", R"({"endpoints":{}})", R"({"endpoints":[1]})",
        R"({"endpoints":[{"url":1}]})", R"({"endpoints":[{"url":"https://a.com","name":1}]})"}) {
    error_of(api, "POST", kTarget, body);
  }
  EXPECT_EQ(error_of(api, "POST", kTarget, R"({"endpoints":[{"name":"n"}]})"),
            R"({"error":"invalid endpoint url: endpoint has invalid scheme, add http:// or )"
            R"(https://"})");
  error_of(api, "POST", kTarget, R"({"endpoints":[{"url":"http://127.0.0.1/"}]})");
  error_of(api, "POST", "/v2/topics/a%20b/endpoints", R"({"endpoints":[{"url":"https://a"}]})");
}

std::string body_with_endpoints(std::size_t count) {
  std::string body = R"({"endpoints":[)";
  for (std::size_t i = 0; i < count; ++i) {
    body +=
        (i > 0 ? "," : "") + std::string(R"({"url":"https://a.com/)") + std::to_string(i) + "\"}";
  }
  return body + "]}";
}

TEST(UrlGroups, EndpointsAndTheirNamesEndAtTheirLimits) {
  ApiUnderTest api;
  error_of(api, "POST", "/v2/topics/g/endpoints", body_with_endpoints(kEndpointsMax + 1), 412);
  const auto named = [](std::size_t bytes) {
    return R"({"endpoints":[{"url":"https://a.com","name":")" + std::string(bytes, 'n') + "\"}]}";
  };
  error_of(api, "POST", "/v2/topics/g/endpoints", named(257));
  api.engine = test::obliging_engine();
  EXPECT_EQ(
      api.send("POST", "/v2/topics/g/endpoints", {}, body_with_endpoints(kEndpointsMax)).status,
      200);
  EXPECT_EQ(api.send("POST", "/v2/topics/g/endpoints", {}, named(256)).status, 200);
}

TEST(UrlGroups, EndpointsAreRemovedByNameOrUrl) {
  ApiUnderTest api;
  error_of(api, "DELETE", "/v2/topics/g/endpoints", R"({"endpoints":[{}]})");
  api.engine = test::obliging_engine();
  const auto response = api.send("DELETE", "/v2/topics/g/endpoints", {},
                                 R"({"endpoints":[{"name":"n"},{"url":"https://a.com"}]})");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(api.command<engine::RemoveEndpoints>().endpoints,
            (std::vector<Endpoint>{{"n", ""}, {"", "https://a.com"}}));
}

TEST(UrlGroups, DefaultsAreReadAsThoseOfAPublish) {
  ApiUnderTest api;
  api.engine = test::obliging_engine();
  const auto response = api.send("PATCH", "/v2/topics/g", {}, R"({"headers":{
      "Upstash-Retries":"3","Upstash-Header-Forward":["true"],"Upstash-Forward-X-A":["1","2"],
      "Upstash-Callback":"https://c.com","Upstash-Callback-Retries":"1"}})");
  EXPECT_EQ(response.body, "{}");
  const auto& command = api.command<engine::SaveGroupDefaults>();
  EXPECT_EQ(command.group, "g");
  EXPECT_EQ(command.headers.size(), 6u);
  EXPECT_TRUE(command.forward_all_headers);
  EXPECT_EQ(command.defaults.max_retries, 3);
  EXPECT_EQ(command.defaults.forward_headers, (HeaderList{{"X-A", "1"}, {"X-A", "2"}}));
  EXPECT_EQ(command.defaults.callback->url, "https://c.com");
  EXPECT_EQ(command.defaults.callback->options->max_retries, 1);
}

TEST(UrlGroups, DefaultsAreClearedByNothing) {
  for (const char* body : {R"({"headers":{}})", R"({"headers":null})"}) {
    ApiUnderTest api;
    api.engine = test::obliging_engine();
    EXPECT_EQ(api.send("PATCH", "/v2/topics/g", {}, body).status, 200);
    EXPECT_TRUE(api.command<engine::SaveGroupDefaults>().headers.empty());
    EXPECT_EQ(api.command<engine::SaveGroupDefaults>().defaults, PublishOptions());
  }
}

TEST(UrlGroups, DefaultsThatNoPublishWouldTakeAreRefused) {
  ApiUnderTest api;
  EXPECT_EQ(error_of(api, "PATCH", "/v2/topics/g", R"({"headers":{"Upstash-Retries":"x"}})"),
            R"({"error":"invalid Upstash-Retries header: 'x' is not a whole number of 0 or )"
            R"(more"})");
  error_of(api, "PATCH", "/v2/topics/g", R"({"headers":{"Upstash-Cron":"* * * * *"}})");
  error_of(api, "PATCH", "/v2/topics/g", R"({"headers":[]})");
  error_of(api, "PATCH", "/v2/topics/g", "{}");
}

TEST(UrlGroups, DeletingOneThatIsNotThereIsFine) {
  ApiUnderTest api;
  api.engine = test::obliging_engine();
  EXPECT_EQ(api.send("DELETE", "/v2/topics/g").body, "{}");
  EXPECT_EQ(api.command<engine::DropNamed>().kind, ResourceKind::kUrlGroup);
  EXPECT_FALSE(api.command<engine::DropNamed>().must_exist);
}

}  // namespace
}  // namespace ferry::api
