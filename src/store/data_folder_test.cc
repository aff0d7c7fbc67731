#include "store/data_folder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "base/time.h"
#include "store/test_folder.h"

namespace ferry::store {

using test::TestFolder;

namespace {

using std::filesystem::perms;

perms mode_of(const std::filesystem::path& path) {
  return std::filesystem::status(path).permissions() & perms::mask;
}

TEST(DataFolder, TheLockNamesTheProcessThatHoldsIt) {
  const TestFolder folder;
  const DataFolder data{folder.path()};
  {
    const Result<FolderLock> lock = FolderLock::take(data);
    ASSERT_TRUE(lock);
    const Result<FolderLock> second = FolderLock::take(data);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::kStoreLocked);
    EXPECT_NE(second.error().text.find("process " + std::to_string(::getpid())), std::string::npos);
  }
  EXPECT_TRUE(FolderLock::take(data));
}

TEST(DataFolder, FilesAndFoldersAreTheirOwnersAlone) {
  const TestFolder folder;
  ASSERT_TRUE(make_folder(folder.path() / "a" / "b"));
  EXPECT_EQ(mode_of(folder.path() / "a" / "b"), perms::owner_all);
  ASSERT_TRUE(make_file(folder.path() / "file"));
  EXPECT_EQ(mode_of(folder.path() / "file"), perms::owner_read | perms::owner_write);
  ASSERT_TRUE(copy_private_file(folder.path() / "file", folder.path() / "copy"));
  EXPECT_EQ(mode_of(folder.path() / "copy"), perms::owner_read | perms::owner_write);
}

TEST(DataFolder, MakingWhatIsThereLeavesItAsItIs) {
  const TestFolder folder;
  std::ofstream(folder.path() / "file") << "text";
  ASSERT_TRUE(make_file(folder.path() / "file"));
  EXPECT_EQ(std::filesystem::file_size(folder.path() / "file"), 4u);
  EXPECT_TRUE(make_folder(folder.path()));
  EXPECT_FALSE(make_folder(folder.path() / "file"));
}

TEST(DataFolder, OnlyNamesOfDaysAreHistory) {
  EXPECT_EQ(parse_history_name("1970-01-02.db"), 1);
  EXPECT_EQ(parse_history_name("2026-11-21.db"), utc_day(from_unix_ms(1'795'262'400'000)));
  for (const char* name : {"2026-11-21.db-wal", "2026-11-21", "2026-13-01.db", "2026-02-30.db",
                           "2026-1-011.db", "+026-11-21.db", "state.db", ""}) {
    EXPECT_EQ(parse_history_name(name), std::nullopt) << name;
  }
}

TEST(DataFolder, ListsItsDaysInOrder) {
  const TestFolder folder;
  const DataFolder data{folder.path()};
  EXPECT_FALSE(data.history_days());  // there is no such folder
  ASSERT_TRUE(make_folder(data.history()));
  for (const std::int64_t day : {3, 1, 2}) ASSERT_TRUE(make_file(data.history_of(day)));
  ASSERT_TRUE(make_file(data.history() / "notes.txt"));
  EXPECT_EQ(*data.history_days(), (std::vector<std::int64_t>{1, 2, 3}));
}

}  // namespace
}  // namespace ferry::store
