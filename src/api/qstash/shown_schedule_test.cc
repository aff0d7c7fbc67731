#include "api/qstash/shown_schedule.h"

#include <gtest/gtest.h>

#include "domain/redaction.h"

namespace ferry::api {
namespace {

const IdCodec& ids() {
  static const IdCodec codec("secret of the tests");
  return codec;
}

Schedule full_schedule() {
  Schedule schedule;
  schedule.id = "s";
  schedule.cron = "*/5 * * * *";
  schedule.destination = "https://a.com";
  schedule.body = Bytes::copy("hello");
  schedule.caller_ip = "10.0.0.7";
  schedule.created_at = from_unix_ms(1000);
  PublishOptions& options = schedule.options;
  options.method = Method::kPut;
  options.max_retries = 0;
  options.content_type = "text/plain";
  options.forward_headers = {{"X-A", "1"}};
  options.delay = std::chrono::seconds(5);
  options.timeout = std::chrono::seconds(30);
  options.retry_delay_expression = "1000";
  options.labels = {{"a", "b"}};
  options.queue_name = "q";
  options.flow_control =
      FlowControl{.key = "k", .parallelism = {}, .rate = 7, .period = std::chrono::seconds(60)};
  PublishOptions hook;
  hook.forward_headers = {{"X-C", "3"}};
  options.callback = {"https://c", std::make_shared<const PublishOptions>(hook)};
  options.failure_callback = {"https://f", std::make_shared<const PublishOptions>(hook)};
  schedule.paused = true;
  schedule.last_tick = from_unix_ms(2000);
  schedule.next_tick = from_unix_ms(3000);
  schedule.error = "URL group g not found";
  return schedule;
}

std::string shown(const Schedule& schedule, const LastStates& states = {}) {
  JsonWriter json;
  write_schedule(json, schedule, schedule.body, states, {.max_retries = 3}, ids());
  return std::move(json).take();
}

TEST(ShownSchedule, HasEveryFieldOfTheContract) {
  EXPECT_EQ(
      shown(full_schedule(), {{{7}, DeliveryState::kSuccess}}),
      R"({"scheduleId":"s","cron":"*/5 * * * *","createdAt":1000,"destination":"https://a.com",)"
      R"("isPaused":true,"method":"PUT","retries":0,)"
      R"("header":{"Content-Type":["text/plain"],"X-A":["1"]},"body":"hello",)"
      R"("callback":"https://c","callbackHeader":{"X-C":["3"]},)"
      R"("failureCallback":"https://f","failureCallbackHeader":{"X-C":["3"]},)"
      R"("retryDelayExpression":"1000","label":"a","labels":["a","b"],)"
      R"("flowControlKey":"k","rate":7,"period":60,"delay":5,"timeout":30,)"
      R"("callerIP":"10.0.0.7","callerIp":"10.0.0.7","queueName":"q",)"
      R"("lastScheduleTime":2000,"nextScheduleTime":3000,"lastScheduleStates":{")" +
          ids().wire({7}) + R"(":"SUCCESS"},"error":"URL group g not found"})");
}

TEST(ShownSchedule, LeavesOutWhatIsNotSet) {
  Schedule schedule;
  schedule.id = "s";
  schedule.cron = "@daily";
  schedule.destination = "g";
  schedule.created_at = from_unix_ms(1000);
  EXPECT_EQ(shown(schedule),
            R"({"scheduleId":"s","cron":"@daily","createdAt":1000,"destination":"g",)"
            R"("isPaused":false,"method":"POST","retries":3,"callerIP":"","callerIp":""})");
}

TEST(ShownSchedule, ABodyThatIsNoTextIsBase64) {
  Schedule schedule = full_schedule();
  schedule.body = Bytes::copy("\xff\xfe");
  EXPECT_NE(shown(schedule).find(R"("bodyBase64":"//4=")"), std::string::npos);
  EXPECT_EQ(shown(schedule).find(R"("body":)"), std::string::npos);
}

TEST(ShownSchedule, WhatIsRedactedIsAHash) {
  Schedule schedule = full_schedule();
  schedule.options.redaction = Redaction{.body = true, .all_headers = false, .headers = {"x-a"}};
  EXPECT_NE(shown(schedule).find("\"body\":\"" + redacted("hello") + "\""), std::string::npos);
  EXPECT_NE(shown(schedule).find("\"X-A\":[\"" + redacted("1") + "\"]"), std::string::npos);
}

}  // namespace
}  // namespace ferry::api
