#include "app/memory_budgets.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <string>

namespace ferry::app {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMb = 1ull << 20;

// A tree of the files that say how much memory there is.
class MemoryFiles {
 public:
  MemoryFiles() {
    std::string name = (fs::temp_directory_path() / "ferry-memory-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
    put("proc/meminfo", "MemTotal:        8388608 kB\nMemFree:         1 kB\n");
  }
  ~MemoryFiles() { fs::remove_all(root_); }
  MemoryFiles(const MemoryFiles&) = delete;
  MemoryFiles& operator=(const MemoryFiles&) = delete;

  void put(const std::string& file, const std::string& text) {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }
  std::uint64_t usable() const { return usable_memory(root_); }

 private:
  fs::path root_;
};

TEST(MemoryBudgets, ArePartsOfTheMemory) {
  EXPECT_EQ(budgets_of(1024 * kMb), (MemoryBudgets{.reading = 192 * kMb,
                                                   .inbox = 64 * kMb,
                                                   .bodies = 128 * kMb,
                                                   .answers = 128 * kMb,
                                                   .tail = 64 * kMb}));
  EXPECT_EQ(budgets_of(2048 * kMb).answers, 256 * kMb);
}

TEST(MemoryBudgets, AreNeverTooSmallToWorkWith) {
  EXPECT_EQ(budgets_of(0), (MemoryBudgets{kMb, kMb, kMb, kMb, kMb}));
}

TEST(MemoryBudgets, ASettingThatIsGivenStays) {
  Settings settings;
  settings.body_memory = 5 * kMb;
  settings = with_memory_budgets(settings, 512 * kMb);
  EXPECT_EQ(settings.memory, 512 * kMb);
  EXPECT_EQ(settings.body_memory, 5 * kMb);
  EXPECT_EQ(settings.reading_memory, 96 * kMb);
  EXPECT_EQ(settings.inbox_memory, 32 * kMb);
  EXPECT_EQ(settings.answer_memory, 64 * kMb);
  EXPECT_EQ(settings.tail_bytes_max, 32 * kMb);
}

TEST(MemoryBudgets, TheMemoryThatIsGivenIsWhatTheyArePartsOf) {
  Settings settings;
  settings.memory = 4096 * kMb;
  settings = with_memory_budgets(settings, 512 * kMb);
  EXPECT_EQ(settings.answer_memory, 512 * kMb);
}

TEST(UsableMemory, IsThatOfTheMachineUpToTwoGigabytes) {
  MemoryFiles files;
  EXPECT_EQ(files.usable(), kPlannedMemoryMax);
  files.put("proc/meminfo", "MemTotal:        1048576 kB\n");
  EXPECT_EQ(files.usable(), 1024 * kMb);
}

TEST(UsableMemory, IsLimitedByTheControlGroupAndThoseItLiesIn) {
  MemoryFiles files;
  files.put("proc/self/cgroup", "0::/system.slice/ferry.service\n");
  files.put("sys/fs/cgroup/system.slice/ferry.service/memory.max", "max\n");
  EXPECT_EQ(files.usable(), kPlannedMemoryMax);
  files.put("sys/fs/cgroup/system.slice/memory.max", "1073741824\n");
  EXPECT_EQ(files.usable(), 1024 * kMb);
  files.put("sys/fs/cgroup/system.slice/ferry.service/memory.max", "536870912\n");
  EXPECT_EQ(files.usable(), 512 * kMb);
}

TEST(UsableMemory, OfAContainerIsWhatItsOwnTreeSays) {
  MemoryFiles files;
  files.put("proc/self/cgroup", "0::/../../docker/abc\n");
  files.put("sys/fs/cgroup/memory.max", "268435456\n");
  EXPECT_EQ(files.usable(), 256 * kMb);
}

TEST(UsableMemory, IsLimitedByTheFirstVersionOfControlGroupsToo) {
  MemoryFiles files;
  files.put("proc/self/cgroup", "5:cpu,cpuacct:/a\n4:hugetlb,memory:/docker/x\n");
  files.put("sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(files.usable(), kPlannedMemoryMax);
  files.put("sys/fs/cgroup/memory/memory.limit_in_bytes", "134217728\n");
  EXPECT_EQ(files.usable(), 128 * kMb);
}

TEST(UsableMemory, IsKnownWithoutAnyFile) {
  EXPECT_EQ(usable_memory("/nonexistent"), kPlannedMemoryMax);
}

}  // namespace
}  // namespace ferry::app
