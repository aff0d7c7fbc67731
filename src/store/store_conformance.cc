#include "store/store_conformance.h"

#include "store/test_rows.h"

// The fixture, and the server-wide facts: positions, catalogue, tenants, settings, totals.

namespace ferry::store {

using namespace test;

void StoreConformance::SetUp() {
  store_ = GetParam().open_fresh();
  ASSERT_NE(store_, nullptr);
}

Position StoreConformance::commit(WriteSet set) {
  const WriteSet sets[] = {std::move(set)};
  return get(store().commit(sets));
}

void StoreConformance::in_every_life(const std::function<void()>& check) {
  check();
  if (GetParam().reopen) {
    SCOPED_TRACE("after a restart");
    reopen();
    check();
  }
  if (GetParam().crash) {
    SCOPED_TRACE("after a crash");
    crash();
    check();
  }
}

void StoreConformance::reopen() {
  if (GetParam().reopen) store_ = GetParam().reopen(std::move(store_));
  ASSERT_NE(store_, nullptr);
}

void StoreConformance::crash() {
  if (GetParam().crash) store_ = GetParam().crash(std::move(store_));
  ASSERT_NE(store_, nullptr);
}

namespace {

WriteSet setting(std::string key, std::string value) {
  WriteSet set;
  set.add(PutSetting{std::move(key), std::move(value)});
  return set;
}

WriteSet put_tenant(TenantPtr tenant) {
  WriteSet set;
  set.add(PutTenant{std::move(tenant)});
  return set;
}

MessagePtr message_of(std::int64_t id) { return make_message({.id = MessageId{id}}); }

}  // namespace

TEST_P(StoreConformance, AFreshStoreHoldsNothing) {
  in_every_life([&] {
    const Catalog catalog = get(store().catalog(at(0)));
    EXPECT_TRUE(catalog.tenants.empty());
    EXPECT_TRUE(catalog.settings.empty());
    EXPECT_TRUE(catalog.lanes.empty());
    EXPECT_TRUE(catalog.dedup_keys.empty());
    EXPECT_TRUE(catalog.resources.empty());
    EXPECT_TRUE(catalog.sequences.empty());
    EXPECT_FALSE(catalog.next_due);
    EXPECT_EQ(catalog.last_id, 0);
    EXPECT_EQ(store().position(), 0u);
    EXPECT_TRUE(store().has_room());
    EXPECT_TRUE(store().barrier());
    EXPECT_EQ(describe(get(store().totals())), describe(Totals{}));
    EXPECT_TRUE(get(store().events({.filter = {.tenant = kTenant}})).events.empty());
    EXPECT_TRUE(get(store().dead_letters({.filter = {.tenant = kTenant}})).letters.empty());
    EXPECT_TRUE(get(store().messages({.filter = {.tenant = kTenant}})).rows.empty());
  });
}

TEST_P(StoreConformance, APositionIsGivenToEveryWriteSet) {
  EXPECT_EQ(commit(setting("a", "1")), 1u);
  const std::vector<WriteSet> three = {setting("a", "2"), WriteSet{}, setting("b", "3")};
  EXPECT_EQ(get(store().commit(three)), 4u);
  in_every_life([&] {
    EXPECT_EQ(store().position(), 4u);
    EXPECT_EQ(get(store().totals()).position, 4u);
  });
  EXPECT_EQ(commit(setting("a", "5")), 5u);
}

TEST_P(StoreConformance, ACommitOfNothingStaysWhereItIs) {
  commit(setting("a", "1"));
  EXPECT_EQ(get(store().commit({})), 1u);
  EXPECT_EQ(store().position(), 1u);
}

TEST_P(StoreConformance, SecretsStayTheSameForTheLifeOfTheData) {
  const Catalog first = get(store().catalog(at(0)));
  EXPECT_FALSE(first.id_secret.empty());
  EXPECT_FALSE(first.store_id.empty());
  in_every_life([&] {
    const Catalog catalog = get(store().catalog(at(0)));
    EXPECT_EQ(catalog.id_secret, first.id_secret);
    EXPECT_EQ(catalog.store_id, first.store_id);
  });
}

TEST_P(StoreConformance, TwoStoresShareNoSecret) {
  const Catalog first = get(store().catalog(at(0)));
  const std::unique_ptr<Store> other = GetParam().open_fresh();
  ASSERT_NE(other, nullptr);
  const Catalog second = get(other->catalog(at(0)));
  EXPECT_NE(first.id_secret, second.id_secret);
  EXPECT_NE(first.store_id, second.store_id);
}

TEST_P(StoreConformance, SettingsArePutReplacedAndDeletedByAnEmptyValue) {
  commit(setting("kept", "1"));
  commit(setting("replaced", "old"));
  commit(setting("replaced", "it's \"new\"\nand longer"));
  commit(setting("deleted", "x"));
  commit(setting("deleted", ""));
  commit(setting("never there", ""));
  const std::map<std::string, std::string> expected = {{"kept", "1"},
                                                       {"replaced", "it's \"new\"\nand longer"}};
  in_every_life([&] { EXPECT_EQ(get(store().catalog(at(0))).settings, expected); });
}

TEST_P(StoreConformance, TenantsAreKeptWithTokensAndReplacedAsAWhole) {
  commit(put_tenant(make_tenant(kTenant, "first")));
  commit(put_tenant(make_tenant(kOtherTenant, "second")));
  Tenant changed = *make_tenant(kTenant, "renamed");
  changed.paused = true;
  changed.tokens.pop_back();
  changed.quotas = {};
  commit(put_tenant(std::make_shared<const Tenant>(changed)));
  in_every_life([&] {
    const std::vector<TenantPtr> tenants = get(store().catalog(at(0))).tenants;
    ASSERT_EQ(tenants.size(), 2u);
    EXPECT_EQ(describe(*tenants[0]), describe(changed));
    EXPECT_EQ(describe(*tenants[1]), describe(*make_tenant(kOtherTenant, "second")));
  });
}

TEST_P(StoreConformance, ADroppedTenantIsGoneWithItsTokens) {
  commit(put_tenant(make_tenant(kTenant, "first")));
  WriteSet set;
  set.add(DropTenant{kTenant});
  set.add(DropTenant{kOtherTenant});  // was never there
  commit(std::move(set));
  in_every_life([&] { EXPECT_TRUE(get(store().catalog(at(0))).tenants.empty()); });
  // Another tenant may have the very same tokens and name now.
  commit(put_tenant(make_tenant(kOtherTenant, "first")));
  in_every_life([&] { EXPECT_EQ(get(store().catalog(at(0))).tenants.size(), 1u); });
}

TEST_P(StoreConformance, LastIdIsTheLargestEverPutEvenWhenItsRowIsGone) {
  const auto last_id_is = [&](std::int64_t id) {
    in_every_life([&] { EXPECT_EQ(get(store().catalog(at(0))).last_id, id); });
  };
  const MessagePtr message = message_of(100);
  const Delivery first = make_delivery({.id = DeliveryId{100}});
  const Delivery second = make_delivery({.id = DeliveryId{103}, .message_id = message->id});
  WriteSet set = publish(message, first, at(0));
  set.add(PutDelivery{second});
  commit(std::move(set));
  last_id_is(103);

  WriteSet dead;
  dead.add(PutDeadLetter{make_dead_letter(DeadLetterId{105}, first, message)});
  dead.add(DropDelivery{first.id});
  commit(std::move(dead));
  commit(finish(second, {make_event(at(1), EventState::kDelivered)}));
  WriteSet gone;
  gone.add(DropDeadLetter{DeadLetterId{105}});
  commit(std::move(gone));
  last_id_is(105);

  commit(publish(message_of(104), make_delivery({.id = DeliveryId{104}}), at(2)));
  last_id_is(105);
  WriteSet content;
  content.add(PutMessage{message_of(110)});
  content.add(DropMessage{MessageId{110}});
  commit(std::move(content));
  last_id_is(110);
}

TEST_P(StoreConformance, TenantIdsDoNotCountForTheLastId) {
  commit(put_tenant(make_tenant(TenantId{std::int64_t{1} << 60}, "large")));
  EXPECT_EQ(get(store().catalog(at(0))).last_id, 0);
}

TEST_P(StoreConformance, TheCatalogueNamesLanesInUseAndTheNextDueTime) {
  const LaneId high = ~LaneId{0};
  const auto put = [&](std::int64_t id, LaneId lane, TimePoint due_at) {
    commit(publish(message_of(id),
                   make_delivery({.id = DeliveryId{id}, .due_at = due_at, .lane = lane}), at(0)));
  };
  put(1, 5, at(1));
  put(2, 5, at(2));
  put(3, high, at(3));
  const auto expect = [&](std::vector<LaneId> lanes, std::optional<TimePoint> next_due) {
    in_every_life([&] {
      Catalog expected, catalog = get(store().catalog(at(0)));
      expected.lanes = lanes;
      expected.next_due = next_due;
      expected.last_id = catalog.last_id;
      EXPECT_EQ(describe(catalog), describe(expected));
    });
  };
  expect({5, high}, std::nullopt);
  put(4, kTimeLane, at(50));
  put(5, kTimeLane, at(40));
  expect({5, high}, at(40));

  WriteSet set;
  set.add(DropDelivery{DeliveryId{1}});
  set.add(PutDelivery{make_delivery({.id = DeliveryId{2}, .due_at = at(30)})});  // leaves its lane
  set.add(DropDelivery{DeliveryId{5}});
  commit(std::move(set));
  expect({high}, at(30));
}

TEST_P(StoreConformance, TotalsCountPendingDeliveriesAndDeadLetters) {
  const MessagePtr message = message_of(1);
  const Delivery first = make_delivery({.id = DeliveryId{1}});
  const Delivery second = make_delivery({.id = DeliveryId{2}, .message_id = message->id});
  WriteSet set = publish(message, first, at(0));
  set.add(PutDelivery{second});
  set.add(PutDelivery{second});  // replaced, not counted twice
  commit(std::move(set));
  const auto expect = [&](std::int64_t deliveries, std::int64_t dead_letters) {
    in_every_life([&] {
      const Totals totals = get(store().totals());
      EXPECT_EQ(totals.deliveries, deliveries);
      EXPECT_EQ(totals.dead_letters, dead_letters);
    });
  };
  expect(2, 0);
  WriteSet dead;
  dead.add(DropDelivery{first.id});
  dead.add(DropDelivery{first.id});
  dead.add(PutDeadLetter{make_dead_letter(DeadLetterId{9}, first, message)});
  dead.add(PutDeadLetter{make_dead_letter(DeadLetterId{9}, first, message)});
  commit(std::move(dead));
  expect(1, 1);
  WriteSet gone;
  gone.add(DropDeadLetter{DeadLetterId{9}});
  gone.add(DropDeadLetter{DeadLetterId{9}});
  commit(std::move(gone));
  expect(1, 0);
}

}  // namespace ferry::store
