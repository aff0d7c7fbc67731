// One party never holds what all need: hung hosts, many tenants, and who starts next (ADR 18).

#include <algorithm>
#include <map>
#include <set>

#include "engine/engine_fixture.h"
#include "engine/flow_ledger.h"

namespace ferry::engine {
namespace {

class FairnessTest : public EngineTest {
 protected:
  FairnessTest() { free_slots = UINT32_MAX; }

  void begin(std::uint32_t slots = 1'000) {
    options.in_flight_max = slots;
    settle();
  }
  TenantId new_tenant(const std::string& name) {
    Tenant made;
    made.name = name;
    apply(save(made));
    return take_answer<TenantSaved>().tenant->id;
  }
  // Stores messages of the tenant to the URL.
  std::vector<DeliveryId> send(TenantId tenant, const std::string& url, int count) {
    std::vector<Item> items(static_cast<std::size_t>(count), Item{.url = url});
    Publish command = publish_all(std::move(items));
    command.tenant = tenant;
    apply(std::move(command));
    std::vector<DeliveryId> ids;
    for (const auto& item : take_answer<Published>().items) {
      for (const PublishedDelivery& made : item.deliveries) ids.push_back(made.id);
    }
    return ids;
  }
  // The host answers quickly until it may have all slots.
  void prove(TenantId tenant, const std::string& url, int rounds = 8) {
    for (int round = 0; round < rounds; ++round) {
      send(tenant, url, 1'000);
      while (!starts.empty()) answer(take_starts());
    }
  }
  void answer(const std::vector<StartAttempt>& attempts) {
    std::vector<Command> commands;
    for (const StartAttempt& attempt : attempts) commands.emplace_back(succeeded(attempt));
    step(std::move(commands));
  }
  static std::string host(int number) { return "https://h" + std::to_string(number) + ".test/"; }
  std::size_t started_of(TenantId tenant) {
    return static_cast<std::size_t>(std::ranges::count_if(
        starts, [&](const StartAttempt& start) { return start.delivery.tenant == tenant; }));
  }
};

TEST_F(FairnessTest, FourHungHostsDelayNoOtherTenant) {
  begin();
  const TenantId other = new_tenant("other");
  for (int i = 0; i < 4; ++i) send(tenant_id, host(i), 300);
  EXPECT_EQ(take_starts().size(), 64u);
  const TimePoint end = now + std::chrono::minutes(2);
  while (now < end) {
    pass(std::chrono::seconds(10));
    EXPECT_TRUE(take_starts().empty());
    const auto ids = send(other, "https://good.test/", 1);
    const StartAttempt start = take_start();
    EXPECT_EQ(start.delivery.id, ids.at(0));
    apply(succeeded(start));
  }
}

TEST_F(FairnessTest, TheSlowAttemptsOfOneTenantGetAQuarter) {
  begin();
  const TenantId other = new_tenant("other");
  for (int i = 0; i < 63; ++i) send(tenant_id, host(i), 20);
  EXPECT_EQ(started_of(tenant_id), 250u);
  take_starts();
  send(other, "https://new.test/", 20);
  EXPECT_EQ(take_starts().size(), 16u);
}

TEST_F(FairnessTest, TheSlowAttemptsOfManyTenantsGetHalfAndLeaveRoomForOneMore) {
  begin();
  for (int i = 0; i < 63; ++i) {
    const TenantId tenant = new_tenant("t" + std::to_string(i));
    send(tenant, host(i), 20);
    EXPECT_GT(started_of(tenant), 0u) << i;
  }
  EXPECT_LE(engine->in_flight(), 500u);
  take_starts();
  const TenantId late = new_tenant("late");
  send(late, "https://new.test/", 1);
  EXPECT_EQ(take_starts().size(), 1u);
}

TEST_F(FairnessTest, OneTenantAndOneHostGetAllSlotsOfAnIdleServer) {
  begin();
  prove(tenant_id, "https://good.test/");
  send(tenant_id, "https://good.test/", 2'000);
  EXPECT_EQ(take_starts().size(), 1'000u);
}

TEST_F(FairnessTest, AProvedHostThatHangsDelaysNoOtherTenant) {
  begin();
  const TenantId other = new_tenant("other");
  prove(tenant_id, "https://good.test/");
  send(tenant_id, "https://good.test/", 2'000);
  EXPECT_EQ(take_starts().size(), 1'000u);
  send(other, "https://new.test/", 1);
  EXPECT_EQ(take_starts().size(), 1u);
  pass(std::chrono::seconds(10));
  send(other, "https://newer.test/", 1);
  EXPECT_EQ(take_starts().size(), 1u);
}

TEST_F(FairnessTest, AProvedHostOfAnotherTenantGoesOnWhileAHostHangs) {
  begin();
  const TenantId other = new_tenant("other");
  prove(other, "https://fine.test/", 2);
  prove(tenant_id, "https://good.test/");
  send(tenant_id, "https://good.test/", 2'000);
  EXPECT_EQ(take_starts().size(), 1'000u);
  send(other, "https://fine.test/", 1);
  EXPECT_EQ(started_of(other), 1u);
  pass(std::chrono::seconds(2));
  send(other, "https://fine.test/", 1);
  EXPECT_EQ(started_of(other), 2u);
}

TEST_F(FairnessTest, AHostThatAnswersWaitsForNoShareOfItsTenant) {
  begin(80);
  send(tenant_id, "https://good.test/", 1);
  answer(take_starts());
  for (int i = 0; i < 10; ++i) send(tenant_id, host(i), 20);
  EXPECT_EQ(take_starts().size(), 20u);
  send(tenant_id, "https://good.test/", 10);
  EXPECT_EQ(take_starts().size(), 10u);
}

TEST_F(FairnessTest, TheFirstAnswerOfAHostLetsAllGoOnThatWaitForAShare) {
  begin(80);
  send(tenant_id, "https://good.test/", 5);
  const auto first = take_starts();
  EXPECT_EQ(first.size(), 5u);
  for (int i = 0; i < 10; ++i) send(tenant_id, host(i), 20);
  EXPECT_EQ(take_starts().size(), 15u);
  send(tenant_id, "https://good.test/", 5);
  EXPECT_TRUE(starts.empty());
  apply(succeeded(first[0]));
  // The rest to the good host, and one to a hung one in place of the attempt that ended.
  EXPECT_EQ(take_starts().size(), 6u);
}

TEST_F(FairnessTest, NamesOfOneAddressShareItsEighth) {
  begin();
  std::vector<Command> told;
  for (int i = 0; i < 6; ++i) send(tenant_id, host(i), 100);
  const auto running = take_starts();
  EXPECT_EQ(running.size(), 96u);
  for (const StartAttempt& start : running) {
    told.emplace_back(AttemptAddress{.delivery = start.delivery.id,
                                     .attempt = start.delivery.retried,
                                     .start = start.start,
                                     .address = "192.0.2.7"});
  }
  step(std::move(told));
  for (int i = 6; i < 8; ++i) {
    send(tenant_id, host(i), 100);
    std::vector<Command> more;
    for (const StartAttempt& start : take_starts()) {
      more.emplace_back(AttemptAddress{.delivery = start.delivery.id,
                                       .attempt = start.delivery.retried,
                                       .start = start.start,
                                       .address = "192.0.2.7"});
    }
    EXPECT_EQ(more.size(), 16u);
    step(std::move(more));
  }
  EXPECT_EQ(engine->in_flight(),
            128u);  // three more than the eighth: they began before that was known
  std::vector<Command> ends;
  const auto timed_out = [&](const StartAttempt& attempt) {
    return ended(attempt, {.kind = OutcomeKind::kFailed, .error = "timed out"});
  };
  for (std::size_t i = 0; i < 3; ++i) ends.emplace_back(timed_out(running[i]));
  step(std::move(ends));
  EXPECT_TRUE(take_starts().empty());
  apply(timed_out(running[3]));
  EXPECT_EQ(take_starts().size(), 1u);
}

TEST_F(FairnessTest, TenantsTakeTurnsAtAHost) {
  options.host_in_flight_max = 2;
  begin();
  const TenantId other = new_tenant("other");
  send(tenant_id, "https://good.test/", 300);
  auto running = take_starts();
  ASSERT_EQ(running.size(), 2u);
  send(other, "https://good.test/", 1);
  EXPECT_TRUE(starts.empty());
  answer(running);
  EXPECT_EQ(starts.size(), 2u);
  EXPECT_EQ(started_of(other), 1u);
}

TEST_F(FairnessTest, FiftyTenantsGetTheSame) {
  begin(100);
  std::vector<TenantId> tenants;
  for (int i = 0; i < 50; ++i) tenants.push_back(new_tenant("t" + std::to_string(i)));
  for (std::size_t i = 0; i < tenants.size(); ++i) {
    send(tenants[i], host(static_cast<int>(i)), 1);
  }
  while (!starts.empty()) answer(take_starts());
  free_slots = 0;
  for (std::size_t i = 0; i < tenants.size(); ++i) {
    const int backlog = i == 0 ? 500 : 4;  // the first has many hosts, too
    for (int n = 0; n < backlog; ++n) {
      send(tenants[i], host(static_cast<int>(i)) + std::to_string(n), 1);
    }
  }
  free_slots = UINT32_MAX;
  step();
  for (const TenantId tenant : tenants) {
    EXPECT_GE(started_of(tenant), 2u);
    EXPECT_LE(started_of(tenant), 3u);
  }
}

TEST_F(FairnessTest, RowsThatAnOlderVersionParkedByHostAloneAreDelivered) {
  options.host_in_flight_max = 1;
  begin();
  send(tenant_id, "https://a.test/", 1);
  free_slots = 0;
  const auto ids = send(tenant_id, "https://a.test/", 3);
  store::WriteSet parked;
  for (const DeliveryId id : ids) {
    Delivery row = *this->row(id);
    row.lane = FlowLedger::host_id("a.test");
    parked.add(store::PutDelivery{row});
  }
  ASSERT_TRUE(store.commit({&parked, 1}).has_value());
  free_slots = UINT32_MAX;
  restart();
  step();
  settle();
  std::set<DeliveryId> delivered;
  while (!starts.empty()) {
    for (const StartAttempt& start : starts) delivered.insert(start.delivery.id);
    answer(take_starts());
    settle();
  }
  EXPECT_EQ(delivered.size(), 4u);
  EXPECT_EQ(pending(), 0);
}

}  // namespace
}  // namespace ferry::engine
