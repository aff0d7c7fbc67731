#include "api/qstash/schedules.h"

#include <gtest/gtest.h>

#include "api/api_under_test.h"

namespace ferry::api {
namespace {

using test::ApiUnderTest;
using test::kNow;

const Schedule& created(ApiUnderTest& api, std::string_view target, HeaderList headers,
                        std::string_view body = {}) {
  api.engine = test::obliging_engine();
  api.commands.clear();
  const auto response = api.send("POST", target, std::move(headers), body);
  EXPECT_EQ(response.status, 200) << response.body;
  const Schedule& schedule = api.command<engine::SaveSchedule>().schedule;
  EXPECT_EQ(response.body, "{\"scheduleId\":\"" + schedule.id + "\"}");
  return schedule;
}

TEST(Schedules, CreatingOneKeepsTheWholePublish) {
  ApiUnderTest api;
  const Schedule& schedule = created(api, "/v2/schedules/https://a.com/x?y=1&upstash-delay=5s",
                                     {{"Upstash-Cron", " */10 * * * * "},
                                      {"Content-Type", "text/plain"},
                                      {"Upstash-Queue-Name", "q"},
                                      {"Upstash-Not-Before", "1795262460"},
                                      {"Upstash-Forward-X-A", "1"},
                                      {"Upstash-Retries", "2"}},
                                     "body");
  EXPECT_TRUE(schedule.id.starts_with("scd_"));
  EXPECT_GE(schedule.id.size(), 24u);
  EXPECT_EQ(schedule.tenant, test::kTenant);
  EXPECT_EQ(schedule.cron, "*/10 * * * *");
  EXPECT_EQ(schedule.destination, "https://a.com/x?y=1");
  EXPECT_EQ(schedule.body.view(), "body");
  EXPECT_EQ(schedule.caller_ip, "203.0.113.9");
  EXPECT_EQ(schedule.created_at, kNow);
  EXPECT_EQ(schedule.options.queue_name, "q");
  EXPECT_EQ(schedule.options.delay, std::chrono::seconds(5));
  EXPECT_EQ(schedule.options.max_retries, 2);
  EXPECT_EQ(schedule.options.content_type, "text/plain");
  EXPECT_EQ(schedule.options.forward_headers, (HeaderList{{"X-A", "1"}}));
  EXPECT_FALSE(schedule.options.not_before) << "has no meaning for a schedule";
}

TEST(Schedules, GeneratedIdsDiffer) {
  ApiUnderTest api;
  const std::string first =
      created(api, "/v2/schedules/https://a", {{"Upstash-Cron", "@daily"}}).id;
  EXPECT_NE(created(api, "/v2/schedules/https://a", {{"Upstash-Cron", "@daily"}}).id, first);
}

TEST(Schedules, TheCallerMayChooseTheIdAndAGroup) {
  ApiUnderTest api;
  const Schedule& schedule = created(
      api, "/v2/Schedules/my-group",
      {{"Upstash-Cron", "CRON_TZ=Europe/Berlin 0 9 * * *"}, {"Upstash-Schedule-Id", "s.1"}});
  EXPECT_EQ(schedule.id, "s.1");
  EXPECT_EQ(schedule.destination, "my-group");
}

TEST(Schedules, PublishAndEnqueueWithCronMakeOneToo) {
  ApiUnderTest api;
  EXPECT_EQ(created(api, "/v2/publish/https://a.com", {{"Upstash-Cron", "@hourly"}}).destination,
            "https://a.com");
  EXPECT_EQ(created(api, "/v2/enqueue/q/grp?upstash-cron=@hourly", {}).options.queue_name, "q");
}

std::string refused(HeaderList headers) {
  ApiUnderTest api;
  const auto response = api.send("POST", "/v2/schedules/https://a.com", std::move(headers));
  EXPECT_EQ(response.status, 400);
  return response.body;
}

TEST(Schedules, WithoutAnExpressionOneIsRefusedInThePublicServicesWords) {
  EXPECT_EQ(refused({}), R"({"error":"Invalid cron expression empty spec string"})");
  EXPECT_EQ(refused({{"Upstash-Cron", " "}}),
            R"({"error":"Invalid cron expression empty spec string"})");
}

TEST(Schedules, BadExpressionsAndIdsAreRefused) {
  EXPECT_TRUE(refused({{"Upstash-Cron", "61 * * * *"}})
                  .starts_with(R"({"error":"Invalid cron expression )"));
  refused({{"Upstash-Cron", "@daily"}, {"Upstash-Schedule-Id", "a b"}});
  refused({{"Upstash-Cron", "@daily"}, {"Upstash-Retries", "x"}});
}

TEST(Schedules, PausingIsPatchPutOrPost) {
  ApiUnderTest api;
  api.engine = test::obliging_engine();
  for (const char* method : {"PATCH", "PUT", "POST"}) {
    EXPECT_EQ(api.send(method, "/v2/schedules/s/pause").body, "{}") << method;
    EXPECT_EQ(api.send(method, "/v2/Schedules/s/Resume").body, "{}") << method;
  }
  ASSERT_EQ(api.commands.size(), 6u);
  for (std::size_t i = 0; i < api.commands.size(); ++i) {
    const auto& command = std::get<engine::PauseSchedule>(api.commands[i]);
    EXPECT_EQ(command.id, "s");
    EXPECT_EQ(command.paused, i % 2 == 0);
  }
}

TEST(Schedules, ADestinationThatEndsInPauseIsStillADestination) {
  ApiUnderTest api;
  EXPECT_EQ(
      created(api, "/v2/schedules/https://a.com/pause", {{"Upstash-Cron", "@daily"}}).destination,
      "https://a.com/pause");
  EXPECT_EQ(created(api, "/v2/schedules/https%3A%2F%2Fa.com/resume", {{"Upstash-Cron", "@daily"}})
                .destination,
            "https://a.com/resume");
}

engine::ResourceView schedule_view(std::vector<DeliveryId> last) {
  Schedule schedule;
  schedule.tenant = test::kTenant;
  schedule.id = "s";
  schedule.cron = "@daily";
  schedule.destination = "https://a.com";
  schedule.created_at = kNow;
  schedule.last_deliveries = std::move(last);
  return {.resource = std::make_shared<const Schedule>(std::move(schedule))};
}

TEST(Schedules, TheStatesOfTheLastTickComeFromTheStore) {
  ApiUnderTest api;
  test::add_delivery(*api.store, {.id = 1});
  const auto finish = [&](std::int64_t id, EventState state) {
    test::add_delivery(*api.store, {.id = id});
    store::WriteSet drop;
    drop.add(store::DropDelivery{{id}});
    drop.add(store::DropMessage{{id}});
    ASSERT_TRUE(api.store->commit(std::span(&drop, 1)));
    test::add_event(*api.store, {.id = id}, state, kNow - std::chrono::hours(48));
  };
  finish(2, EventState::kDelivered);
  finish(3, EventState::kFailed);
  finish(4, EventState::kCanceled);
  api.engine = test::obliging_engine({schedule_view({{1}, {2}, {3}, {4}, {5}})});
  const std::string states = "\"lastScheduleStates\":{\"" + api.wire(1) + "\":\"IN_PROGRESS\",\"" +
                             api.wire(2) + "\":\"SUCCESS\",\"" + api.wire(3) + "\":\"FAIL\",\"" +
                             api.wire(4) + "\":\"FAIL\"}";
  EXPECT_EQ(test::occurrences(api.send("GET", "/v2/schedules/s").body, states), 1u)
      << "what history has forgotten is left out";
  EXPECT_EQ(test::occurrences(api.send("GET", "/v2/schedules").body, states), 1u);
}

TEST(Schedules, ALargeBodyIsReadFromTheStore) {
  ApiUnderTest api;
  const auto view = [&](std::string id, std::size_t bytes) {
    Schedule schedule = *std::get<SchedulePtr>(schedule_view({}).resource);
    schedule.id = id;
    schedule.body_bytes = static_cast<std::int64_t>(bytes);
    store::WriteSet set;
    set.add(store::PutResource{std::make_shared<const ScheduleBody>(ScheduleBody{
        .tenant = test::kTenant, .schedule = id, .body = Bytes::take(std::string(bytes, 'x'))})});
    EXPECT_TRUE(api.store->commit(std::span(&set, 1)));
    return engine::ResourceView{.resource = std::make_shared<const Schedule>(schedule)};
  };
  const engine::ResourceView small = view("s", 2'000), large = view("l", 7 << 20);
  api.engine = test::obliging_engine({large});
  EXPECT_GT(api.send("GET", "/v2/schedules/l").body.size(), 7u << 20);
  api.engine = test::obliging_engine({small});
  const std::string shown = "\"body\":\"" + std::string(2'000, 'x') + "\"";
  EXPECT_EQ(test::occurrences(api.send("GET", "/v2/schedules/s").body, shown), 1u);
  api.engine = test::obliging_engine({large, large, small});
  const std::string list = api.send("GET", "/v2/schedules").body;
  EXPECT_GT(list.size(), 14u << 20) << "a list has all bodies";
  EXPECT_EQ(test::occurrences(list, "\"scheduleId\":\"l\""), 2u);
}

TEST(Schedules, UnknownOnesAreNotFound) {
  ApiUnderTest api;
  api.engine = test::obliging_engine();
  EXPECT_EQ(api.send("GET", "/v2/schedules/none").status, 404);
  EXPECT_EQ(api.send("GET", "/v2/schedules").body, "[]");
  EXPECT_EQ(api.send("DELETE", "/v2/schedules/s").body, "{}");
  EXPECT_TRUE(std::get<engine::DropNamed>(api.commands.back()).must_exist);
}

}  // namespace
}  // namespace ferry::api
