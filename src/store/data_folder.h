#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ferry::store {

// Where the files of a store are. All of them are for their owner alone (0600, folders 0700).
//
//   lock                      held while a server runs, with its pid
//   state.db                  what is pending
//   history/2026-11-21.db     one UTC day of what happened
//   journal/                  commits that the tables may not have yet (journal.cc)
struct DataFolder {
  std::filesystem::path root;

  std::filesystem::path lock() const { return root / "lock"; }
  std::filesystem::path state() const { return root / "state.db"; }
  std::filesystem::path journal() const { return root / "journal"; }
  std::filesystem::path history() const { return root / "history"; }
  std::filesystem::path history_of(std::int64_t day) const;

  // The days that have a file, ascending.
  Result<std::vector<std::int64_t>> history_days() const;
};

// "2026-11-21" and ".db" -> the day; nothing for other names.
std::optional<std::int64_t> parse_history_name(std::string_view name);

Result<void> make_folder(const std::filesystem::path& folder);

// An empty file with its name on disk, unless it is there: SQLite makes its own with the mode of
// the process, and never syncs the folder.
Result<void> make_file(const std::filesystem::path& file);

// A copy that is on disk when this returns; `to` is not there yet.
Result<void> copy_private_file(const std::filesystem::path& from, const std::filesystem::path& to);

// Of a database file with its log.
std::uint64_t bytes_of_tables(const std::filesystem::path& file);

// Bytes that may still be written to the file system of `folder`; nothing when it does not tell.
std::optional<std::uint64_t> free_bytes(const std::filesystem::path& folder);

// Keeps two servers from one folder. The lock is the operating system's, so it goes with the
// process.
class FolderLock {
 public:
  // kStoreLocked names the pid that holds it.
  static Result<FolderLock> take(const DataFolder& folder);
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace ferry::store
