#include <gtest/gtest.h>

#include "api/api_under_test.h"
#include "domain/hook.h"
#include "domain/redaction.h"
#include "domain/retry_expression.h"
#include "domain/retry_policy.h"

// The rows of contract section 18 (where its sources disagree) about publishing and callbacks. Rows
// 20, 21, 24 and 53 are tested where deliveries are made, in dispatch; row 50 with the command
// line.

namespace ferry::api {
namespace {

using test::ApiUnderTest;

std::string callback_body(HookKind kind = HookKind::kCallback) {
  Message message = test::message_of({.id = 7});
  message.max_retries = 0;
  Outcome outcome;
  outcome.kind = OutcomeKind::kDelivered;
  outcome.response =
      std::make_shared<const Response>(Response{.status = 200, .headers = {}, .body = {}});
  return render_hook(kind, message, test::delivery_of({.id = 7}), outcome, IdCodec("secret"), {})
      .body;
}

bool shows(std::string_view json, std::string_view part) { return json.contains(part); }

TEST(Section18, Row01_CallbacksNameTheirSourceInBothSpellings) {
  const std::string id = IdCodec("secret").wire({7});
  EXPECT_TRUE(shows(callback_body(), "\"sourceMessageId\":\"" + id + "\""));
  EXPECT_TRUE(shows(callback_body(), "\"sourceMessasgeId\":\"" + id + "\""));
}

TEST(Section18, Row02_TimesInCallbacksAreNumbers) {
  EXPECT_TRUE(shows(callback_body(), R"("notBefore":1795262400000,"createdAt":1795262400000)"));
}

TEST(Section18, Row03_SourceHeadersAreArrays) {
  EXPECT_TRUE(shows(callback_body(), R"("sourceHeader":{"Content-Type":["text/plain"]})"));
}

TEST(Section18, Row04_RetriesAreSentEvenWhenNone) {
  EXPECT_TRUE(shows(callback_body(), R"("retried":0,"maxRetries":0)"));
}

TEST(Section18, Row05_CallbacksFireAfterEachAttempt) {
  Message message;
  message.callback = HookOptions{"https://c", std::make_shared<const PublishOptions>()};
  for (const NextStep step : {NextStep::kDelivered, NextStep::kRetry, NextStep::kDead}) {
    EXPECT_EQ(hooks_for(message, {.step = step, .retry_at = {}}),
              std::vector<HookKind>{HookKind::kCallback});
  }
}

TEST(Section18, Row06_PublishingToAGroupAnswersAnArray) {
  ApiUnderTest api;
  api.engine = test::obliging_engine();
  const auto response = api.send("POST", "/v2/publish/grp");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "[{\"messageId\":\"" + api.wire(1) +
                               "\",\"url\":\"https://one.test\"},{\"messageId\":\"" + api.wire(2) +
                               "\",\"url\":\"https://two.test\"}]");
}

TEST(Section18, Row07_PublishingToAUrlAnswersTheUrl) {
  ApiUnderTest api;
  api.engine = test::obliging_engine();
  EXPECT_EQ(api.send("POST", "/v2/publish/https://a.com").body,
            "{\"messageId\":\"" + api.wire(1) + "\",\"url\":\"https://a.com\"}");
}

TEST(Section18, Row08_ADuplicateIsAccepted202) {
  ApiUnderTest api;
  api.engine = [](const engine::Command& command) -> engine::Answer {
    const bool group = !std::get<engine::Publish>(command).items[0].group_name.empty();
    engine::Published::Item item{.deliveries = {{{1}, "https://a", true}}, .to_group = group};
    return engine::Published{.items = {item}};
  };
  for (const char* destination : {"https://a", "grp"}) {
    const auto response = api.send("POST", "/v2/publish/" + std::string(destination));
    EXPECT_EQ(response.status, 202) << destination;
    EXPECT_TRUE(shows(response.body, R"("deduplicated":true)"));
  }
}

TEST(Section18, Row09_DuplicatesAreSeenForTenMinutes) {
  EXPECT_EQ(limits::kDedupWindowDefault, std::chrono::minutes(10));
}

TEST(Section18, Row10_ContentIsDestinationBodyAndHeaders) {
  const auto key = dedup_key_of_content("https://a", "b", "t", {{"X", "1"}});
  EXPECT_NE(key, dedup_key_of_content("https://z", "b", "t", {{"X", "1"}}));
  EXPECT_NE(key, dedup_key_of_content("https://a", "z", "t", {{"X", "1"}}));
  EXPECT_NE(key, dedup_key_of_content("https://a", "b", "z", {{"X", "1"}}));
  EXPECT_NE(key, dedup_key_of_content("https://a", "b", "t", {{"X", "z"}}));
}

TEST(Section18, Row11_ThreeRetriesAreTheDefault) {
  EXPECT_EQ(make_message({}, {}).max_retries, 3);
  EXPECT_EQ(Options().default_retries, 3);
}

TEST(Section18, Row12_BackoffIsThatOfTheSeedAndItsFactorASetting) {
  EXPECT_EQ(default_backoff(1, {}), std::chrono::seconds(7));
  EXPECT_EQ(default_backoff(2, {}), std::chrono::seconds(54));
  EXPECT_EQ(default_backoff(1, {.backoff_factor = 2.5}), std::chrono::seconds(12));
  EXPECT_EQ(default_backoff(99, {}), std::chrono::seconds(86'400));
}

TEST(Section18, Row13_CallbacksMayBeDelayed) {
  ApiUnderTest api;
  api.engine = test::obliging_engine();
  EXPECT_EQ(api.send("POST", "/v2/publish/https://a",
                     {{"Upstash-Callback", "https://c"}, {"Upstash-Callback-Delay", "5s"}})
                .status,
            200);
  const auto& options = api.command<engine::Publish>().items[0].options;
  EXPECT_EQ(options.callback->options->delay, std::chrono::seconds(5));
}

TEST(Section18, Row14_EnqueueTakesDelayAndFlowControl) {
  ApiUnderTest api;
  api.engine = test::obliging_engine();
  EXPECT_EQ(api.send("POST", "/v2/enqueue/q/https://a",
                     {{"Upstash-Delay", "5s"},
                      {"Upstash-Flow-Control-Key", "k"},
                      {"Upstash-Flow-Control-Value", "rate=1"}})
                .status,
            200);
  const auto& options = api.command<engine::Publish>().items[0].options;
  EXPECT_EQ(options.delay, std::chrono::seconds(5));
  EXPECT_EQ(options.flow_control->key, "k");
  EXPECT_EQ(options.queue_name, "q");
}

TEST(Section18, Row15_EnqueueAsksForNoQueueBefore) {
  ApiUnderTest api;
  api.engine = test::obliging_engine();
  EXPECT_EQ(api.send("POST", "/v2/enqueue/never-seen/https://a").status, 200);
  EXPECT_EQ(api.commands.size(), 1u);
}

TEST(Section18, Row16_ABadItemRefusesTheWholeBatch) {
  ApiUnderTest api;
  const auto response = api.send("POST", "/v2/batch", {},
                                 R"([{"destination":"https://a"},{"destination":"ftp://b"}])");
  EXPECT_EQ(response.status, 400);
  EXPECT_TRUE(shows(response.body, "batch item 1: "));
  EXPECT_TRUE(api.commands.empty());
}

TEST(Section18, Row17_HeadersOfABatchAreStringsOrArrays) {
  ApiUnderTest api;
  api.engine = test::obliging_engine();
  api.send("POST", "/v2/batch", {}, R"([{"destination":"https://a","headers":
      {"Upstash-Forward-A":"1","Upstash-Forward-B":["2","3"]}}])");
  EXPECT_EQ(api.command<engine::Publish>().items[0].options.forward_headers,
            (HeaderList{{"A", "1"}, {"B", "2"}, {"B", "3"}}));
}

TEST(Section18, Row18_AllFourFormsOfRedactionAreTaken) {
  for (const char* form : {"header", "headers"}) {
    EXPECT_TRUE(parse_redaction(form)->all_headers) << form;
    EXPECT_EQ(parse_redaction(std::string(form) + "[X-A]")->headers,
              std::vector<std::string>{"x-a"});
  }
}

TEST(Section18, Row19_RetryDelaysAreMilliseconds) {
  EXPECT_EQ(evaluate_retry_expression("1000 * (1 + retried)", 1), Duration(2000));
}

TEST(Section18, Row49_TimeoutsAreDurationsAndBareNumbersSeconds) {
  for (const auto& [text, timeout] : {std::pair{"30", Duration(30'000)},
                                      {"30s", Duration(30'000)},
                                      {"1.5s", Duration(1500)},
                                      {"1d1h30m", Duration(91'800'000)}}) {
    ApiUnderTest api;
    api.engine = test::obliging_engine();
    api.send("POST", "/v2/publish/https://a", {{"Upstash-Timeout", text}});
    EXPECT_EQ(api.command<engine::Publish>().items[0].options.timeout, timeout) << text;
  }
}

TEST(Section18, Row52_AnOversizedMessageIs413) {
  ApiUnderTest api;
  api.tenant.quotas.body_bytes_max = 1;
  api.publish_catalog();
  const auto response = api.send("POST", "/v2/publish/https://a", {{"Content-Length", "2"}}, "ab");
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(response.body, R"({"error":"quota maxMessageSize exceeded"})");
}

}  // namespace
}  // namespace ferry::api
