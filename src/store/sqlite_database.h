#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct sqlite3_stmt;

namespace ferry::store {

class Database;

// A prepared statement on loan from its connection, ready for the next user once this is gone.
// Texts and blobs are bound without copying: they must stay until the next bind or the end of the
// loan.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  Statement& bind(int parameter, std::int64_t value);
  Statement& bind_text(int parameter, std::string_view value);
  Statement& bind_blob(int parameter, std::string_view value);
  Statement& bind_null(int parameter);

  // True: a row is there to be read. What a column gave is valid until the next step.
  Result<bool> step();
  // For statements without rows: to the end, and ready for the next values.
  Result<void> run();
  // Ready to be stepped from the start, with the same values.
  void rewind();

  std::int64_t integer(int column) const;
  std::string_view bytes(int column) const;
  bool is_null(int column) const;

 private:
  friend class Database;
  Statement(Database* database, sqlite3_stmt* statement)
      : database_(database), statement_(statement) {}

  Database* database_;
  sqlite3_stmt* statement_;
};

// One SQLite connection and its prepared statements: the only place that calls SQLite. Owned by one
// thread at a time. Damage is kStoreCorrupt and names the file, a full disk kDiskFull, the rest
// kStoreIo.
class Database {
 public:
  enum class Access : std::uint8_t {
    kWriter,  // write-ahead log, synchronous=NORMAL, no checkpoints of its own
    kReader,  // query_only
  };

  // Makes the file when a writer does not find it.
  static Result<Database> open(const std::filesystem::path& file, Access access,
                               const std::string& vfs = {});
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  // Several statements without parameters or rows.
  Result<void> execute(const std::string& sql);

  // Compiled at the first use and kept.
  Result<Statement> statement(std::string_view sql);

  // Of the last statement: rows deleted or changed, and whether it put a row that was not there.
  std::int64_t rows_changed() const;
  bool inserted() const;
  void forget_inserted();

  struct Checkpoint {
    int frames = 0;  // of the log when the checkpoint began
    int moved = 0;   // of those, now in the file itself
    bool complete() const { return moved >= frames; }
  };
  // Moves what it can from the log into the file without waiting for anyone, and syncs both.
  Result<Checkpoint> checkpoint();
  // Whether a checkpoint of this connection failed to sync. What it covered may never be on the
  // disk, whatever a later one says: Linux takes the pages for written and still shows them.
  bool sync_failed() const;

  // The last connection that closes moves the log and removes it: not this one.
  void keep_log();

  // Frames in the log after this connection's last commit.
  std::uint64_t log_frames() const;

  // Problems found in the file's structure; empty: sound.
  Result<std::vector<std::string>> quick_check();

  // A consistent copy of the whole file while others write (SQLite's online backup).
  Result<void> copy_to(const std::filesystem::path& file);

  const std::filesystem::path& file() const;

 private:
  friend class Statement;
  friend class Transaction;
  struct State;
  explicit Database(std::unique_ptr<State> state);

  std::unexpected<Error> failure(int code, std::string_view what) const;

  std::unique_ptr<State> state_;
};

// Through the file system that `vfs` names (empty: the operating system's), log included.
Result<bool> database_exists(const std::filesystem::path& file, const std::string& vfs);
Result<void> remove_database(const std::filesystem::path& file, const std::string& vfs);

// Writes the log that an earlier process left once more, byte for byte, before the first connection
// opens. Were it shown only because a sync of it failed, the next sync would succeed without it,
// and a power loss while it is moved would leave a torn file that no log mends.
Result<void> rewrite_log(const std::filesystem::path& file, const std::string& vfs);

// Of a writer: holds the write lock from the start. Of a reader: one moment for all that it reads.
// Rolls back unless committed.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  Result<void> commit();

 private:
  explicit Transaction(Database* database) : database_(database) {}

  Database* database_;
};

}  // namespace ferry::store
