#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/log.h"
#include "store/embedded_store_impl.h"
#include "store/faulty_file.h"
#include "store/journal_impl.h"
#include "store/memory_store.h"
#include "store/simulated_vfs.h"
#include "store/test_traffic.h"

// The whole embedded store on one bad disk: journal and tables lose power together, at any moment,
// and whatever was acknowledged must be there afterwards, in every table and list.

namespace ferry::store {

using namespace test;

namespace {

using Fault = SimulatedDisk::Fault;
using FaultyStore = BasicEmbeddedStore<FaultyFile>;

template <class T>
std::string say(const Result<T>& result) {
  return result ? describe(*result) : "error: " + result.error().text;
}

// Everything that can be read of what the write-sets it was shown ever touched.
class Reading {
 public:
  void touch(const std::vector<WriteSet>& sets) {
    for (const WriteSet& set : sets) {
      for (const RowOperation& operation : set.operations) {
        if (const auto* row = std::get_if<PutDelivery>(&operation)) touch(row->delivery);
        if (const auto* row = std::get_if<PutDeadLetter>(&operation))
          letters_.insert(row->letter->id);
        if (const auto* row = std::get_if<PutDedup>(&operation)) dedups_.push_back(row->record);
      }
    }
  }

  std::string of(Store& store, TimePoint now) const {
    std::string text = "totals " + say(store.totals()) + "\ncatalog " + say(store.catalog(now));
    for (const DeliveryId id : deliveries_) {
      text += "\ndelivery " + say(store.delivery(id));
      text += "\nview " + say(store.message_view(id, TimePoint::min()));
    }
    for (const DeadLetterId id : letters_)
      text += "\nletter " + say(store.dead_letter(id, LargeBodies::kRead));
    for (const DedupRecord& dedup : dedups_) {
      text += "\ndedup " + say(store.dedup(dedup.tenant, dedup.key));
    }
    for (const LaneId lane : lanes_) {
      text += "\nlane " + say(store.lane({.lane = lane, .until = TimePoint::max()}));
    }
    for (const TenantId tenant : {kTenant, kOtherTenant}) text += lists(store, tenant);
    return text;
  }

 private:
  void touch(const Delivery& delivery) {
    deliveries_.insert(delivery.id);
    lanes_.insert(delivery.lane);
  }

  static std::string lists(Store& store, TenantId tenant) {
    const PageRequest all{.filter = {.tenant = tenant}, .count = 10'000};
    const auto events = store.events(all);
    if (!events) return "\nevents error: " + events.error().text;
    std::string text;
    for (const LoggedEvent& event : events->events) text += "\nevent " + describe(event);
    const auto letters = store.dead_letters(all);
    if (!letters) return "\nletters error: " + letters.error().text;
    for (const DeadLetterPtr& letter : letters->letters) text += "\nlisted " + describe(letter);
    return text;
  }

  std::set<DeliveryId> deliveries_;
  std::set<DeadLetterId> letters_;
  std::set<LaneId> lanes_;
  std::vector<DedupRecord> dedups_;
};

// The first line that differs: the whole texts would fill screens.
testing::AssertionResult same(const std::string& store, const std::string& model) {
  if (store == model) return testing::AssertionSuccess();
  const auto [at, other] = std::ranges::mismatch(store, model);
  const std::size_t begin = store.rfind('\n', static_cast<std::size_t>(at - store.begin()));
  const std::size_t from = begin == std::string::npos ? 0 : begin;
  return testing::AssertionFailure() << "the store says" << store.substr(from, 600)
                                     << "\nthe model says" << model.substr(from, 600);
}

// A store on a disk, the model of what it acknowledged, and the traffic that goes into both.
class Witness {
 public:
  explicit Witness(std::uint64_t seed) : random_(seed), traffic_(seed) {
    options_.folder = "/simulated";
    options_.segment_bytes = 16u << 10;
    options_.journal_bytes_max = 4u << 20;
    options_.disk_free_bytes_min = 0;
    options_.run_applier = false;
    options_.run_rows_max = 1 + random_.below(40);
    options_.sqlite_vfs = vfs_.name();
  }

  SimulatedDisk& disk() { return *disk_; }
  Random& random() { return random_; }
  bool running() const { return store_ != nullptr; }

  // Opens and compares. False when the disk failed meanwhile: then nothing runs.
  bool open() {
    auto opened = FaultyStore::open(options_, metrics_, system_);
    if (!opened) {
      EXPECT_NE(opened.error().code, ErrorCode::kStoreCorrupt) << opened.error().text;
      return false;
    }
    store_ = std::move(*opened);
    settle_unknown();
    return true;
  }

  // False when the store is of no use any more.
  bool commit() {
    Traffic before = traffic_;
    std::vector<WriteSet> sets = traffic_.next();
    reading_.touch(sets);
    const auto done = store_->commit(sets);
    if (done) {
      EXPECT_TRUE(model_->commit(sets));
      EXPECT_EQ(*done, model_->position());
      return true;
    }
    if (done.error().code != ErrorCode::kDiskFull) {
      unknown_ = {std::move(before), std::move(sets)};
      return false;
    }
    traffic_ = std::move(before);
    return true;
  }

  void apply() { (void)store_->apply_some(1 + random_.below(100)); }
  void checkpoint() { (void)store_->checkpoint(); }

  void compare() {
    const TimePoint now = traffic_.now();
    EXPECT_TRUE(same(reading_.of(*store_, now), reading_.of(*model_, now)));
  }

  // The program ends as it should.
  void close() { store_.reset(); }

  // The program is killed, and the next one finds the page cache.
  void kill() {
    const SimulatedDisk::Snapshot snapshot = disk_->snapshot();
    disk_->fail_operation(1, Fault::kPowerOff);
    store_.reset();
    disk_->restore(snapshot);
  }

  // The machine stops.
  void crash() {
    disk_->fail_operation(1, Fault::kPowerOff);
    store_.reset();
    disk_->crash(random_);
  }

 private:
  struct Unknown {
    Traffic before;
    std::vector<WriteSet> sets;
  };

  // Of write-sets without an answer the first few may be there, each as a whole.
  void settle_unknown() {
    const Position acknowledged = model_->position(), found = store_->position();
    ASSERT_GE(found, acknowledged);
    const std::size_t kept = found - acknowledged;
    ASSERT_LE(kept, unknown_ ? unknown_->sets.size() : 0);
    if (kept > 0) EXPECT_TRUE(model_->commit(std::span(unknown_->sets).first(kept)));
    if (kept == 0 && unknown_) traffic_ = std::move(unknown_->before);
    unknown_.reset();
  }

  Random random_;
  Traffic traffic_;
  Reading reading_;
  const std::shared_ptr<SimulatedDisk> disk_ = std::make_shared<SimulatedDisk>();
  const std::shared_ptr<FaultyFile::System> system_ = std::make_shared<FaultyFile::System>(disk_);
  const SimulatedVfs vfs_{disk_};
  EmbeddedOptions options_;
  Metrics metrics_;
  const std::unique_ptr<Store> model_ = make_memory_store();
  std::unique_ptr<FaultyStore> store_;
  std::optional<Unknown> unknown_;
};

class PowerLoss : public testing::Test {
 protected:
  // A disk that fails on purpose makes many lines.
  static void SetUpTestSuite() { log::configure({.level = log::Level::kOff}); }
  static void TearDownTestSuite() { log::configure({}); }
};

// Commits, runs, checkpoints and a restart; false when a fault ended it.
bool run_script(Witness& witness) {
  if (!witness.open()) return false;
  for (int i = 0; i < 8; ++i) {
    if (!witness.commit()) return false;
    if (i % 2 == 1) witness.apply();
    if (i % 4 == 2) witness.checkpoint();
  }
  witness.close();
  if (!witness.open()) return false;
  if (!witness.commit()) return false;
  witness.apply();
  witness.checkpoint();
  return witness.commit();
}

// After the power came back.
void expect_everything(Witness& witness) {
  ASSERT_TRUE(witness.open());
  witness.compare();
  ASSERT_TRUE(witness.commit());
  witness.crash();
  ASSERT_TRUE(witness.open());
  witness.compare();
}

std::uint64_t script_length(std::uint64_t seed) {
  Witness witness(seed);
  EXPECT_TRUE(run_script(witness));
  return witness.disk().operations();
}

// Every operation of the beginning, where the files are made, then a sample.
std::uint64_t after(std::uint64_t n) { return n < 60 ? n + 1 : n + 7; }

TEST_F(PowerLoss, WhicheverOperationFailsNothingAcknowledgedIsLost) {
  const std::uint64_t operations = script_length(1);
  ASSERT_GT(operations, 100u);
  for (std::uint64_t n = 1; n <= operations; n = after(n)) {
    for (const Fault fault : {Fault::kIoError, Fault::kDiskFull}) {
      SCOPED_TRACE(testing::Message() << "operation " << n << " fails as " << int(fault));
      Witness witness(1);
      witness.disk().fail_operation(n, fault);
      run_script(witness);
      witness.disk().fail_operation(0, fault);
      witness.kill();
      expect_everything(witness);
      if (HasFailure()) return;
    }
  }
}

TEST_F(PowerLoss, WhereverTheMachineStopsNothingAcknowledgedIsLost) {
  const std::uint64_t operations = script_length(2);
  for (std::uint64_t n = 1; n <= operations; n = after(n)) {
    SCOPED_TRACE(testing::Message() << "power off at operation " << n);
    Witness witness(2);
    witness.disk().fail_operation(n, Fault::kPowerOff);
    run_script(witness);
    witness.crash();
    expect_everything(witness);
    if (HasFailure()) return;
  }
}

TEST_F(PowerLoss, AfterAFailedSyncOfTheTablesNothingIsCommittedBeforeTheNextStart) {
  Witness witness(3);
  ASSERT_TRUE(witness.open());
  ASSERT_TRUE(witness.commit());
  witness.apply();
  witness.disk().fail_operation(1, Fault::kDiskFull);
  witness.checkpoint();
  EXPECT_FALSE(witness.commit());
  witness.close();
  expect_everything(witness);
}

// One life after another with whatever may happen in between. The program ends when it was not
// told whether a commit is durable; what it left is found by the next, or was lost by the machine.
void live(std::uint64_t seed) {
  Witness witness(seed);
  Random& random = witness.random();
  const auto end = [&] { random.one_in(2) ? witness.crash() : witness.kill(); };
  const auto plan_fault = [&](std::uint64_t within) {
    constexpr Fault kFaults[] = {Fault::kPowerOff, Fault::kPowerOff, Fault::kIoError,
                                 Fault::kDiskFull};
    witness.disk().fail_operation(1 + random.below(within), kFaults[random.below(4)]);
  };
  for (int step = 0; step < 50 && !testing::Test::HasFailure(); ++step) {
    if (!witness.running()) {
      if (random.one_in(4)) plan_fault(60);
      if (!witness.open()) end();
      continue;
    }
    switch (random.below(20)) {
      case 0:
        witness.crash();
        break;
      case 1:
        random.one_in(2) ? witness.close() : witness.kill();
        break;
      case 2:
        plan_fault(40);
        break;
      case 3:
      case 4:
        witness.checkpoint();
        break;
      case 5:
      case 6:
      case 7:
      case 8:
        witness.apply();
        break;
      default:
        if (!witness.commit()) end();
    }
  }
  witness.crash();
  ASSERT_TRUE(witness.open());
  witness.compare();
}

TEST_F(PowerLoss, NoSeedLosesOrResurrectsARow) {
  for (std::uint64_t seed = 0; seed < 180; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    live(seed);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace ferry::store
