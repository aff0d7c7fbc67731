#include "engine/engine_fixture.h"

namespace ferry::engine {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class CatalogTest : public EngineTest {
 protected:
  SetPaused pause(TenantId of, bool paused) {
    return {.reply = next_caller(), .tenant = of, .paused = paused};
  }
  TenantPtr create(std::string name) {
    apply(save({.name = std::move(name)}));
    return take_answer<TenantSaved>().tenant;
  }
  DeleteTenant remove(TenantId id) { return {.reply = next_caller(), .tenant = id}; }
};

TEST_F(CatalogTest, CreatesATenantAndTellsEverybodyFirst) {
  step();
  settle();
  order.clear();
  const TenantPtr second = create("second");
  EXPECT_EQ(order, (std::vector<std::string>{"catalog", "reply"}));
  EXPECT_EQ(second->id, TenantId{2});
  EXPECT_EQ(second->created_at, now);
  EXPECT_EQ(catalogs.back().catalog->find("second"), second);
  restart();
  EXPECT_TRUE(engine->catalog()->find("second"));
}

TEST_F(CatalogTest, RefusesANameInUse) {
  apply(save({.name = "first"}));
  EXPECT_EQ(take_answer<Error>().code, ErrorCode::kInvalidRequest);
  const TenantPtr second = create("second");
  Tenant renamed = *second;
  renamed.name = "first";
  apply(save(renamed));
  EXPECT_EQ(take_answer<Error>().code, ErrorCode::kInvalidRequest);
  renamed.name = "third";
  apply(save(renamed));
  EXPECT_EQ(take_answer<TenantSaved>().tenant->id, second->id);
  EXPECT_FALSE(engine->catalog()->find("second"));
}

TEST_F(CatalogTest, ReplacesOnlyATenantThatIsThere) {
  apply(save({.id = TenantId{50}, .name = "ghost"}));
  EXPECT_EQ(take_answer<Error>().code, ErrorCode::kNotFound);
}

TEST_F(CatalogTest, NeverGivesTheIdOfADeletedTenantAgain) {
  const TenantId second = create("second")->id;
  apply(remove(second));
  take_answer<Done>();
  EXPECT_GT(create("third")->id, second);
  apply(remove(engine->catalog()->find("third")->id));
  restart();
  EXPECT_EQ(create("fourth")->id, TenantId{4});
}

TEST_F(CatalogTest, ForgetsTheUsageOfADeletedTenant) {
  step();
  Tenant limited = *tenant();
  limited.quotas.messages_per_day = 5;
  apply(save(std::move(limited)));
  accept(Item{});
  EXPECT_NE(store.dump().find("usage"), std::string::npos);
  apply(remove(tenant_id));
  EXPECT_EQ(store.dump().find("usage"), std::string::npos);
}

TEST_F(CatalogTest, RotatesKeys) {
  apply(RotateKeys{.reply = next_caller(), .tenant = tenant_id, .new_key = "sig_c"});
  const TenantPtr changed = take_answer<TenantSaved>().tenant;
  EXPECT_EQ(changed->signing_key_current, "sig_b");
  EXPECT_EQ(changed->signing_key_next, "sig_c");
  restart();
  EXPECT_EQ(tenant()->signing_key_next, "sig_c");
  apply(RotateKeys{.reply = next_caller(), .tenant = TenantId{9}, .new_key = "x"});
  EXPECT_EQ(take_answer<Error>().code, ErrorCode::kNotFound);
}

// ---- pausing

TEST_F(CatalogTest, StartsNothingWhileTheServerIsPaused) {
  pass(Duration(1));
  apply(pause({}, true));
  take_answer<Done>();
  const DeliveryId id = accept(Item{});
  pass(seconds(10));
  restart();
  pass(seconds(10));
  EXPECT_TRUE(starts.empty());
  apply(pause({}, false));
  EXPECT_EQ(take_start().delivery.id, id);
}

TEST_F(CatalogTest, StartsNothingOfAPausedTenant) {
  pass(Duration(1));
  free_slots = 0;
  const DeliveryId before = accept(Item{});
  apply(pause(tenant_id, true));
  EXPECT_TRUE(take_answer<TenantSaved>().tenant->paused);
  free_slots = 10;
  const DeliveryId after = accept(Item{});
  const TenantPtr second = create("second");
  Publish other = publish(Item{});
  other.tenant = second->id;
  apply(std::move(other));
  EXPECT_EQ(take_start().delivery.tenant, second->id);
  pass(seconds(10));
  restart();
  pass(seconds(10));
  for (const StartAttempt& start : take_starts()) EXPECT_EQ(start.delivery.tenant, second->id);
  apply(pause(tenant_id, false));
  settle();
  const auto resumed = take_starts();
  ASSERT_EQ(resumed.size(), 2u);
  EXPECT_EQ(resumed[0].delivery.id, before);
  EXPECT_EQ(resumed[1].delivery.id, after);
}

TEST_F(CatalogTest, HoldsNothingOfAPausedTenantInMemory) {
  pass(Duration(1));
  apply(pause(tenant_id, true));
  const DeliveryId id = accept(Item{});
  step();
  EXPECT_EQ(metrics.window_deliveries.value(), 0);
  EXPECT_NE(row(id)->lane, kTimeLane);
}

TEST_F(CatalogTest, KeepsARetryOfAPausedTenantWaiting) {
  pass(Duration(1));
  accept(Item{});
  const StartAttempt attempt = take_start();
  apply(pause(tenant_id, true));
  apply(failed(attempt));
  pass(seconds(60));
  EXPECT_TRUE(starts.empty());
  apply(pause(tenant_id, false));
  settle();
  EXPECT_EQ(take_start().delivery.retried, 1);
}

TEST_F(CatalogTest, PausesNoUnknownTenant) {
  apply(pause(TenantId{9}, true));
  EXPECT_EQ(take_answer<Error>().code, ErrorCode::kNotFound);
}

TEST_F(CatalogTest, CancelsADeliveryOfAPausedTenant) {
  pass(Duration(1));
  apply(pause(tenant_id, true));
  const DeliveryId id = accept(Item{});
  settle();
  apply(cancel({id}));
  settle();
  EXPECT_EQ(take_answer<Cancelled>().count, 1);
  EXPECT_EQ(pending(), 0);
}

// ---- deleting

TEST_F(CatalogTest, EndsWhatADeletedTenantLeavesWhenItIsDue) {
  pass(Duration(1));
  accept(Item{.url = "https://flying.test/"});
  const StartAttempt flying = take_start();
  free_slots = 0;
  const DeliveryId ready = accept(Item{});
  const DeliveryId later = accept({.options = {.delay = seconds(30)}});
  apply(remove(tenant_id));
  take_answer<Done>();
  free_slots = 10;
  EXPECT_FALSE(row(ready));
  apply(failed(flying));
  pass(seconds(31));
  EXPECT_TRUE(starts.empty());
  EXPECT_FALSE(row(later));
  EXPECT_EQ(pending(), 0);
  EXPECT_EQ(log_of(later), "CREATED CANCEL_REQUESTED CANCELED");
}

TEST_F(CatalogTest, EndsWhatADeletedTenantLeftInThePausedLane) {
  pass(Duration(1));
  apply(pause(tenant_id, true));
  accept(Item{});
  settle();
  apply(remove(tenant_id));
  settle();
  EXPECT_EQ(pending(), 0);
}

TEST_F(CatalogTest, RefusesAPublishOfATenantThatIsDeletedMeanwhile) {
  accept({.dedup = "k"});
  settle();
  apply(publish(Item{.dedup = "k"}));
  apply(remove(tenant_id));
  replies.clear();
  settle();
  EXPECT_EQ(take_answer<Error>().code, ErrorCode::kUnauthenticated);
}

TEST_F(CatalogTest, DeletesNoUnknownTenant) {
  apply(remove(TenantId{9}));
  EXPECT_EQ(take_answer<Error>().code, ErrorCode::kNotFound);
}

TEST_F(CatalogTest, AChangeOfWhatIsNoLongerSoIsRefused) {
  step();
  const TenantPtr before = tenant();
  apply(RotateKeys{next_caller(), tenant_id, "sig_fresh"});
  Tenant changed = *before;
  changed.suspended = true;
  SaveTenant late = save(changed);
  late.base = before;
  apply(late);
  EXPECT_EQ(take_answer<Error>().code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(tenant()->signing_key_next, "sig_fresh");
  EXPECT_FALSE(tenant()->suspended);
}

TEST_F(CatalogTest, SuspendingATenantCutsItsAttemptsAndStartsNoneUntilItIsResumed) {
  settle();
  const DeliveryId id = accept({});
  const StartAttempt cut_short = take_start();
  pass(seconds(2));
  Tenant changed = *tenant();
  changed.suspended = true;
  apply(save(changed));
  ASSERT_EQ(cuts.size(), 1u);
  EXPECT_EQ(cuts[0].start, cut_short.start);
  EXPECT_EQ(engine->in_flight(), 0u);
  apply(succeeded(cut_short));  // too late
  pass(seconds(10));
  EXPECT_TRUE(starts.empty());
  EXPECT_EQ(log_of(id), "CREATED ACTIVE");
  restart();
  pass(seconds(1));
  EXPECT_TRUE(starts.empty());
  changed.suspended = false;
  apply(save(changed));
  pass(seconds(1));
  const StartAttempt again = take_start();
  EXPECT_EQ(again.delivery.retried, 0);
  apply(succeeded(again));
  EXPECT_EQ(pending(), 0);
}

TEST_F(CatalogTest, PausingATenantLetsItsAttemptsGoOn) {
  settle();
  accept({});
  const StartAttempt running = take_start();
  apply(pause(tenant_id, true));
  EXPECT_TRUE(cuts.empty());
  apply(succeeded(running));
  EXPECT_EQ(pending(), 0);
}

TEST_F(CatalogTest, DeletingATenantCutsItsAttemptsAndEndsTheirDeliveries) {
  settle();
  const TenantId second = create("second")->id;
  Publish command = publish({});
  command.tenant = second;
  apply(std::move(command));
  const StartAttempt running = take_start();
  apply(remove(second));
  ASSERT_EQ(cuts.size(), 1u);
  EXPECT_EQ(cuts[0].start, running.start);
  EXPECT_EQ(engine->in_flight(), 0u);
  EXPECT_EQ(pending(), 0);
}

}  // namespace
}  // namespace ferry::engine
