#include "store/embedded_store.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <list>

#include "store/data_folder.h"
#include "store/sqlite_database.h"
#include "store/store_conformance.h"
#include "store/test_folder.h"
#include "store/test_rows.h"

namespace ferry::store {

using namespace test;

namespace {

EmbeddedOptions small_options(const std::filesystem::path& folder) {
  EmbeddedOptions options;
  options.folder = folder;
  options.segment_bytes = 1u << 20;
  options.journal_bytes_max = 16u << 20;
  options.disk_free_bytes_min = 0;
  options.apply_interval = Duration(1);
  return options;
}

Metrics& shared_metrics() {
  static Metrics metrics;
  return metrics;
}

std::unique_ptr<EmbeddedStore> open(EmbeddedOptions options) {
  auto store = EmbeddedStore::open(std::move(options), shared_metrics());
  if (!store) {
    ADD_FAILURE() << store.error().text;
    return nullptr;
  }
  return std::move(*store);
}

// A store in a folder of its own. With threads of its own it restarts cleanly only. Stepped, it
// stands still while the folder is copied, and the copy is what a crash leaves behind: of what was
// committed the tables have some runs, the journal all.
class FolderHarness {
 public:
  FolderHarness(bool run_applier, std::size_t run_rows_max)
      : run_applier_(run_applier), run_rows_max_(run_rows_max) {}

  std::unique_ptr<Store> open_fresh() {
    folders_.emplace_back();
    return open_store();
  }
  std::unique_ptr<Store> reopen(std::unique_ptr<Store> store) {
    store.reset();
    return open_store();
  }
  std::unique_ptr<Store> crash(std::unique_ptr<Store> store) {
    auto& embedded = dynamic_cast<EmbeddedStore&>(*store);
    EXPECT_TRUE(embedded.apply_some(++crashes_ % 4));
    if (crashes_ % 3 == 0) EXPECT_TRUE(embedded.checkpoint());
    const std::filesystem::path before = folders_.back().path();
    folders_.emplace_back();
    std::filesystem::copy(before, folders_.back().path(), std::filesystem::copy_options::recursive);
    store.reset();
    return open_store();
  }

 private:
  std::unique_ptr<Store> open_store() {
    EmbeddedOptions options = small_options(folders_.back().path());
    options.run_applier = run_applier_;
    options.run_rows_max = run_rows_max_;
    return open(std::move(options));
  }

  const bool run_applier_;
  const std::size_t run_rows_max_;
  std::size_t crashes_ = 0;
  std::list<TestFolder> folders_;  // of all stores: one may still be open when the next is made
};

Harness embedded_harness(std::string name, bool run_applier, std::size_t run_rows_max) {
  auto folder = std::make_shared<FolderHarness>(run_applier, run_rows_max);
  using StorePtr = std::unique_ptr<Store>;
  Harness harness{.name = std::move(name),
                  .open_fresh = [folder] { return folder->open_fresh(); },
                  .reopen = [folder](StorePtr store) { return folder->reopen(std::move(store)); },
                  .crash = nullptr};
  if (!run_applier) {
    harness.crash = [folder](StorePtr store) { return folder->crash(std::move(store)); };
  }
  return harness;
}

}  // namespace

// Runs of one row net nothing out, large ones all they can.
INSTANTIATE_TEST_SUITE_P(Embedded, StoreConformance,
                         testing::Values(embedded_harness("embedded", true, 16'384),
                                         embedded_harness("embedded_stepped", false, 64),
                                         embedded_harness("embedded_small_runs", false, 1)),
                         harness_name);

namespace {

EmbeddedOptions stepped_options(const std::filesystem::path& folder) {
  EmbeddedOptions options = small_options(folder);
  options.run_applier = false;
  return options;
}

std::int64_t id_of(int n) { return id_at(at(n)); }

WriteSet publish_one(int n, std::string body = "hello") {
  const auto message = make_message({.id = MessageId{id_of(n)}, .body = std::move(body)});
  return publish(message, make_delivery({.id = DeliveryId{id_of(n)}}), at(n));
}

WriteSet finish_one(int n) {
  return finish(make_delivery({.id = DeliveryId{id_of(n)}}),
                {make_event(at(n), EventState::kDelivered)});
}

Result<Position> commit(EmbeddedStore& store, WriteSet set) {
  const WriteSet sets[] = {std::move(set)};
  return store.commit(sets);
}

// Of the message with that event, as history shows it.
std::optional<std::string> body_in_history(EmbeddedStore& store, int n) {
  const auto page =
      store.events({.filter = {.tenant = kTenant, .deliveries = {DeliveryId{id_of(n)}}}});
  if (!page || page->events.empty() || page->events[0].message == nullptr) return std::nullopt;
  return std::string(page->events[0].message->body.view());
}

}  // namespace

TEST(EmbeddedStore, IsOpenOnce) {
  const TestFolder folder;
  const auto store = open(small_options(folder.path()));
  const auto second = EmbeddedStore::open(small_options(folder.path()), shared_metrics());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kStoreLocked);
  EXPECT_NE(second.error().text.find(std::to_string(::getpid())), std::string::npos);
}

TEST(EmbeddedStore, KeepsItsSecretsAndPositionThroughARestart) {
  const TestFolder folder;
  Catalog first;
  {
    const auto store = open(small_options(folder.path()));
    ASSERT_TRUE(commit(*store, publish_one(1)));
    first = *store->catalog(at(0));
    EXPECT_EQ(first.id_secret.size(), 32u);
    EXPECT_EQ(first.store_id.size(), 32u);
  }
  const auto store = open(small_options(folder.path()));
  EXPECT_EQ(store->position(), 1u);
  EXPECT_EQ(store->catalog(at(0))->id_secret, first.id_secret);
  EXPECT_EQ(store->catalog(at(0))->store_id, first.store_id);
  EXPECT_EQ(store->catalog(at(0))->last_id, id_of(1));
}

TEST(EmbeddedStore, AppliesWhatItIsToldTo) {
  const TestFolder folder;
  EmbeddedOptions options = stepped_options(folder.path());
  options.run_rows_max = 3;  // a publish
  const auto store = open(options);
  for (int n = 0; n < 3; ++n) ASSERT_TRUE(commit(*store, publish_one(n)));
  EXPECT_TRUE(*store->apply_some(1));
  EXPECT_TRUE(*store->apply_some(6));
  EXPECT_FALSE(*store->apply_some(1));
}

TEST(EmbeddedStore, WritesOverJournalThatTheTablesHave) {
  const TestFolder folder;
  EmbeddedOptions options = stepped_options(folder.path());
  options.journal_bytes_max = 4u << 20;
  const auto store = open(options);
  const std::string body(200'000, 'x');
  for (int n = 0; n < 60; ++n) {  // three times what the journal may hold
    ASSERT_TRUE(commit(*store, publish_one(n, body))) << n;
    ASSERT_TRUE(store->barrier());
    ASSERT_TRUE(store->checkpoint());
  }
  EXPECT_TRUE(store->has_room());
}

TEST(EmbeddedStore, RefusesNewWorkBeforeTheJournalIsFullAndCommitsUntilItIs) {
  const TestFolder folder;
  EmbeddedOptions options = stepped_options(folder.path());
  options.journal_bytes_max = 8u << 20;
  const auto store = open(options);
  EXPECT_TRUE(store->has_room());
  int n = 0;
  const std::string body(200'000, 'x');
  while (n < 100 && store->has_room()) ASSERT_TRUE(commit(*store, publish_one(n++, body)));
  ASSERT_LT(n, 100);
  EXPECT_TRUE(commit(*store, finish_one(0)));
  Result<Position> last = store->position();
  while (n < 200 && last) last = commit(*store, publish_one(n++, body));
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().code, ErrorCode::kDiskFull);
  ASSERT_TRUE(store->barrier());
  ASSERT_TRUE(store->checkpoint());
  EXPECT_TRUE(commit(*store, finish_one(1)));
  EXPECT_TRUE(store->has_room());
}

TEST(EmbeddedStore, RefusesNewWorkBelowTheDiskWatermark) {
  const TestFolder folder;
  EmbeddedOptions options = stepped_options(folder.path());
  options.disk_free_bytes_min = ~std::uint64_t{0};
  Metrics metrics;
  const auto store = EmbeddedStore::open(options, metrics);
  ASSERT_TRUE(store);
  EXPECT_FALSE((*store)->has_room());
  EXPECT_EQ(metrics.store_refusing.value(), 1);
  EXPECT_GT(metrics.disk_free_bytes.value(), 0);
  EXPECT_TRUE(commit(**store, publish_one(0)));
}

TEST(EmbeddedStore, CommitsWaitForAnApplierThatIsFarBehind) {
  for (const bool run_applier : {true, false}) {
    const TestFolder folder;
    EmbeddedOptions options = small_options(folder.path());
    options.run_applier = run_applier;
    options.apply_interval = std::chrono::hours(1);  // whoever waits does not wait for company
    options.tail_bytes_max = 100'000;
    Metrics metrics;
    const auto store = EmbeddedStore::open(options, metrics);
    ASSERT_TRUE(store);
    for (int n = 0; n < 20; ++n) {
      ASSERT_TRUE(commit(**store, publish_one(n, std::string(60'000, 'x'))));
    }
    EXPECT_EQ((*store)->totals()->deliveries, 20);
    EXPECT_EQ(metrics.commits_total.value(), 20u);
    EXPECT_GT(metrics.committed_bytes_total.value(), 20u * 60'000u);
  }
}

// A lock that SQLite gives up on after two seconds.
TEST(EmbeddedStore, AForeignLockDelaysTheApplierAndNeverACommit) {
  const TestFolder folder;
  const auto store = open(stepped_options(folder.path()));
  {
    auto operators = Database::open(DataFolder{folder.path()}.state(), Database::Access::kWriter);
    ASSERT_TRUE(operators);
    const auto lock = Transaction::begin(*operators);
    ASSERT_TRUE(lock);
    ASSERT_TRUE(commit(*store, publish_one(0)));
    EXPECT_FALSE(store->barrier());
    EXPECT_FALSE(store->has_room());
    ASSERT_TRUE(commit(*store, publish_one(1)));
    EXPECT_TRUE(*store->delivery(DeliveryId{id_of(1)}));
  }
  ASSERT_TRUE(store->barrier());
  EXPECT_TRUE(store->has_room());
  EXPECT_EQ(store->totals()->deliveries, 2);
  EXPECT_EQ(store->events({.filter = {.tenant = kTenant}})->events.size(), 2u);  // none twice
}

TEST(EmbeddedStore, HistoryKeepsTheBodiesThatItIsTo) {
  for (const HistoryBodies bodies :
       {HistoryBodies::kAll, HistoryBodies::kFailedOnly, HistoryBodies::kNone}) {
    const TestFolder folder;
    EmbeddedOptions options = stepped_options(folder.path());
    options.history_bodies = bodies;
    const auto store = open(options);
    const auto failed = make_message({.id = MessageId{id_of(1)}});
    const Delivery delivery = make_delivery({.id = DeliveryId{id_of(1)}});
    ASSERT_TRUE(commit(*store, publish_one(0)));
    ASSERT_TRUE(commit(*store, publish(failed, delivery, at(1))));
    ASSERT_TRUE(store->barrier());
    ASSERT_TRUE(commit(*store, finish_one(0)));
    WriteSet dead = finish(delivery, {make_event(at(2), EventState::kFailed)});
    dead.add(PutDeadLetter{make_dead_letter(DeadLetterId{id_of(2)}, delivery, failed)});
    ASSERT_TRUE(commit(*store, std::move(dead)));
    EXPECT_EQ(body_in_history(*store, 0), bodies == HistoryBodies::kAll ? "hello" : "");
    EXPECT_EQ(body_in_history(*store, 1), bodies == HistoryBodies::kNone ? "" : "hello");
  }
}

TEST(EmbeddedStore, LabelsFindTheEntriesOfLaterRunsToo) {
  const TestFolder folder;
  const auto store = open(stepped_options(folder.path()));
  const auto message = make_message({.id = MessageId{id_of(0)}, .labels = {"red", "blue", "red"}});
  ASSERT_TRUE(commit(*store, publish(message, make_delivery({.id = DeliveryId{id_of(0)}}), at(0))));
  ASSERT_TRUE(store->barrier());
  ASSERT_TRUE(commit(*store, finish_one(0)));
  for (const char* label : {"red", "blue"}) {
    const auto page = store->events({.filter = {.tenant = kTenant, .labels = {label}}});
    ASSERT_TRUE(page);
    EXPECT_EQ(page->events.size(), 2u) << label;
  }
}

TEST(EmbeddedStore, AFlowKeyFindsTheEntriesOfLaterRunsToo) {
  const TestFolder folder;
  const auto store = open(stepped_options(folder.path()));
  const auto message = make_message({.id = MessageId{id_of(0)}, .flow_key = "flow"});
  ASSERT_TRUE(commit(*store, publish(message, make_delivery({.id = DeliveryId{id_of(0)}}), at(0))));
  ASSERT_TRUE(store->barrier());
  ASSERT_TRUE(commit(*store, finish_one(0)));
  const auto page = store->events({.filter = {.tenant = kTenant, .flow_keys = {"flow"}}});
  ASSERT_TRUE(page);
  EXPECT_EQ(page->events.size(), 2u);
}

// The message of a delivery that is only in the tail is asked for in the tables, released or not.
TEST(EmbeddedStore, ASiblingFindsItsMessageWhereverTheReleaseIs) {
  const TestFolder folder;
  const auto store = open(stepped_options(folder.path()));
  const MessageId id{id_of(0)};
  Delivery sibling = make_delivery({.id = DeliveryId{id_of(1)}, .message_id = id});
  WriteSet set =
      publish(make_message({.id = id}), make_delivery({.id = DeliveryId{id_of(0)}}), at(0));
  set.add(PutDelivery{sibling});
  ASSERT_TRUE(commit(*store, std::move(set)));
  ASSERT_TRUE(store->barrier());
  sibling.retried = 1;
  WriteSet end{{PutDelivery{sibling}, DropDelivery{DeliveryId{id_of(0)}}, ReleaseMessage{id}}};
  ASSERT_TRUE(commit(*store, std::move(end)));
  for (int life = 0; life < 2; ++life) {  // in the tail, then in the tables
    const auto loaded = store->delivery(sibling.id);
    ASSERT_TRUE(loaded && *loaded);
    EXPECT_EQ((*loaded)->delivery.retried, 1);
    EXPECT_EQ((*loaded)->message->id, id);
    ASSERT_TRUE(store->barrier());
  }
}

TEST(EmbeddedStore, DropsHistoryAndGoesOn) {
  const TestFolder folder;
  const auto store = open(small_options(folder.path()));
  const int tomorrow = 24 * 60 * 60 * 1'000;
  ASSERT_TRUE(commit(*store, publish_one(0)));
  ASSERT_TRUE(commit(*store, publish_one(tomorrow)));
  ASSERT_TRUE(store->barrier());
  EXPECT_EQ(*store->drop_history(utc_day(at(tomorrow)), 0), 1);
  EXPECT_EQ(store->events({.filter = {.tenant = kTenant}})->events.size(), 1u);
  EXPECT_TRUE(*store->delivery(DeliveryId{id_of(0)}));
  ASSERT_TRUE(commit(*store, finish_one(0)));
  EXPECT_EQ(store->totals()->deliveries, 1);
}

TEST(EmbeddedStore, ADamagedStateFileIsNamed) {
  const TestFolder folder;
  const DataFolder data{folder.path()};
  open(small_options(folder.path())).reset();
  std::ofstream(data.state(), std::ios::binary) << std::string(8192, 'x');
  const auto store = EmbeddedStore::open(small_options(folder.path()), shared_metrics());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::kStoreCorrupt);
  EXPECT_NE(store.error().text.find(data.state().string()), std::string::npos);
}

TEST(EmbeddedStore, AnotherStoresJournalIsRefused) {
  const TestFolder folder, other;
  ASSERT_TRUE(commit(*open(stepped_options(folder.path())), publish_one(0)));
  ASSERT_TRUE(commit(*open(stepped_options(other.path())), publish_one(0)));
  const std::filesystem::path journal = DataFolder{folder.path()}.journal();
  std::filesystem::remove_all(journal);
  std::filesystem::copy(DataFolder{other.path()}.journal(), journal);
  const auto store = EmbeddedStore::open(stepped_options(folder.path()), shared_metrics());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::kStoreCorrupt);
}

TEST(EmbeddedStore, AJournalThatTheTablesNeedIsMissed) {
  const TestFolder folder;
  {
    const auto store = open(stepped_options(folder.path()));
    ASSERT_TRUE(commit(*store, publish_one(0)));
    ASSERT_TRUE(store->backup(folder.path() / "old"));
    for (int n = 1; n < 20; ++n)
      ASSERT_TRUE(commit(*store, publish_one(n, std::string(200'000, 'x'))));
    ASSERT_TRUE(store->barrier());
    ASSERT_TRUE(store->checkpoint());  // and the first segments are gone
    ASSERT_TRUE(commit(*store, publish_one(20)));
  }
  const DataFolder data{folder.path()}, old{folder.path() / "old"};
  std::filesystem::remove_all(data.history());
  std::filesystem::copy_file(old.state(), data.state(),
                             std::filesystem::copy_options::overwrite_existing);
  const auto store = EmbeddedStore::open(stepped_options(folder.path()), shared_metrics());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::kStoreCorrupt);
}

}  // namespace ferry::store
