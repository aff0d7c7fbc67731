#include "store/simulated_disk.h"

#include <gtest/gtest.h>

#include <set>

namespace ferry::store {
namespace {

std::string shown(const SimulatedDisk& disk, const std::string& name) {
  const auto contents = disk.contents();
  const auto entry = contents.find(name);
  return entry == contents.end() ? "(no file)" : entry->second;
}

// A file "/f" of one durable sector of 'o'.
SimulatedDisk::File old_file(SimulatedDisk& disk, std::size_t bytes = 8) {
  auto file = disk.create("/f").value();
  EXPECT_TRUE(disk.write(file, 0, std::string(bytes, 'o')));
  EXPECT_TRUE(disk.sync(file));
  EXPECT_TRUE(disk.sync_folder(""));
  return file;
}

TEST(SimulatedDisk, ReadsSeeWritesAtOnce) {
  SimulatedDisk disk;
  const auto file = disk.create("/a/f").value();
  ASSERT_TRUE(disk.write(file, 3, "abc"));
  std::string out(10, '?');
  EXPECT_EQ(disk.read(file, 1, out), 5u);
  EXPECT_EQ(out.substr(0, 5), std::string("\0\0abc", 5));
  EXPECT_EQ(disk.read(file, 6, out), 0u);
  EXPECT_EQ(disk.list("/a"), std::vector<std::string>{"f"});
  EXPECT_TRUE(disk.list("/").empty());
  EXPECT_FALSE(disk.create("/a/f").has_value());
  EXPECT_EQ(disk.open("/a/g").error().code, ErrorCode::kNotFound);
}

TEST(SimulatedDisk, WhatWasSyncedSurvivesEveryCrash) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SimulatedDisk disk;
    Random random(seed);
    const auto file = old_file(disk);
    disk.crash(random);
    EXPECT_EQ(shown(disk, "/f"), "oooooooo");
    EXPECT_FALSE(disk.write(file, 0, "x").has_value()) << "opened before the crash";
    EXPECT_TRUE(disk.open("/f").has_value());
  }
}

TEST(SimulatedDisk, AnUnsyncedSectorIsKeptDroppedOrTorn) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SimulatedDisk disk;
    Random random(seed);
    const auto file = old_file(disk);
    ASSERT_TRUE(disk.write(file, 0, "nnnnnnnn"));
    disk.crash(random);
    seen.insert(shown(disk, "/f"));
  }
  EXPECT_TRUE(seen.contains("nnnnnnnn"));
  EXPECT_TRUE(seen.contains("oooooooo"));
  EXPECT_TRUE(seen.contains("nnnooooo"));
  EXPECT_TRUE(seen.contains("ooonnnnn"));
}

TEST(SimulatedDisk, SectorsMeetTheirFateApart) {
  constexpr std::size_t kSector = SimulatedDisk::kSectorBytes;
  std::set<std::pair<char, char>> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SimulatedDisk disk;
    Random random(seed);
    const auto file = old_file(disk, 2 * kSector);
    ASSERT_TRUE(disk.write(file, 0, std::string(2 * kSector, 'n')));
    disk.crash(random);
    const std::string content = shown(disk, "/f");
    seen.emplace(content[kSector / 2], content[kSector + kSector / 2]);
  }
  EXPECT_EQ(seen.size(), 4u);
}

TEST(SimulatedDisk, NamesAreDurableAfterTheFolderIsSynced) {
  std::set<std::pair<bool, bool>> seen;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SimulatedDisk disk;
    Random random(seed);
    old_file(disk);
    ASSERT_TRUE(disk.rename("/f", "/g"));
    ASSERT_TRUE(disk.create("/h"));
    disk.crash(random);
    EXPECT_NE(disk.exists("/f"), disk.exists("/g"));
    seen.emplace(disk.exists("/g"), disk.exists("/h"));
  }
  EXPECT_EQ(seen.size(), 4u);
  SimulatedDisk disk;
  Random random(1);
  old_file(disk);
  ASSERT_TRUE(disk.rename("/f", "/g"));
  ASSERT_TRUE(disk.sync_folder(""));
  disk.crash(random);
  EXPECT_EQ(shown(disk, "/g"), "oooooooo");
  EXPECT_FALSE(disk.exists("/f"));
}

TEST(SimulatedDisk, AFileOutlivesItsRemovalWhileItIsOpen) {
  SimulatedDisk disk;
  const auto file = old_file(disk);
  ASSERT_TRUE(disk.remove("/f"));
  EXPECT_FALSE(disk.exists("/f"));
  EXPECT_EQ(disk.size(file), 8u);
}

TEST(SimulatedDisk, WhatAFailedSyncCoveredIsShownButNeverWritten) {
  bool lost = false;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SimulatedDisk disk(seed);
    Random random(seed);
    const auto file = old_file(disk);
    ASSERT_TRUE(disk.write(file, 0, "nnnnnnnn"));
    disk.fail_operation(1, SimulatedDisk::Fault::kIoError);
    EXPECT_EQ(disk.sync(file).error().code, ErrorCode::kStoreIo);
    EXPECT_TRUE(disk.sync(file)) << "the second sync claims success";
    EXPECT_EQ(shown(disk, "/f"), "nnnnnnnn");
    disk.crash(random);
    lost = lost || shown(disk, "/f") != "nnnnnnnn";
  }
  EXPECT_TRUE(lost);
}

TEST(SimulatedDisk, FaultsComeWhenAskedFor) {
  SimulatedDisk disk;
  Random random(1);
  const auto file = old_file(disk);
  const auto before = disk.operations();
  disk.fail_operation(2, SimulatedDisk::Fault::kDiskFull);
  EXPECT_TRUE(disk.write(file, 0, "a"));
  EXPECT_EQ(disk.resize(file, 100).error().code, ErrorCode::kDiskFull);
  EXPECT_TRUE(disk.write(file, 0, "a"));
  EXPECT_EQ(disk.operations(), before + 3);
  disk.fail_operation(1, SimulatedDisk::Fault::kPowerOff);
  EXPECT_FALSE(disk.sync(file).has_value());
  EXPECT_FALSE(disk.open("/f").has_value());
  EXPECT_FALSE(disk.create("/g").has_value());
  disk.crash(random);
  EXPECT_TRUE(disk.open("/f").has_value());
}

TEST(SimulatedDisk, TheDiskMayBeFull) {
  SimulatedDisk disk;
  const auto file = old_file(disk);
  disk.set_capacity(10);
  EXPECT_EQ(disk.free_bytes(), 2u);
  EXPECT_EQ(disk.write(file, 7, "1234").error().code, ErrorCode::kDiskFull);
  EXPECT_TRUE(disk.write(file, 7, "123"));
  EXPECT_EQ(disk.resize(file, 11).error().code, ErrorCode::kDiskFull);
  ASSERT_TRUE(disk.remove("/f"));
  EXPECT_EQ(disk.free_bytes(), 10u);
}

TEST(SimulatedDisk, ASnapshotBringsEverythingBack) {
  SimulatedDisk disk;
  const auto file = old_file(disk);
  ASSERT_TRUE(disk.write(file, 0, "unsynced"));
  const auto snapshot = disk.snapshot();
  ASSERT_TRUE(disk.sync(file));
  ASSERT_TRUE(disk.remove("/f"));
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Random random(seed);
    disk.restore(snapshot);
    EXPECT_EQ(shown(disk, "/f"), "unsynced");
    disk.crash(random);
    seen.insert(shown(disk, "/f"));
  }
  EXPECT_TRUE(seen.contains("oooooooo")) << "it was not synced at the time of the snapshot";
}

TEST(SimulatedDisk, DecayIsDurable) {
  SimulatedDisk disk;
  Random random(1);
  old_file(disk);
  disk.decay("/f", 2, "XX");
  disk.crash(random);
  EXPECT_EQ(shown(disk, "/f"), "ooXXoooo");
}

}  // namespace
}  // namespace ferry::store
