#include "store/sqlite_database.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <unordered_map>
#include <utility>

#include "base/check.h"

namespace ferry::store {
namespace {

constexpr int kBusyTimeoutMs = 2'000;  // an operator's shell may hold a lock; the applier retries

// Negative sizes are KiB. Small caches on purpose: memory belongs to messages.
constexpr const char* kWriterPragmas =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0; "
    "PRAGMA cache_size = -16384; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY;";
constexpr const char* kReaderPragmas =
    "PRAGMA query_only = ON; PRAGMA cache_size = -2048; PRAGMA mmap_size = 0; "
    "PRAGMA temp_store = MEMORY;";

ErrorCode code_of(int code) {
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::kStoreCorrupt;
    case SQLITE_FULL:
      return ErrorCode::kDiskFull;
    default:
      return ErrorCode::kStoreIo;
  }
}

std::unexpected<Error> failure_of(const std::filesystem::path& file, int code,
                                  std::string_view what, const char* why) {
  const ErrorCode ours = code_of(code);
  if (ours == ErrorCode::kStoreCorrupt) {
    return fail(ours, "file " + file.string() +
                          " is damaged: run `ferry check`, restore a backup (" + why + ")");
  }
  return fail(ours, std::string(what) + " " + file.string() + ": " + why);
}

// Transparent, so that looking a statement up by a string_view makes no string.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

struct CloseConnection {
  void operator()(sqlite3* connection) const { sqlite3_close(connection); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

Result<sqlite3_vfs*> find_vfs(const std::string& name) {
  sqlite3_vfs* vfs = sqlite3_vfs_find(name.empty() ? nullptr : name.c_str());
  if (vfs == nullptr) return fail(ErrorCode::kStoreIo, "SQLite has no file system " + name);
  return vfs;
}

// Called by SQLite after each commit into the log.
int note_log(void* log_frames, sqlite3*, const char*, int frames) {
  *static_cast<std::uint64_t*>(log_frames) = static_cast<std::uint64_t>(frames);
  return SQLITE_OK;
}

using StatementPtr = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

}  // namespace

struct Database::State {
  std::filesystem::path file;
  Access access = Access::kWriter;
  std::uint64_t log_frames = 0;
  bool sync_failed = false;
  std::unique_ptr<sqlite3, CloseConnection> connection;
  std::unordered_map<std::string, StatementPtr, TextHash, std::equal_to<>> statements;
};

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open(const std::filesystem::path& file, Access access,
                                const std::string& vfs) {
  auto state = std::make_unique<State>();
  state->file = file;
  state->access = access;
  // A reader opens for writing as well: it may be the one that must recover the log's index.
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
  if (access == Access::kWriter) flags |= SQLITE_OPEN_CREATE;
  sqlite3* connection = nullptr;
  const int code =
      sqlite3_open_v2(file.c_str(), &connection, flags, vfs.empty() ? nullptr : vfs.c_str());
  state->connection.reset(connection);
  if (code != SQLITE_OK) return failure_of(file, code, "opening", sqlite3_errstr(code));
  sqlite3_extended_result_codes(connection, 1);
  sqlite3_busy_timeout(connection, kBusyTimeoutMs);
  Database database(std::move(state));
  RETURN_IF_ERROR(database.execute(access == Access::kWriter ? kWriterPragmas : kReaderPragmas));
  sqlite3_wal_hook(connection, note_log, &database.state_->log_frames);
  return database;
}

std::unexpected<Error> Database::failure(int code, std::string_view what) const {
  return failure_of(state_->file, code, what, sqlite3_errmsg(state_->connection.get()));
}

Result<void> Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(state_->connection.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(code, "running \"" + sql + "\" in");
  return {};
}

Result<Statement> Database::statement(std::string_view sql) {
  auto found = state_->statements.find(sql);
  if (found == state_->statements.end()) {
    sqlite3_stmt* compiled = nullptr;
    const int code =
        sqlite3_prepare_v3(state_->connection.get(), sql.data(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &compiled, nullptr);
    if (code != SQLITE_OK) return failure(code, "preparing \"" + std::string(sql) + "\" in");
    found = state_->statements.emplace(std::string(sql), StatementPtr(compiled)).first;
  }
  return Statement(this, found->second.get());
}

std::int64_t Database::rows_changed() const { return sqlite3_changes64(state_->connection.get()); }

// An upsert that updates leaves the last inserted row as it was.
bool Database::inserted() const { return sqlite3_last_insert_rowid(state_->connection.get()) != 0; }
void Database::forget_inserted() { sqlite3_set_last_insert_rowid(state_->connection.get(), 0); }

std::uint64_t Database::log_frames() const { return state_->log_frames; }

Result<Database::Checkpoint> Database::checkpoint() {
  Checkpoint done;
  const int code = sqlite3_wal_checkpoint_v2(state_->connection.get(), nullptr,
                                             SQLITE_CHECKPOINT_PASSIVE, &done.frames, &done.moved);
  if (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC) state_->sync_failed = true;
  if (code != SQLITE_OK) return failure(code, "checkpointing");
  return done;
}

bool Database::sync_failed() const { return state_->sync_failed; }

void Database::keep_log() {
  sqlite3* const connection = state_->connection.get();
  CHECK(sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr) == SQLITE_OK);
}

Result<std::vector<std::string>> Database::quick_check() {
  std::vector<std::string> problems;
  ASSIGN_OR_RETURN(Statement check, statement("PRAGMA quick_check"));
  while (true) {
    ASSIGN_OR_RETURN(const bool row, check.step());
    if (!row) return problems;
    if (check.bytes(0) != "ok") problems.emplace_back(check.bytes(0));
  }
}

Result<void> Database::copy_to(const std::filesystem::path& file) {
  sqlite3* raw = nullptr;
  const int opened =
      sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  const std::unique_ptr<sqlite3, CloseConnection> target(raw);
  if (opened != SQLITE_OK) return failure_of(file, opened, "making", sqlite3_errstr(opened));
  sqlite3_backup* copy = sqlite3_backup_init(raw, "main", state_->connection.get(), "main");
  if (copy == nullptr)
    return failure_of(file, sqlite3_errcode(raw), "copying to", sqlite3_errmsg(raw));
  const int copied = sqlite3_backup_step(copy, -1);
  const int finished = sqlite3_backup_finish(copy);
  if (copied == SQLITE_DONE) return {};
  const int code = finished != SQLITE_OK ? finished : copied;
  return failure_of(file, code, "copying to", sqlite3_errstr(code));
}

const std::filesystem::path& Database::file() const { return state_->file; }

Result<bool> database_exists(const std::filesystem::path& file, const std::string& vfs) {
  ASSIGN_OR_RETURN(sqlite3_vfs* const files, find_vfs(vfs));
  int exists = 0;
  const int code = files->xAccess(files, file.c_str(), SQLITE_ACCESS_EXISTS, &exists);
  if (code != SQLITE_OK) return failure_of(file, code, "looking for", sqlite3_errstr(code));
  return exists != 0;
}

Result<void> remove_database(const std::filesystem::path& file, const std::string& vfs) {
  ASSIGN_OR_RETURN(sqlite3_vfs* const files, find_vfs(vfs));
  // The log goes first: left behind, it would be read into the next file of that name.
  for (const char* suffix : {"-wal", "-shm", ""}) {
    const std::string path = file.string() + suffix;
    const int code = files->xDelete(files, path.c_str(), /*syncDir=*/1);
    if (code != SQLITE_OK && code != SQLITE_IOERR_DELETE_NOENT) {
      return failure_of(path, code, "removing", sqlite3_errstr(code));
    }
  }
  return {};
}

namespace {

// A file of a file system that SQLite uses, past SQLite.
class RawFile {
 public:
  explicit RawFile(const std::filesystem::path& path)
      : name_(sqlite3_create_filename(path.c_str(), "", "", 0, nullptr)) {}
  RawFile(const RawFile&) = delete;
  RawFile& operator=(const RawFile&) = delete;
  ~RawFile() {
    if (file()->pMethods != nullptr) file()->pMethods->xClose(file());
    sqlite3_free_filename(name_);
  }

  int open(sqlite3_vfs* files, int flags) {
    memory_ = std::make_unique<std::max_align_t[]>(
        static_cast<std::size_t>(files->szOsFile) / sizeof(std::max_align_t) + 1);
    return files->xOpen(files, name_, file(), flags, nullptr);
  }

  int rewrite() {
    constexpr int kBytesAtOnce = 64 << 10;  // the largest page: SQLite's own takes 128 KB at most
    std::vector<char> bytes(kBytesAtOnce);
    sqlite3_int64 size = 0;
    int code = file()->pMethods->xFileSize(file(), &size);
    for (sqlite3_int64 at = 0; at < size && code == SQLITE_OK;) {
      const int count = static_cast<int>(std::min<sqlite3_int64>(size - at, kBytesAtOnce));
      code = file()->pMethods->xRead(file(), bytes.data(), count, at);
      if (code == SQLITE_OK) code = file()->pMethods->xWrite(file(), bytes.data(), count, at);
      at += count;
    }
    return code;
  }

 private:
  sqlite3_file* file() { return reinterpret_cast<sqlite3_file*>(memory_.get()); }

  const sqlite3_filename name_;
  std::unique_ptr<std::max_align_t[]> memory_ = std::make_unique<std::max_align_t[]>(1);
};

}  // namespace

Result<void> rewrite_log(const std::filesystem::path& file, const std::string& vfs) {
  const std::filesystem::path path = file.string() + "-wal";
  ASSIGN_OR_RETURN(const bool exists, database_exists(path, vfs));
  if (!exists) return {};
  ASSIGN_OR_RETURN(sqlite3_vfs* const files, find_vfs(vfs));
  RawFile log(path);
  int code = log.open(files, SQLITE_OPEN_READWRITE | SQLITE_OPEN_WAL);
  if (code == SQLITE_OK) code = log.rewrite();
  if (code != SQLITE_OK) return failure_of(path, code, "rewriting", sqlite3_errstr(code));
  return {};
}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_), statement_(std::exchange(other.statement_, nullptr)) {}

Statement::~Statement() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Statement& Statement::bind(int parameter, std::int64_t value) {
  CHECK(sqlite3_bind_int64(statement_, parameter, value) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind_text(int parameter, std::string_view value) {
  CHECK(sqlite3_bind_text64(statement_, parameter, value.data() == nullptr ? "" : value.data(),
                            value.size(), SQLITE_STATIC, SQLITE_UTF8) == SQLITE_OK);
  return *this;
}

// An empty blob is not NULL, so it needs an address.
Statement& Statement::bind_blob(int parameter, std::string_view value) {
  CHECK(sqlite3_bind_blob64(statement_, parameter, value.data() == nullptr ? "" : value.data(),
                            value.size(), SQLITE_STATIC) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind_null(int parameter) {
  CHECK(sqlite3_bind_null(statement_, parameter) == SQLITE_OK);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  auto error = database_->failure(code, "using");
  sqlite3_reset(statement_);
  return error;
}

Result<void> Statement::run() {
  ASSIGN_OR_RETURN(bool row, step());
  while (row) {
    ASSIGN_OR_RETURN(row, step());
  }
  rewind();
  return {};
}

void Statement::rewind() { sqlite3_reset(statement_); }

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string_view Statement::bytes(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return {data == nullptr ? "" : data,
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

Result<Transaction> Transaction::begin(Database& database) {
  const bool writes = database.state_->access == Database::Access::kWriter;
  ASSIGN_OR_RETURN(Statement begin, database.statement(writes ? "BEGIN IMMEDIATE" : "BEGIN"));
  RETURN_IF_ERROR(begin.run());
  return Transaction(&database);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

// A rollback that fails leaves a connection that fails every later statement, which then says why.
Transaction::~Transaction() {
  if (database_ != nullptr) (void)database_->execute("ROLLBACK");
}

Result<void> Transaction::commit() {
  CHECK(database_ != nullptr);
  ASSIGN_OR_RETURN(Statement commit, database_->statement("COMMIT"));
  RETURN_IF_ERROR(commit.run());
  database_ = nullptr;
  return {};
}

}  // namespace ferry::store
