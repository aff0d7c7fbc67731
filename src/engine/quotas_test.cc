// What a tenant may have: numbers and bytes of its resources, the time of its attempts.

#include <gtest/gtest.h>

#include "domain/limits.h"
#include "engine/engine_fixture.h"

namespace ferry::engine {
namespace {

using std::chrono::seconds;

class QuotaTest : public EngineTest {
 protected:
  QuotaTest() { step(); }

  void limit(Quotas quotas) {
    Tenant changed = *tenant();
    changed.quotas = quotas;
    apply(save(changed));
    take_answer<TenantSaved>();
  }
  std::string refused() {
    const auto error = take_answer<Error>();
    EXPECT_EQ(error.code, ErrorCode::kQuotaExceeded);
    return error.text;
  }
  SaveEndpoints group(std::string name, std::string url = "https://a.test/") {
    return {.reply = next_caller(),
            .tenant = tenant_id,
            .group = std::move(name),
            .endpoints = {{.name = "", .url = std::move(url)}}};
  }
  SaveQueue queue(std::string name) {
    SaveQueue made;
    made.reply = next_caller();
    made.tenant = tenant_id;
    made.name = std::move(name);
    return made;
  }
  SaveSchedule schedule(std::string id, std::size_t body) {
    Schedule made;
    made.tenant = tenant_id;
    made.id = std::move(id);
    made.cron = "0 * * * *";
    made.destination = "https://a.test/";
    made.body = Bytes::take(std::string(body, 'x'));
    return {.reply = next_caller(), .schedule = std::move(made)};
  }
  SaveFunction function(Duration timeout) {
    Function made;
    made.tenant = tenant_id;
    made.function = "f";
    made.endpoint = "http://f.test";
    made.timeout = timeout;
    return {.reply = next_caller(), .function = std::make_shared<const Function>(made)};
  }
  Publish with_flow(std::string key) {
    PublishOptions options;
    options.flow_control = FlowControl{.key = std::move(key), .parallelism = 1};
    return publish({.options = options});
  }
  Publish with_timeout(Duration timeout) {
    PublishOptions options;
    options.timeout = timeout;
    return publish({.options = options});
  }
};

TEST_F(QuotaTest, OfNumbersNameThemselves) {
  limit({.queues = 1, .schedules = 1, .url_groups = 1, .flow_keys = 1});
  apply(queue("q"), group("g"), schedule("s", 1), with_flow("k"));
  take_answer<Published>();
  apply(queue("q"), group("g"), schedule("s", 1), with_flow("k"));  // they are there
  take_answer<Published>();
  apply(queue("q2"));
  EXPECT_EQ(refused(), "quota maxQueues exceeded, current limit: 1");
  apply(group("g2"));
  EXPECT_EQ(refused(), "quota maxUrlGroups exceeded, current limit: 1");
  apply(schedule("s2", 1));
  EXPECT_EQ(refused(), "quota maxSchedules exceeded, current limit: 1");
  apply(with_flow("k2"));
  EXPECT_EQ(refused(), "quota maxFlowKeys exceeded, current limit: 1");
  apply(DropNamed{next_caller(), tenant_id, ResourceKind::kQueue, "q", true});
  apply(queue("q2"));
  take_answer<Done>();
}

TEST_F(QuotaTest, OfNumbersHaveDefaults) {
  for (std::int64_t i = 0; i < limits::kQueuesMaxDefault; ++i) {
    apply(queue("q" + std::to_string(i)));
  }
  take_answer<Done>();
  apply(queue("more"));
  EXPECT_EQ(refused(), "quota maxQueues exceeded, current limit: 10000");
  PublishOptions options;
  options.queue_name = "more";
  apply(publish({.options = options}));
  EXPECT_EQ(refused(), "quota maxQueues exceeded, current limit: 10000");
}

TEST_F(QuotaTest, OfMemoryIsForAllResourcesTogether) {
  limit({.resource_bytes = 100'000});
  const std::string url = "https://a.test/" + std::string(10'000, 'u');
  int groups = 0;
  for (; groups < 20; ++groups) {
    apply(group("g" + std::to_string(groups), url));
    if (std::holds_alternative<Error>(replies.back().answer)) break;
    take_answer<Done>();
  }
  EXPECT_EQ(groups, 9);
  EXPECT_EQ(refused(), "quota maxResourceBytes exceeded, current limit: 100000");
  apply(group("g0", url));  // no more than before
  take_answer<Done>();
  apply(schedule("s", 1'000), with_flow(std::string(1'000, 'k')));
  replies.clear();
  apply(function(seconds(1)), with_flow(std::string(1'024, 'l')), queue(std::string(256, 'q')));
  for (int i = 0; i < 20; ++i) apply(schedule("t" + std::to_string(i), 1'000));
  EXPECT_EQ(refused(), "quota maxResourceBytes exceeded, current limit: 100000");
  apply(with_flow(std::string(1'023, 'm')));
  EXPECT_EQ(refused(), "quota maxResourceBytes exceeded, current limit: 100000");
  apply(SaveGroupDefaults{.reply = next_caller(),
                          .tenant = tenant_id,
                          .group = "g1",
                          .headers = {{"X-Large", std::string(5'000, 'h')}}});
  EXPECT_EQ(refused(), "quota maxResourceBytes exceeded, current limit: 100000");
  apply(DropNamed{next_caller(), tenant_id, ResourceKind::kUrlGroup, "g1", true});
  apply(with_flow(std::string(1'023, 'm')));
  take_answer<Published>();
}

TEST_F(QuotaTest, OfBodiesOfSchedulesIsAboutTheirRows) {
  limit({.schedule_body_bytes = 100'000});
  apply(schedule("s", 60'000));
  take_answer<Done>();
  apply(schedule("t", 60'000));
  EXPECT_EQ(refused(), "quota maxScheduleBodyBytes exceeded, current limit: 100000");
  apply(schedule("s", 100'000));  // in the place of its own
  take_answer<Done>();
  apply(schedule("t", 100));  // in memory
  take_answer<Done>();
  apply(DropNamed{next_caller(), tenant_id, ResourceKind::kSchedule, "s", true});
  apply(schedule("t", 60'000));
  take_answer<Done>();
}

TEST_F(QuotaTest, OfTimeIsThatOfOneAttempt) {
  limit({.timeout_max = seconds(30)});
  apply(with_timeout(seconds(30)));
  take_answer<Published>();
  apply(publish({}));
  take_answer<Published>();
  apply(with_timeout(seconds(31)));
  EXPECT_EQ(refused(), "quota maxTimeout exceeded, current limit: 30");
  PublishOptions slow, options;
  slow.timeout = seconds(31);
  options.callback = HookOptions{"https://a.test/", std::make_shared<const PublishOptions>(slow)};
  apply(publish({.options = options}));
  EXPECT_EQ(refused(), "quota maxTimeout exceeded, current limit: 30");
  apply(function(seconds(31)));
  EXPECT_EQ(refused(), "quota maxTimeout exceeded, current limit: 30");
  apply(function(seconds(30)));
  take_answer<Done>();
}

TEST_F(QuotaTest, AreOfTheTenantAlone) {
  limit({.queues = 0, .resource_bytes = 0});
  Tenant other = *tenant();
  other.id = {};
  other.name = "other";
  other.quotas = {};
  apply(save(other));
  const TenantId other_id = take_answer<TenantSaved>().tenant->id;
  SaveQueue command = queue("q");
  command.tenant = other_id;
  apply(command);
  take_answer<Done>();
  apply(queue("q"));
  refused();
}

}  // namespace
}  // namespace ferry::engine
