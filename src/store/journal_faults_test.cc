#include <gtest/gtest.h>

#include <optional>

#include "store/journal_bed.h"

namespace ferry::store {
namespace {

using Fault = SimulatedDisk::Fault;

// A journal together with what a client may believe of it. Every record ever tried is different, so
// one that comes back was either acknowledged, or is of the batch whose outcome was unknown.
class Witness {
 public:
  explicit Witness(std::uint64_t seed) : random_(seed) {}

  JournalBed bed;

  // Opens and compares; false when the disk failed meanwhile.
  bool open() {
    const Position from = applied_ + 1;
    if (auto opened = bed.open(from, applied_); !opened) {
      EXPECT_NE(opened.error().code, ErrorCode::kStoreCorrupt) << opened.error().text;
      return false;
    }
    std::vector<std::string> expected(known_.begin() + static_cast<std::ptrdiff_t>(applied_),
                                      known_.end());
    if (bed.replayed != expected) expected = joined(std::move(expected), unknown_);
    EXPECT_EQ(bed.replayed, expected);
    for (std::size_t i = 0; i < bed.positions.size(); ++i) EXPECT_EQ(bed.positions[i], from + i);
    EXPECT_EQ(bed.journal->position(), applied_ + bed.replayed.size());
    // From now on the answer stands: the engine acts on what it was given.
    known_.resize(applied_);
    known_.insert(known_.end(), bed.replayed.begin(), bed.replayed.end());
    unknown_.clear();
    return true;
  }

  // False when the journal is of no use any more.
  bool append(std::vector<std::string> records) {
    const Position before = bed.journal->position();
    const auto done = bed.append(records);
    if (done) {
      EXPECT_EQ(*done, before + records.size());
      known_ = joined(std::move(known_), records);
      return true;
    }
    if (done.error().code == ErrorCode::kDiskFull) return true;
    unknown_ = std::move(records);
    EXPECT_FALSE(bed.append({"after the failure"}).has_value());
    return false;
  }

  bool append_some() {
    const std::size_t length = random_.one_in(20) ? 3000 : random_.below(300);
    return append(some_records(1 + random_.below(5), length, std::to_string(++tries_) + "."));
  }

  // The tables get further, and so does what of them is synced.
  void apply() {
    if (!bed.journal) return;
    applied_ += random_.below(known_.size() - applied_ + 1);
    if (random_.one_in(2)) synced_ += random_.below(applied_ - synced_ + 1);
    bed.journal->recycle(synced_);
  }

  void crash() {
    bed.journal.reset();
    bed.disk->crash(random_);
    applied_ = synced_ + random_.below(applied_ - synced_ + 1);
  }

  Random& random() { return random_; }
  std::size_t known() const { return known_.size(); }

 private:
  Random random_;
  std::vector<std::string> known_;    // acknowledged, or seen by a replay; at index position - 1
  std::vector<std::string> unknown_;  // the batch whose append failed
  Position applied_ = 0;              // to the tables
  Position synced_ = 0;               // with them
  std::uint64_t tries_ = 0;
};

// Rollovers, a record over several segments, recycling and a restart; false when a fault ended it.
bool run_script(Witness& witness) {
  if (!witness.open()) return false;
  for (int i = 0; i < 6; ++i) {
    if (!witness.append(some_records(3, 150, "a" + std::to_string(i)))) return false;
  }
  if (!witness.append(some_records(2, 2500, "big"))) return false;
  witness.bed.journal->recycle(0);
  if (!witness.append(some_records(1, 700, "b"))) return false;
  if (!witness.open()) return false;
  witness.apply();
  for (int i = 0; i < 4; ++i) {
    if (!witness.append(some_records(2, 400, "c" + std::to_string(i)))) return false;
    witness.apply();
  }
  return true;
}

std::uint64_t script_length() {
  Witness witness(1);
  EXPECT_TRUE(run_script(witness));
  return witness.bed.disk->operations();
}

TEST(JournalFaults, WhicheverOperationFailsNothingAcknowledgedIsLost) {
  const std::uint64_t operations = script_length();
  ASSERT_GT(operations, 60u);
  for (const Fault fault : {Fault::kIoError, Fault::kDiskFull}) {
    for (std::uint64_t n = 1; n <= operations; ++n) {
      SCOPED_TRACE(testing::Message() << "operation " << n << " fails");
      Witness witness(n);
      witness.bed.disk->fail_operation(n, fault);
      run_script(witness);
      // The process starts again and finds the page cache, then the machine does.
      ASSERT_TRUE(witness.open());
      witness.crash();
      ASSERT_TRUE(witness.open());
      ASSERT_TRUE(witness.append({"goes on"}));
      witness.crash();
      ASSERT_TRUE(witness.open());
      if (HasFailure()) return;
    }
  }
}

TEST(JournalFaults, WhereverTheMachineStopsNothingAcknowledgedIsLost) {
  const std::uint64_t operations = script_length();
  for (std::uint64_t n = 1; n <= operations; ++n) {
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      SCOPED_TRACE(testing::Message() << "power off at operation " << n << ", seed " << seed);
      Witness witness(seed);
      witness.bed.disk->fail_operation(n, Fault::kPowerOff);
      run_script(witness);
      witness.crash();
      ASSERT_TRUE(witness.open());
      ASSERT_TRUE(witness.append({"goes on"}));
      ASSERT_TRUE(witness.open());
      if (HasFailure()) return;
    }
  }
}

// A recovery that is itself cut short, at each of its operations, by a fault or the end of power.
TEST(JournalFaults, ARecoveryMayFailAnywhereAndBeRepeated) {
  for (const Fault fault : {Fault::kIoError, Fault::kDiskFull, Fault::kPowerOff}) {
    for (std::uint64_t n = 1; n <= 12; ++n) {
      SCOPED_TRACE(testing::Message() << "operation " << n << " of the recovery fails");
      Witness witness(n);
      ASSERT_TRUE(run_script(witness));
      witness.bed.disk->fail_operation(2, Fault::kIoError);
      witness.append({"unknown"});
      witness.bed.disk->fail_operation(n, fault);
      if (!witness.open() || fault == Fault::kPowerOff) witness.crash();
      witness.bed.disk->fail_operation(0, fault);
      ASSERT_TRUE(witness.open());
      witness.crash();
      ASSERT_TRUE(witness.open());
      if (HasFailure()) return;
    }
  }
}

// One life after another with whatever may happen in between.
void live(std::uint64_t seed) {
  Witness witness(seed);
  Random& random = witness.random();
  if (random.one_in(3)) witness.bed.options.bytes_max = 4 * JournalBed::kSegmentBytes;
  bool running = false;
  for (int step = 0; step < 40; ++step) {
    if (!running) {
      running = witness.open();
      if (!running && random.one_in(2)) witness.crash();
      continue;
    }
    switch (random.below(12)) {
      case 0:
        witness.crash();
        running = false;
        break;
      case 1:
        running = false;
        break;
      case 2:
        witness.bed.disk->fail_operation(1 + random.below(12), static_cast<Fault>(random.below(3)));
        break;
      case 3:
      case 4:
        witness.apply();
        break;
      default:
        running = witness.append_some();
    }
    if (testing::Test::HasFailure()) return;
  }
  witness.crash();
  EXPECT_TRUE(witness.open());
}

TEST(JournalFaults, NoSeedLosesOrResurrectsARecord) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    live(seed);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace ferry::store
