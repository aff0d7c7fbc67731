#include "api/qstash/shown_message.h"

#include <gtest/gtest.h>

#include "api/api_under_test.h"
#include "domain/redaction.h"

namespace ferry::api {
namespace {

const IdCodec& ids() {
  static const IdCodec codec("secret of the tests");
  return codec;
}

const WireNames& names() {
  static const ApiNames apis = {{"https://llm.test/v1", "llm"}};
  static const WireNames all{ids(), apis};
  return all;
}

// A message with everything that can be shown.
Message full_message() {
  Message message = test::message_of({.id = 9, .body = "hello", .labels = {"a", "b"}});
  message.created_at = from_unix_ms(1000);
  message.headers = {{"Content-Type", "text/plain"}, {"X-A", "1"}, {"X-A", "2"}};
  message.max_retries = 0;
  message.retry_delay_expression = "1000";
  message.timeout = Duration(30'000);
  message.flow_control =
      FlowControl{.key = "k", .parallelism = 3, .rate = {}, .period = std::chrono::seconds(5403)};
  PublishOptions options;
  options.forward_headers = {{"X-C", "3"}};
  message.callback = {"https://c", std::make_shared<const PublishOptions>(options)};
  message.failure_callback = {"https://f", std::make_shared<const PublishOptions>()};
  return message;
}

Delivery full_delivery() {
  Delivery delivery = test::delivery_of({.id = 9});
  Destination to;
  to.target.url = "https://e.com/x";
  to.group_name = "g";
  to.endpoint_name = "end";
  to.queue_name = "q";
  to.schedule_id = "s";
  delivery.to = std::make_shared<const Destination>(std::move(to));
  delivery.not_before = from_unix_ms(2000);
  delivery.due_at = from_unix_ms(3000);
  return delivery;
}

std::string shown(const Message& message, const Delivery& delivery, bool finished = false) {
  JsonWriter json;
  write_message(json,
                {.delivery = delivery,
                 .message = std::make_shared<const Message>(message),
                 .finished = finished,
                 .last_state = finished ? EventState::kDelivered : EventState::kRetry},
                names());
  return std::move(json).take();
}

std::string shown_event(const Message& message, Event event, BodyTrim trim = {}) {
  JsonWriter json;
  write_event(json, {std::move(event), full_delivery(), std::make_shared<const Message>(message)},
              ids(), trim);
  return std::move(json).take();
}

std::string shown_letter(const Message& message, ResponsePtr response, BodyTrim trim = {}) {
  DeadLetter letter;
  letter.id = {first_id_at(from_unix_ms(1725323658779))};
  letter.delivery = full_delivery();
  letter.message = std::make_shared<const Message>(message);
  letter.response = std::move(response);
  JsonWriter json;
  write_dead_letter(json, letter, names(), trim);
  return std::move(json).take();
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

TEST(ShownMessage, AMessageShowsAllItHas) {
  EXPECT_EQ(shown(full_message(), full_delivery()),
            "{\"messageId\":\"" + ids().wire({9}) +
                R"(","topicName":"g","endpointName":"end","queueName":"q","scheduleId":"s",)"
                R"("urlGroup":"g","url":"https://e.com/x","method":"POST",)"
                R"("header":{"Content-Type":["text/plain"],"X-A":["1","2"]},"body":"hello",)"
                R"("maxRetries":0,"retried":0,"notBefore":2000,"createdAt":1000,)"
                R"("callerIP":"198.51.100.7","callerIp":"198.51.100.7","callback":"https://c",)"
                R"("callbackHeader":{"X-C":["3"]},"failureCallback":"https://f","timeout":30000,)"
                R"("retryDelayExpression":"1000","label":"a","labels":["a","b"],)"
                R"("flowControlKey":"k","parallelism":3,"period":5403,)"
                R"("state":"RETRY","nextDeliveryTime":3000})");
}

TEST(ShownMessage, FlowControlStandsInEveryView) {
  const std::string flow = R"("flowControlKey":"k","parallelism":3,"period":5403)";
  for (const std::string& json :
       {shown(full_message(), full_delivery()), shown_letter(full_message(), nullptr),
        shown_event(full_message(), {})}) {
    EXPECT_TRUE(contains(json, flow)) << json;
  }
  Message message = full_message();
  message.flow_control = FlowControl{.key = "k", .parallelism = {}, .rate = 7};
  EXPECT_TRUE(
      contains(shown(message, full_delivery()), R"("flowControlKey":"k","rate":7,"period":1)"));
}

TEST(ShownMessage, APendingMessageOfAListHasNoState) {
  JsonWriter json;
  const auto message = std::make_shared<const Message>(full_message());
  write_pending_message(json, {full_delivery(), message}, names(), 2);
  EXPECT_TRUE(contains(json.text(), R"("body":"he")"));
  EXPECT_TRUE(contains(json.text(), R"("nextDeliveryTime":3000})"));
  EXPECT_FALSE(contains(json.text(), R"("state")"));
}

TEST(ShownMessage, AMessageToAnApiDestinationNamesIt) {
  const Delivery delivery = test::delivery_of({.id = 9, .url = "https://llm.test/v1"});
  EXPECT_TRUE(contains(shown(full_message(), delivery), R"("api":"llm")"));
  EXPECT_FALSE(contains(shown(full_message(), full_delivery()), R"("api")"));
}

TEST(ShownMessage, WhatIsAbsentIsLeftOut) {
  Message message = test::message_of({.id = 9, .body = "", .headers = {}});
  message.created_at = from_unix_ms(1000);
  Delivery delivery =
      test::delivery_of({.id = 9, .url = "http://a", .created_at = from_unix_ms(1000)});
  EXPECT_EQ(shown(message, delivery, true),
            "{\"messageId\":\"" + ids().wire({9}) +
                R"(","url":"http://a","method":"POST","maxRetries":3,"retried":0,)"
                R"("notBefore":1000,"createdAt":1000,"callerIP":"198.51.100.7",)"
                R"("callerIp":"198.51.100.7","state":"DELIVERED"})");
}

TEST(ShownMessage, ABodyThatIsNoTextIsShownAsBase64) {
  const std::string json = shown(test::message_of({.id = 9, .body = "\xff\xfe"}), full_delivery());
  EXPECT_TRUE(contains(json, R"("bodyBase64":"//4=")"));
  EXPECT_FALSE(contains(json, R"("body":)"));
}

TEST(ShownMessage, RedactedFieldsLeaveAsTheirHashEverywhere) {
  Message message = full_message();
  message.redaction = {.body = true, .all_headers = false, .headers = {"x-a", "x-c"}};
  const std::string hidden_body = redacted("hello");
  for (const std::string& json :
       {shown(message, full_delivery()), shown_letter(message, nullptr)}) {
    EXPECT_TRUE(contains(json, "\"body\":\"" + hidden_body + "\"")) << json;
    EXPECT_TRUE(contains(json, "\"X-A\":[\"" + redacted("1") + "\",\"" + redacted("2") + "\"]"));
    EXPECT_TRUE(contains(json, "\"X-C\":[\"" + redacted("3") + "\"]")) << "of the callback";
    EXPECT_TRUE(contains(json, R"("Content-Type":["text/plain"])"));
    EXPECT_FALSE(contains(json, "hello"));
  }
  const std::string event = shown_event(message, {});
  EXPECT_TRUE(contains(event, "\"X-A\":[\"" + redacted("1")));
  EXPECT_FALSE(contains(event, "aGVsbG8="));
  EXPECT_TRUE(contains(event, R"("body":"UkVEQUNURUQ6)")) << "base64 of REDACTED:";
}

TEST(ShownMessage, ACallbacksOwnRedactionHidesItsHeaders) {
  Message message = full_message();
  PublishOptions options = *message.callback->options;
  options.redaction = Redaction{.body = false, .all_headers = true, .headers = {}};
  message.callback->options = std::make_shared<const PublishOptions>(options);
  const std::string json = shown(message, full_delivery());
  EXPECT_TRUE(contains(json, "\"callbackHeader\":{\"X-C\":[\"" + redacted("3") + "\"]}"));
  EXPECT_TRUE(contains(json, R"("X-A":["1","2"])"));
}

TEST(ShownMessage, ADeadLetterShowsWhatTheTargetAnswered) {
  const auto response = std::make_shared<const Response>(
      Response{.status = 404, .headers = {{"Server", "s"}}, .body = Bytes::copy("404 Not Found")});
  const std::string json = shown_letter(full_message(), response);
  EXPECT_TRUE(json.starts_with("{\"dlqId\":\"1725323658779-0\",\"messageId\":\""));
  EXPECT_TRUE(contains(json, R"("responseStatus":404,"responseHeader":{"Server":["s"]},)"
                             R"("responseBody":"404 Not Found")"));
}

TEST(ShownMessage, ADeadLetterWithoutAnAnswerHasStatusZero) {
  const std::string json = shown_letter(full_message(), nullptr);
  EXPECT_TRUE(contains(json, R"("responseStatus":0)"));
  EXPECT_FALSE(contains(json, "responseHeader"));
  EXPECT_FALSE(contains(json, "responseBody"));
}

TEST(ShownMessage, ABinaryAnswerIsShownAsBase64) {
  const auto response = std::make_shared<const Response>(
      Response{.status = 500, .headers = {}, .body = Bytes::copy("\xff")});
  EXPECT_TRUE(contains(shown_letter(full_message(), response), R"("responseBodyBase64":"/w==")"));
}

TEST(ShownMessage, TrimmedTextsNeverEndWithinACharacter) {
  const Message message = test::message_of({.id = 9, .body = "aäb"});  // ä has two bytes
  EXPECT_TRUE(contains(shown_letter(message, nullptr, 1), R"("body":"a")"));
  EXPECT_TRUE(contains(shown_letter(message, nullptr, 2), R"("body":"a")"));
  EXPECT_TRUE(contains(shown_letter(message, nullptr, 3), R"("body":"aä")"));
  EXPECT_TRUE(contains(shown_letter(message, nullptr, 99), R"("body":"aäb")"));
  EXPECT_FALSE(contains(shown_letter(message, nullptr, 0), R"("body")"));
  EXPECT_FALSE(contains(shown_letter(message, nullptr, -1), R"("body")"));
}

TEST(ShownMessage, AnEventShowsItsMessageAndBothSpellingsOfEachKey) {
  Event event;
  event.time = from_unix_ms(5000);
  event.state = EventState::kError;
  event.error = "unexpected status 500";
  event.next_delivery_at = from_unix_ms(6000);
  event.response = std::make_shared<const Response>(
      Response{.status = 500, .headers = {{"Server", "s"}}, .body = Bytes::copy("oops")});
  EXPECT_EQ(
      shown_event(full_message(), event),
      "{\"time\":5000,\"messageId\":\"" + ids().wire({9}) +
          R"(","state":"ERROR","url":"https://e.com/x","error":"unexpected status 500",)"
          R"("nextDeliveryTime":6000,"topicName":"g","endpointName":"end","queueName":"q",)"
          R"("scheduleId":"s","method":"POST","maxRetries":0,"callerIP":"198.51.100.7",)"
          R"("header":{"Content-Type":["text/plain"],"X-A":["1","2"]},)"
          R"("callback":"https://c","callbackHeaders":{"X-C":["3"]},)"
          R"("failureCallback":"https://f","timeout":30000,)"
          R"("retryDelayExpression":"1000","retryDelayExpr":"1000",)"
          R"("label":"a","labels":["a","b"],"flowControlKey":"k","parallelism":3,"period":5403,)"
          R"("body":"aGVsbG8=","responseStatus":500,)"
          R"("responseHeaders":{"Server":["s"]},"responseHeader":{"Server":["s"]},)"
          R"("responseBody":"b29wcw=="})");
}

TEST(ShownMessage, AnEventWhoseContentIsGoneShowsItsDelivery) {
  Event event;
  event.time = from_unix_ms(5000);
  event.state = EventState::kCanceled;
  JsonWriter json;
  write_event(json, {event, test::delivery_of({.id = 9, .url = "http://a"}), nullptr}, ids(), {});
  EXPECT_EQ(json.text(), "{\"time\":5000,\"messageId\":\"" + ids().wire({9}) +
                             R"(","state":"CANCELED","url":"http://a"})");
}

TEST(ShownMessage, TrimCutsLogBodiesBeforeTheirEncoding) {
  EXPECT_TRUE(contains(shown_event(full_message(), {}, 2), R"("body":"aGU=")"));
  EXPECT_FALSE(contains(shown_event(full_message(), {}, -1), R"("body")"));
}

}  // namespace
}  // namespace ferry::api
