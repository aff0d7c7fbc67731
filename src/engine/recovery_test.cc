#include "engine/recovery.h"

#include "engine/engine_fixture.h"

namespace ferry::engine {
namespace {

using std::chrono::hours;

class RecoveryTest : public EngineTest {
 protected:
  void put(std::string key, std::string value) {
    store::WriteSet set;
    set.add(store::PutSetting{std::move(key), std::move(value)});
    ASSERT_TRUE(store.commit({&set, 1}).has_value());
  }
  Result<std::unique_ptr<Engine>> recover() {
    return Engine::recover(store, options, metrics, now);
  }
};

TEST_F(RecoveryTest, RebuildsTheMemoryOfTheEngineBefore) {
  pass(Duration(1));
  Tenant limited = *tenant();
  limited.quotas.messages_per_day = 100;
  apply(save(std::move(limited)), SaveTenant{.reply = {}, .tenant = {.name = "second"}});
  accept_all(std::vector<Item>{{.dedup = "a"}, {.options = {.max_retries = 0}}});
  for (const StartAttempt& start : take_starts()) apply(refused(start));
  apply(SetPaused{.reply = {}, .tenant = TenantId{2}, .paused = true},
        SetPaused{.reply = {}, .tenant = {}, .paused = true});
  const std::string before = engine->fingerprint();
  const std::string rows = store.dump();
  restart();
  EXPECT_EQ(engine->fingerprint(), before);
  EXPECT_EQ(store.dump(), rows);
  EXPECT_NE(before.find("paused 1"), std::string::npos);
}

TEST_F(RecoveryTest, RebuildsNothingThatWasRefused) {
  step();
  Tenant limited = *tenant();
  limited.quotas.messages_per_day = 0;
  apply(save(std::move(limited)));
  apply(publish(Item{}));
  const std::string before = engine->fingerprint();
  restart();
  EXPECT_EQ(engine->fingerprint(), before);
}

TEST_F(RecoveryTest, NeverGivesAnIdTwiceWhateverTheClockSays) {
  const DeliveryId before = accept({.options = {.delay = hours(1)}});
  now -= hours(2);
  restart();
  EXPECT_GT(accept({.options = {.delay = hours(1)}}), before);
}

TEST_F(RecoveryTest, ContinuesBehindTheIdOfADeadLetter) {
  pass(Duration(1));
  accept(Item{});
  apply(refused(take_start()));
  const std::int64_t letter = letters().at(0)->id.value;
  restart();
  EXPECT_GT(accept(Item{}).value, letter);
}

TEST_F(RecoveryTest, BeginsWithEmptyTablesToo) {
  const auto fresh = recover();
  ASSERT_TRUE(fresh.has_value());
  EXPECT_EQ((*fresh)->in_flight(), 0u);
}

TEST_F(RecoveryTest, FailsWhenTheStoreCannotBeRead) {
  store.readable = false;
  EXPECT_EQ(recover().error().code, ErrorCode::kStoreIo);
}

TEST_F(RecoveryTest, RefusesSettingsItCannotRead) {
  for (const std::string value : {"x", "5", "5 ", "5 6x"}) {
    put("usage/1", value);
    EXPECT_EQ(recover().error().code, ErrorCode::kStoreCorrupt) << value;
  }
  put("usage/1", "5 6");
  EXPECT_TRUE(recover().has_value());
  put("last_tenant", "many");
  EXPECT_EQ(recover().error().code, ErrorCode::kStoreCorrupt);
}

TEST_F(RecoveryTest, NamesTheUsageRowOfATenant) {
  EXPECT_EQ(usage_setting(TenantId{7}), "usage/7");
}

}  // namespace
}  // namespace ferry::engine
