#include <gtest/gtest.h>

#include "api/api_under_test.h"
#include "domain/flow_control.h"

// The rows of contract section 18 about schedules, flow control, keys, queues and paths.

namespace ferry::api {
namespace {

using test::ApiUnderTest;
using test::occurrences;

TEST(Section18, Row40_SchedulesArePausedByPatchPostAndPut) {
  ApiUnderTest api;
  api.engine = test::obliging_engine();
  for (const char* method : {"PATCH", "POST", "PUT"}) {
    EXPECT_EQ(api.send(method, "/v2/schedules/s/pause").status, 200) << method;
    EXPECT_EQ(api.send(method, "/v2/schedules/s/resume").status, 200) << method;
  }
  EXPECT_EQ(api.commands.size(), 6u);
}

TEST(Section18, Row41_SchedulesAreMadeOnTheirPathAndByAHeaderOfPublish) {
  for (const char* path : {"/v2/schedules/", "/v2/publish/"}) {
    ApiUnderTest api;
    api.engine = test::obliging_engine();
    const auto response = api.send("POST", std::string(path) + "https://a",
                                   {{"Upstash-Cron", "* * * * *"}, {"Upstash-Schedule-Id", "s"}});
    EXPECT_EQ(response.body, R"({"scheduleId":"s"})") << path;
  }
}

std::string shown_schedule(std::string_view body) {
  ApiUnderTest api;
  Schedule schedule;
  schedule.id = "s";
  schedule.body = Bytes::copy(body);
  api.engine = test::obliging_engine({{.resource = std::make_shared<const Schedule>(schedule)}});
  return api.send("GET", "/v2/schedules/s").body;
}

TEST(Section18, Row42_BodiesOfSchedulesArePlainTextOrBase64) {
  EXPECT_EQ(occurrences(shown_schedule("plain"), R"("body":"plain")"), 1u);
  EXPECT_EQ(occurrences(shown_schedule("\xff"), R"("bodyBase64":"/w==")"), 1u);
}

TEST(Section18, Row43_TheListOfFlowKeysIsAnArray) {
  ApiUnderTest api;
  api.engine = test::obliging_engine();
  EXPECT_EQ(api.send("GET", "/v2/flowControl").body, "[]");
}

TEST(Section18, Row44_RatesAreResetByBothWords) {
  for (const char* word : {"reset", "resetRate"}) {
    ApiUnderTest api;
    api.engine = test::obliging_engine();
    EXPECT_EQ(api.send("POST", "/v2/flowControl/k/" + std::string(word)).status, 200);
    EXPECT_EQ(api.command<engine::ChangeFlowKey>().change, engine::ChangeFlowKey::Change::kReset);
  }
}

TEST(Section18, Row45_TheNewestMessageConfiguresItsKey) {
  FlowKey key;
  key.parallelism = 9;
  EXPECT_TRUE(take_newest(key, {.key = "k", .parallelism = 1, .rate = 2}));
  EXPECT_EQ(key.parallelism, 1);
  EXPECT_EQ(key.rate, 2);
}

TEST(Section18, Row46_GlobalParallelismHasItsNewFields) {
  ApiUnderTest api;
  api.engine = test::obliging_engine();
  EXPECT_EQ(api.send("GET", "/v2/globalParallelism").body,
            R"({"parallelismMax":500,"parallelismCount":3})");
}

TEST(Section18, Row47_KeysAreRotatedByPostAndGet) {
  for (const char* method : {"POST", "GET"}) {
    ApiUnderTest api;
    api.engine = [&](const engine::Command&) {
      return engine::TenantSaved{std::make_shared<const Tenant>(api.tenant)};
    };
    EXPECT_EQ(api.send(method, "/v2/keys/rotate").status, 200) << method;
    EXPECT_TRUE(std::holds_alternative<engine::RotateKeys>(api.commands.at(0)));
  }
}

TEST(Section18, Row48_AQueueThatIsNotThereIsDeleted) {
  ApiUnderTest api;
  api.engine = test::obliging_engine();
  EXPECT_EQ(api.send("DELETE", "/v2/queues/none").status, 200);
  EXPECT_FALSE(std::get<engine::DropNamed>(api.commands.at(1)).must_exist);
}

TEST(Section18, Row51_PathsMatchWhateverTheirCase) {
  ApiUnderTest api;
  api.engine = test::obliging_engine();
  for (const char* path :
       {"/v2/Schedules", "/v2/Schedules/", "/v2/FLOWCONTROL", "/v2/Topics", "/v2/Queues"}) {
    EXPECT_EQ(api.send("GET", path).status, 200) << path;
  }
}

}  // namespace
}  // namespace ferry::api
