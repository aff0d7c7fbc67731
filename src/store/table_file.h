#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "store/schema.h"
#include "store/sqlite_database.h"
#include "store/store.h"
#include "store/sync_failure.h"

namespace ferry::store {

// What is the same for every file of one store.
struct TableFileOptions {
  std::string vfs;  // of SQLite; empty: the operating system's
  std::string store_id;
  std::shared_ptr<SyncFailure> sync_failure;
  Position applied_if_made = 0;  // a file made now has nothing of what came before it to wait for
};

// Whether the file has this table. One that was made and never filled has not even `meta`.
Result<bool> has_table(Database& database, std::string_view name);

// Of a file that may be there; nothing when there is none, or none of its tables.
Result<std::optional<std::string>> store_id_of(const std::filesystem::path& file,
                                               const std::string& vfs);

// kStoreIo: of a file that nothing may refer to before it is synced.
std::unexpected<Error> not_synced(const std::filesystem::path& file);

// A connection on loan from a pool, for reading.
class ReaderPool;
class Reader {
 public:
  Reader(ReaderPool* pool, Database database) : pool_(pool), database_(std::move(database)) {}
  Reader(Reader&& other) noexcept;
  Reader& operator=(Reader&&) = delete;
  ~Reader();

  Database& operator*() { return *database_; }
  Database* operator->() { return &*database_; }

 private:
  ReaderPool* pool_;
  std::optional<Database> database_;
};

// Connections of one file that only read. Any thread borrows; few are kept for the next.
class ReaderPool {
 public:
  ReaderPool(std::filesystem::path file, std::string vfs)
      : file_(std::move(file)), vfs_(std::move(vfs)) {}

  Result<Reader> borrow();

 private:
  friend class Reader;
  void give_back(Database database);

  const std::filesystem::path file_;
  const std::string vfs_;
  std::mutex mutex_;
  std::vector<Database> idle_;
};

// One SQLite file of the store: its only writing connection, its readers, and how far it has come.
// What it has is `applied` (in the file itself, in the transaction that wrote it); what a power
// failure leaves of it is `synced`. The writer belongs to whoever applies; everything else may be
// called by any thread.
class TableFile {
 public:
  // Makes the file when it is not there, else checks that it is this store's and brings its schema
  // to the newest version. What the log holds is synced, unless a reader holds it back: a killed
  // process leaves what only the page cache may have. kStoreCorrupt, kStoreTooNew.
  static Result<std::unique_ptr<TableFile>> open(std::filesystem::path file, FileKind kind,
                                                 const TableFileOptions& options);
  // After a sync that failed the log stays, for the next start to read.
  ~TableFile();

  Database& writer() { return writer_; }
  Result<Reader> reader() { return readers_.borrow(); }
  const std::filesystem::path& path() const { return path_; }

  Position applied() const { return applied_.load(std::memory_order_acquire); }

  // Inside the transaction that applies up to `position`.
  Result<void> write_applied(Position position);
  // After its commit; `first` is where the run began.
  void note_applied(Position first, Position last);

  // All that was applied up to here survives a power failure. Without unsynced changes there is
  // nothing to lose: the largest position there is.
  Position synced() const;
  bool is_synced() const;

  // Moves the log into the file and syncs, while writers and readers go on. True: all that was
  // applied when it began is synced. kStoreIo from the first sync that fails on, in every file.
  Result<bool> checkpoint();

  // What the log holds, in the writer's last commit or the last checkpoint.
  std::uint64_t log_bytes() const { return log_bytes_.load(std::memory_order_relaxed); }
  // Before a transaction: moves a log that checkpoints beside the writer never came to the end of.
  Result<void> bound_log();

 private:
  TableFile(std::filesystem::path path, Database writer, Database checkpointer,
            const TableFileOptions& options);

  const std::filesystem::path path_;
  const std::shared_ptr<SyncFailure> sync_failure_;
  Database writer_;
  ReaderPool readers_;
  std::atomic<Position> applied_{0};
  std::atomic<std::uint64_t> log_bytes_{0};

  std::mutex checkpoint_mutex_;
  Database checkpointer_;

  mutable std::mutex sync_mutex_;
  // Nothing is known of a file that was just opened: a log may be left from before.
  bool unsynced_ = true;
  Position synced_ = 0;
};

}  // namespace ferry::store
