#include "store/journal_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "store/journal.h"

namespace ferry::store {
namespace {

namespace fs = std::filesystem;

class JournalFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "ferry-journal-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder = name;
  }
  void TearDown() override { fs::remove_all(folder); }

  using PosixJournal = Journal<PosixFile>;

  // Opens the journal and counts what is replayed.
  Result<std::unique_ptr<PosixJournal>> open(const fs::path& where, Position from = 1) {
    replayed = 0;
    const auto count = [this](Position, std::string_view) -> Result<void> {
      ++replayed;
      return {};
    };
    return PosixJournal::open({.folder = where,
                               .store_id = "store-a",
                               .segment_bytes = 64 << 10,
                               .bytes_max = 100 * (64 << 10)},
                              from, from - 1, count, system);
  }

  std::shared_ptr<PosixFile::System> system = std::make_shared<PosixFile::System>();
  fs::path folder;
  std::uint64_t replayed = 0;
};

TEST_F(JournalFile, PreallocatedBytesAreWrittenBytes) {
  auto file = system->create(folder / "a");
  ASSERT_TRUE(file.has_value());
  ASSERT_TRUE(file->preallocate(3 << 20));
  ASSERT_TRUE(file->sync());
  EXPECT_EQ(file->size(), 3u << 20);
  struct stat status{};
  ASSERT_EQ(::stat((folder / "a").c_str(), &status), 0);
  EXPECT_GE(status.st_blocks * 512, 3 << 20) << "no holes";
}

TEST_F(JournalFile, WritesAreReadBackAndReadsEndWithTheFile) {
  auto file = system->create(folder / "a");
  ASSERT_TRUE(file.has_value());
  ASSERT_TRUE(file->write(5, "hello"));
  std::string out(20, '?');
  EXPECT_EQ(file->read(5, out), 5u);
  EXPECT_EQ(out.substr(0, 5), "hello");
  EXPECT_EQ(file->read(10, out), 0u);
}

TEST_F(JournalFile, ErrorsNameThePathAndWhatWasAttempted) {
  const auto missing = system->open(folder / "no-such-file");
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_NE(missing.error().text.find("no-such-file"), std::string::npos);
  ASSERT_TRUE(system->create(folder / "a"));
  EXPECT_EQ(system->create(folder / "a").error().code, ErrorCode::kStoreIo);
  EXPECT_EQ(system->list(folder / "none").error().code, ErrorCode::kNotFound);
  auto read_only = system->open_to_read(folder / "a");
  ASSERT_TRUE(read_only.has_value());
  EXPECT_EQ(read_only->write(0, "x").error().code, ErrorCode::kStoreIo);
  auto full = system->open("/dev/full");
  ASSERT_TRUE(full.has_value());
  EXPECT_EQ(full->write(0, "x").error().code, ErrorCode::kDiskFull);
}

TEST_F(JournalFile, FoldersAreMadeListedAndCleared) {
  ASSERT_TRUE(system->make_folder(folder / "x" / "y"));
  ASSERT_TRUE(system->make_folder(folder / "x" / "y"));
  ASSERT_TRUE(system->create(folder / "x" / "y" / "a"));
  ASSERT_TRUE(system->rename(folder / "x" / "y" / "a", folder / "x" / "y" / "b"));
  ASSERT_TRUE(system->sync_folder(folder / "x" / "y"));
  EXPECT_EQ(system->list(folder / "x" / "y"), std::vector<std::string>{"b"});
  ASSERT_TRUE(system->remove(folder / "x" / "y" / "b"));
  EXPECT_EQ(system->list(folder / "x" / "y"), std::vector<std::string>{});
  EXPECT_GT(system->free_bytes(folder).value(), 0u);
}

TEST_F(JournalFile, AJournalOnARealDiskComesBack) {
  {
    auto journal = open(folder / "journal");
    ASSERT_TRUE(journal.has_value()) << journal.error().text;
    const std::string record(1000, 'r');
    const std::vector<std::string_view> batch(50, record);
    for (int i = 0; i < 4; ++i) ASSERT_TRUE((*journal)->append(batch));
  }
  const auto report = check_journal(folder / "journal");
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->records, 200u);
  auto journal = open(folder / "journal");
  ASSERT_TRUE(journal.has_value());
  EXPECT_EQ(replayed, 200u);
  EXPECT_EQ((*journal)->position(), 200u);
}

// One thread appends, one recycles, one copies; every copy holds all that was there when it began.
TEST_F(JournalFile, AppendsRecyclingAndCopiesMayRunAtTheSameTime) {
  auto opened = open(folder / "journal");
  ASSERT_TRUE(opened.has_value());
  PosixJournal& journal = **opened;
  std::atomic<bool> done = false;
  std::atomic<Position> copied = 0;
  std::thread appender([&] {
    const std::string record(3000, 'r');
    const std::vector<std::string_view> batch(10, record);
    for (int i = 0; i < 60; ++i) EXPECT_TRUE(journal.append(batch));
    done = true;
  });
  std::thread recycler([&] {
    while (!done) {
      journal.recycle(copied);
      EXPECT_GT(journal.bytes_in_use(), 0u);
      EXPECT_TRUE(journal.has_room(1));
    }
  });
  int copies = 0;
  do {
    const Position from = copied + 1;
    const Position there = journal.position();
    const fs::path copy = folder / std::to_string(copies++);
    ASSERT_TRUE(journal.copy_to(copy, from));
    auto reopened = open(copy, from);
    ASSERT_TRUE(reopened.has_value()) << reopened.error().text;
    EXPECT_GE((*reopened)->position(), there);
    EXPECT_EQ(replayed, (*reopened)->position() - copied);
    copied = there;
  } while (!done);
  appender.join();
  recycler.join();
}

// What a copy has begun to read is not recycled under it.
TEST_F(JournalFile, ACopyHoldsItsSegmentsAgainstRecycling) {
  auto opened = open(folder / "journal");
  ASSERT_TRUE(opened.has_value());
  PosixJournal& journal = **opened;
  std::atomic<bool> done = false;
  std::thread appender([&] {
    const std::string record(3000, 'r');
    const std::vector<std::string_view> batch(10, record);
    for (int i = 0; i < 100; ++i) {
      EXPECT_TRUE(journal.append(batch));
      journal.recycle(journal.position());
    }
    done = true;
  });
  for (int copies = 0; !done; ++copies) {
    const fs::path copy = folder / std::to_string(copies);
    const Position from = journal.position() + 1;
    if (const auto copied = journal.copy_to(copy, from); !copied) {
      EXPECT_EQ(copied.error().code, ErrorCode::kNotFound) << copied.error().text;
      EXPECT_NE(copied.error().text.find("it begins at"), std::string::npos) << copied.error().text;
      continue;
    }
    const auto report = check_journal(copy);
    EXPECT_TRUE(report.has_value()) << report.error().text;
  }
  appender.join();
}

}  // namespace
}  // namespace ferry::store
