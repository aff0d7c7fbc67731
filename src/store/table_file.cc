#include "store/table_file.h"

#include <limits>

#include "base/check.h"
#include "base/random.h"
#include "store/data_folder.h"
#include "store/meta_rows.h"
#include "store/migrations.h"
#include "store/statements.h"

namespace ferry::store {
namespace {

constexpr std::size_t kIdleReadersMax = 4;
constexpr std::size_t kIdSecretBytes = 32;
constexpr std::uint64_t kPageBytes = 4096;
constexpr std::uint64_t kLogBytesMax = 128u << 20;

Result<void> make_tables(Database& database, FileKind kind, const TableFileOptions& options) {
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::begin(database));
  RETURN_IF_ERROR(database.execute(create_tables_sql(kind)));
  RETURN_IF_ERROR(write_meta(database, meta::kSchemaVersionKey, kSchemaVersion));
  RETURN_IF_ERROR(write_meta(database, meta::kStoreId, options.store_id));
  RETURN_IF_ERROR(write_meta(database, meta::kAppliedPosition,
                             static_cast<std::int64_t>(options.applied_if_made)));
  if (kind == FileKind::kState) {
    RETURN_IF_ERROR(write_meta(database, meta::kIdSecret, secure_random_bytes(kIdSecretBytes)));
    for (const std::string_view key :
         {meta::kLastId, meta::kDeliveries, meta::kDeadLetters, meta::kHistoryFirstDay}) {
      RETURN_IF_ERROR(write_meta(database, key, std::int64_t{0}));
    }
  }
  if (kind == FileKind::kHistory) {
    RETURN_IF_ERROR(write_meta(database, meta::kEntrySpanMax, std::int64_t{0}));
  }
  return transaction.commit();
}

Result<void> check_owner(Database& database, std::string_view store_id) {
  ASSIGN_OR_RETURN(const std::string found, read_meta_text(database, meta::kStoreId));
  if (found == store_id) return {};
  return fail(ErrorCode::kStoreCorrupt, "file " + database.file().string() + " is of store " +
                                            found + ", not of " + std::string(store_id) +
                                            ": the folder is mixed, restore a whole backup");
}

}  // namespace

Result<bool> has_table(Database& database, std::string_view name) {
  ASSIGN_OR_RETURN(Statement tables,
                   database.statement("SELECT 1 FROM sqlite_schema WHERE name = ?1"));
  return tables.bind_text(1, name).step();
}

std::unexpected<Error> not_synced(const std::filesystem::path& file) {
  return fail(ErrorCode::kStoreIo,
              "file " + file.string() + " could not be synced: another program is reading it");
}

Reader::Reader(Reader&& other) noexcept
    : pool_(other.pool_), database_(std::exchange(other.database_, std::nullopt)) {}

Reader::~Reader() {
  if (database_) pool_->give_back(std::move(*database_));
}

Result<Reader> ReaderPool::borrow() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      Reader reader(this, std::move(idle_.back()));
      idle_.pop_back();
      return reader;
    }
  }
  ASSIGN_OR_RETURN(Database database, Database::open(file_, Database::Access::kReader, vfs_));
  return Reader(this, std::move(database));
}

void ReaderPool::give_back(Database database) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kIdleReadersMax) idle_.push_back(std::move(database));
}

Result<std::optional<std::string>> store_id_of(const std::filesystem::path& file,
                                               const std::string& vfs) {
  ASSIGN_OR_RETURN(const bool exists, database_exists(file, vfs));
  if (!exists) return std::nullopt;
  RETURN_IF_ERROR(rewrite_log(file, vfs));
  ASSIGN_OR_RETURN(Database database, Database::open(file, Database::Access::kReader, vfs));
  ASSIGN_OR_RETURN(const bool made, has_table(database, "meta"));
  if (!made) return std::nullopt;
  return read_meta_text(database, meta::kStoreId);
}

Result<std::unique_ptr<TableFile>> TableFile::open(std::filesystem::path file, FileKind kind,
                                                   const TableFileOptions& options) {
  if (options.vfs.empty()) RETURN_IF_ERROR(make_file(file));
  RETURN_IF_ERROR(rewrite_log(file, options.vfs));
  ASSIGN_OR_RETURN(Database writer, Database::open(file, Database::Access::kWriter, options.vfs));
  ASSIGN_OR_RETURN(const bool made, has_table(writer, "meta"));
  if (!made) RETURN_IF_ERROR(make_tables(writer, kind, options));
  RETURN_IF_ERROR(check_owner(writer, options.store_id));
  RETURN_IF_ERROR(migrate(writer, kind, kSchemaVersion, migrations()));
  ASSIGN_OR_RETURN(const std::int64_t applied, read_meta_integer(writer, meta::kAppliedPosition));
  ASSIGN_OR_RETURN(Database checkpointer,
                   Database::open(file, Database::Access::kWriter, options.vfs));
  std::unique_ptr<TableFile> opened(
      new TableFile(std::move(file), std::move(writer), std::move(checkpointer), options));
  opened->applied_ = static_cast<Position>(applied);
  ASSIGN_OR_RETURN(const bool synced, opened->checkpoint());
  // Before anything refers to it: the journal carries the store's id in every segment, and a file
  // that lost its own to a power failure could never be opened beside it again.
  if (!made && !synced) return not_synced(opened->path());
  return opened;
}

TableFile::TableFile(std::filesystem::path path, Database writer, Database checkpointer,
                     const TableFileOptions& options)
    : path_(std::move(path)),
      sync_failure_(options.sync_failure),
      writer_(std::move(writer)),
      readers_(path_, options.vfs),
      checkpointer_(std::move(checkpointer)) {}

// The writer is the last connection to close.
TableFile::~TableFile() {
  if (sync_failure_->happened()) writer_.keep_log();
}

Result<void> TableFile::write_applied(Position position) {
  return write_meta(writer_, meta::kAppliedPosition, static_cast<std::int64_t>(position));
}

void TableFile::note_applied(Position first, Position last) {
  CHECK(first > applied());
  const std::lock_guard lock(sync_mutex_);
  if (!unsynced_) synced_ = first - 1;
  unsynced_ = true;
  applied_.store(last, std::memory_order_release);
  log_bytes_ = writer_.log_frames() * kPageBytes;
}

Result<void> TableFile::bound_log() {
  if (log_bytes() > kLogBytesMax) RETURN_IF_ERROR(checkpoint());
  return {};
}

Position TableFile::synced() const {
  const std::lock_guard lock(sync_mutex_);
  return unsynced_ ? synced_ : std::numeric_limits<Position>::max();
}

bool TableFile::is_synced() const { return synced() == std::numeric_limits<Position>::max(); }

Result<bool> TableFile::checkpoint() {
  const std::lock_guard one_at_a_time(checkpoint_mutex_);
  RETURN_IF_ERROR(sync_failure_->check());
  const Position began_at = applied();
  const Result<Database::Checkpoint> done = checkpointer_.checkpoint();
  if (!done && checkpointer_.sync_failed()) sync_failure_->note(done.error());
  if (!done) return std::unexpected(done.error());
  // Moved as a whole, the log is written from its start again.
  if (done->complete()) log_bytes_ = 0;
  // Whatever a reader held back is not in the file, and the log it is in may not be synced.
  if (!done->complete()) return false;
  const std::lock_guard lock(sync_mutex_);
  synced_ = std::max(synced_, began_at);
  if (applied() == began_at) unsynced_ = false;
  return true;
}

}  // namespace ferry::store
