#include "store/state_tables.h"

#include <algorithm>
#include <bit>
#include <set>
#include <unordered_set>

#include "domain/limits.h"
#include "store/body_rows.h"
#include "store/history_rows.h"
#include "store/meta_rows.h"
#include "store/records.h"
#include "store/resource_rows.h"
#include "store/statements.h"

namespace ferry::store {
namespace {

std::int64_t stored(LaneId lane) { return std::bit_cast<std::int64_t>(lane); }

// The rows in the order of their keys, which is the order of the table's pages.
template <class Rows>
auto sorted(const Rows& rows) {
  std::vector<const typename Rows::value_type*> out;
  out.reserve(rows.size());
  for (const auto& row : rows) out.push_back(&row);
  std::ranges::sort(out, {}, [](const auto* row) -> const auto& { return row->first; });
  return out;
}

// Writes one run into the tables, inside the caller's transaction; counts rows that come and go.
class RunWriter {
 public:
  RunWriter(Database& database, const CommitRun& run) : database_(database), run_(run) {}

  Result<void> write() {
    RETURN_IF_ERROR(write_deliveries());
    RETURN_IF_ERROR(write_letters());
    RETURN_IF_ERROR(write_messages());
    RETURN_IF_ERROR(write_dedup());
    RETURN_IF_ERROR(write_tenants());
    RETURN_IF_ERROR(write_settings());
    RETURN_IF_ERROR(write_resources(database_, run_));
    return write_sequences(database_, run_);
  }

  std::int64_t deliveries_added() const { return deliveries_added_; }
  std::int64_t letters_added() const { return letters_added_; }

 private:
  Result<void> write_messages();
  Result<void> put_message(Statement& put, const Message& message);
  Result<void> put_large_message(Statement& put, Message message);
  Result<void> write_deliveries();
  Result<void> write_letters();
  Result<void> prune_letters();
  Result<void> write_letter_keys(const DeadLetter& letter);
  Result<void> write_letter_body(const DeadLetter& letter);
  Result<void> write_dedup();
  Result<void> write_tenants();
  Result<void> write_settings();

  // Runs a put; 1 when the row was not there, else 0.
  Result<std::int64_t> put_counted(Statement& put) {
    database_.forget_inserted();
    RETURN_IF_ERROR(put.run());
    return database_.inserted() ? 1 : 0;
  }
  Result<std::int64_t> drop_counted(Statement& drop) {
    RETURN_IF_ERROR(drop.run());
    return database_.rows_changed();
  }

  Database& database_;
  const CommitRun& run_;
  std::int64_t deliveries_added_ = 0, letters_added_ = 0;
  std::string record_, labels_;
};

// The messages of the deliveries that the run leaves behind.
std::unordered_set<MessageId> messages_in_use(const CommitRun& run) {
  std::unordered_set<MessageId> ids;
  for (const auto& [id, delivery] : run.deliveries()) {
    if (delivery) ids.insert(delivery->message_id);
  }
  return ids;
}

// After the deliveries, as a message that is released stays for those that refer to it, and after
// the dead letters, which take its body over. All of a message that is new in this run are in this
// run, and mostly gone with it.
Result<void> RunWriter::write_messages() {
  ASSIGN_OR_RETURN(Statement put, database_.statement(put_state_row_sql("messages")));
  ASSIGN_OR_RETURN(Statement drop, database_.statement(delete_state_row_sql("messages")));
  ASSIGN_OR_RETURN(Statement release, database_.statement(sql::kReleaseMessage));
  ASSIGN_OR_RETURN(const bool bodies, has_bodies(database_, BodyOwner::kMessage));
  const std::unordered_set<MessageId> in_use = messages_in_use(run_);
  for (const auto* row : sorted(run_.messages())) {
    const auto& [id, change] = *row;
    const bool is_new = run_.is_new(id.value);
    const bool released = change.released && !in_use.contains(id);
    if (is_new && (change.dropped || released)) continue;
    if (change.dropped) {
      RETURN_IF_ERROR(drop.bind(1, id.value).run());
      if (bodies) RETURN_IF_ERROR(drop_body(database_, BodyOwner::kMessage, id.value));
      continue;
    }
    if (change.put != nullptr) {
      const bool large = change.put->body.size() > limits::kBodyHeldMax;
      RETURN_IF_ERROR(large ? put_large_message(put, *change.put) : put_message(put, *change.put));
    }
    if (!released) continue;
    RETURN_IF_ERROR(release.bind(1, id.value).run());
    if (bodies) RETURN_IF_ERROR(drop_body_without_message(database_, id));
  }
  return {};
}

// The body goes into rows of its own, also that of a message that an older version put into the
// journal.
Result<void> RunWriter::put_large_message(Statement& put, Message message) {
  note_large_body(message);
  RETURN_IF_ERROR(
      write_body(database_, BodyOwner::kMessage, message.id.value, message.body.view()));
  message.body = {};
  return put_message(put, message);
}

Result<void> RunWriter::put_message(Statement& put, const Message& message) {
  record_.clear();
  labels_.clear();
  encode_message(message, record_);
  encode_labels(message.labels, labels_);
  put.bind(1, message.id.value).bind(2, message.tenant.value);
  put.bind(3, to_unix_ms(message.created_at));
  put.bind(4, static_cast<std::int64_t>(body_bytes(message)));
  labels_.empty() ? put.bind_null(5) : put.bind_blob(5, labels_);
  message.flow_control ? put.bind_text(6, message.flow_control->key) : put.bind_null(6);
  return put.bind_blob(7, record_).run();
}

Result<void> RunWriter::write_deliveries() {
  ASSIGN_OR_RETURN(Statement put, database_.statement(put_state_row_sql("deliveries")));
  ASSIGN_OR_RETURN(Statement drop, database_.statement(delete_state_row_sql("deliveries")));
  for (const auto* row : sorted(run_.deliveries())) {
    const auto& [id, delivery] = *row;
    if (!delivery) {
      if (run_.is_new(id.value)) continue;
      ASSIGN_OR_RETURN(const std::int64_t dropped, drop_counted(drop.bind(1, id.value)));
      deliveries_added_ -= dropped;
      continue;
    }
    record_.clear();
    encode_delivery(*delivery, record_);
    const std::string& queue = delivery->to->queue_name;
    put.bind(1, id.value).bind(2, delivery->message_id.value).bind(3, delivery->tenant.value);
    put.bind(4, stored(delivery->lane)).bind(5, to_unix_ms(delivery->due_at));
    put.bind(6, stored(delivery->sequence)).bind(7, delivery->slot.value);
    queue.empty() ? put.bind_null(8) : put.bind_text(8, queue);
    ASSIGN_OR_RETURN(const std::int64_t added, put_counted(put.bind_blob(9, record_)));
    deliveries_added_ += added;
  }
  return {};
}

Result<void> RunWriter::prune_letters() {
  const std::int64_t first_kept = first_id_at(*run_.letters_pruned());
  ASSIGN_OR_RETURN(Statement prune, database_.statement(sql::kPruneDeadLetters));
  ASSIGN_OR_RETURN(const std::int64_t pruned, drop_counted(prune.bind(1, first_kept)));
  letters_added_ -= pruned;
  ASSIGN_OR_RETURN(Statement keys, database_.statement(sql::kPruneLetterKeys));
  RETURN_IF_ERROR(keys.bind(1, first_kept).run());
  ASSIGN_OR_RETURN(Statement bodies, database_.statement(sql::kPruneLetterBodies));
  return bodies.bind(1, first_kept).run();
}

Result<void> RunWriter::write_letters() {
  if (run_.letters_pruned()) RETURN_IF_ERROR(prune_letters());
  ASSIGN_OR_RETURN(Statement put, database_.statement(put_state_row_sql("dead_letters")));
  ASSIGN_OR_RETURN(Statement drop, database_.statement(delete_state_row_sql("dead_letters")));
  ASSIGN_OR_RETURN(Statement drop_keys, database_.statement(sql::kDropLetterKeys));
  ASSIGN_OR_RETURN(const bool bodies, has_bodies(database_, BodyOwner::kLetter));
  for (const auto* row : sorted(run_.letters())) {
    const auto& [id, change] = *row;
    if (!run_.is_new(id.value)) RETURN_IF_ERROR(drop_keys.bind(1, id.value).run());
    if (change.dropped) {
      if (run_.is_new(id.value)) continue;
      ASSIGN_OR_RETURN(const std::int64_t dropped, drop_counted(drop.bind(1, id.value)));
      letters_added_ -= dropped;
      if (bodies) RETURN_IF_ERROR(drop_body(database_, BodyOwner::kLetter, id.value));
      continue;
    }
    const DeadLetter& letter = *change.put;
    record_.clear();
    encode_dead_letter(letter, record_);
    put.bind(1, id.value).bind(2, letter.delivery.tenant.value).bind(3, letter.delivery.id.value);
    ASSIGN_OR_RETURN(const std::int64_t added, put_counted(put.bind_blob(4, record_)));
    letters_added_ += added;
    RETURN_IF_ERROR(write_letter_keys(letter));
    RETURN_IF_ERROR(write_letter_body(letter));
  }
  return {};
}

// The body of a message that came and gave up within this run is in no table.
Result<void> RunWriter::write_letter_body(const DeadLetter& letter) {
  const MessageId from = letter.message->id;
  if (!is_body_stored(*letter.message)) return {};
  const auto row = run_.messages().find(from);
  if (row == run_.messages().end() || row->second.put == nullptr) {
    return copy_body_to_letter(database_, from, letter.id);
  }
  return write_body(database_, BodyOwner::kLetter, letter.id.value, row->second.put->body.view());
}

// A label given twice is one row.
Result<void> RunWriter::write_letter_keys(const DeadLetter& letter) {
  std::set<std::pair<EntryKey, std::int64_t>> keys;
  for_each_key(letter.delivery, keys_of(*letter.message),
               [&](EntryKey kind, std::int64_t hash) { keys.emplace(kind, hash); });
  ASSIGN_OR_RETURN(Statement insert, database_.statement(put_state_row_sql("letter_keys")));
  for (const auto& [kind, hash] : keys) {
    insert.bind(1, static_cast<std::int64_t>(kind)).bind(2, hash);
    RETURN_IF_ERROR(insert.bind(3, letter.id.value).run());
  }
  return {};
}

Result<void> RunWriter::write_dedup() {
  if (run_.dedup_pruned()) {
    ASSIGN_OR_RETURN(Statement prune, database_.statement(sql::kPruneDedup));
    RETURN_IF_ERROR(prune.bind(1, to_unix_ms(*run_.dedup_pruned())).run());
  }
  ASSIGN_OR_RETURN(Statement put, database_.statement(put_state_row_sql("dedup")));
  ASSIGN_OR_RETURN(Statement drop, database_.statement(delete_state_row_sql("dedup")));
  for (const auto* row : sorted(run_.dedup())) {
    const auto& [place, record] = *row;
    const std::string_view digest = as_text(place.key.digest);
    if (!record) {
      RETURN_IF_ERROR(drop.bind(1, place.tenant.value).bind_blob(2, digest).run());
      continue;
    }
    record_.clear();
    encode_dedup(*record, record_);
    put.bind(1, place.tenant.value).bind_blob(2, digest).bind(3, to_unix_ms(record->expires_at));
    RETURN_IF_ERROR(put.bind_blob(4, record_).run());
  }
  return {};
}

Result<void> RunWriter::write_tenants() {
  for (const auto& [id, tenant] : run_.tenants()) {
    if (tenant == nullptr) {
      ASSIGN_OR_RETURN(Statement drop, database_.statement(delete_state_row_sql("tenants")));
      RETURN_IF_ERROR(drop.bind(1, id.value).run());
      continue;
    }
    record_.clear();
    encode_tenant(*tenant, record_);
    ASSIGN_OR_RETURN(Statement put, database_.statement(put_state_row_sql("tenants")));
    RETURN_IF_ERROR(put.bind(1, id.value).bind_text(2, tenant->name).bind_blob(3, record_).run());
  }
  return {};
}

Result<void> RunWriter::write_settings() {
  for (const auto& [key, value] : run_.settings()) {
    ASSIGN_OR_RETURN(Statement change,
                     database_.statement(value.empty() ? delete_state_row_sql("settings")
                                                       : put_state_row_sql("settings")));
    change.bind_text(1, key);
    if (!value.empty()) change.bind_blob(2, value);
    RETURN_IF_ERROR(change.run());
  }
  return {};
}

Result<void> write_history_positions(Database& database, const std::vector<std::int64_t>& days,
                                     Position position) {
  ASSIGN_OR_RETURN(Statement put, database.statement(put_state_row_sql("history_files")));
  for (const std::int64_t day : days) {
    RETURN_IF_ERROR(put.bind(1, day).bind(2, static_cast<std::int64_t>(position)).run());
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<StateTables>> StateTables::open(const std::filesystem::path& file,
                                                       const TableFileOptions& options) {
  ASSIGN_OR_RETURN(std::unique_ptr<TableFile> opened,
                   TableFile::open(file, FileKind::kState, options));
  Database& database = opened->writer();
  std::unique_ptr<StateTables> tables(new StateTables(std::move(opened)));
  ASSIGN_OR_RETURN(tables->deliveries_, read_meta_integer(database, meta::kDeliveries));
  ASSIGN_OR_RETURN(tables->dead_letters_, read_meta_integer(database, meta::kDeadLetters));
  ASSIGN_OR_RETURN(tables->history_first_day_, read_meta_integer(database, meta::kHistoryFirstDay));
  return tables;
}

Result<void> StateTables::apply(const CommitRun& run, const std::vector<std::int64_t>& days) {
  if (run.last() <= file_->applied()) return {};
  Database& database = file_->writer();
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::begin(database));
  RunWriter writer(database, run);
  RETURN_IF_ERROR(writer.write());
  RETURN_IF_ERROR(write_history_positions(database, days, run.last()));
  const std::int64_t deliveries = deliveries_ + writer.deliveries_added();
  const std::int64_t dead_letters = dead_letters_ + writer.letters_added();
  RETURN_IF_ERROR(write_meta(database, meta::kDeliveries, deliveries));
  RETURN_IF_ERROR(write_meta(database, meta::kDeadLetters, dead_letters));
  RETURN_IF_ERROR(write_meta(database, meta::kLastId, run.last_id()));
  RETURN_IF_ERROR(file_->write_applied(run.last()));
  RETURN_IF_ERROR(transaction.commit());
  deliveries_ = deliveries;
  dead_letters_ = dead_letters;
  file_->note_applied(run.first(), run.last());
  return {};
}

Result<void> StateTables::forget_history(std::int64_t first_day) {
  if (first_day <= history_first_day_) return {};
  Database& database = file_->writer();
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::begin(database));
  RETURN_IF_ERROR(write_meta(database, meta::kHistoryFirstDay, first_day));
  ASSIGN_OR_RETURN(Statement forget, database.statement(sql::kForgetHistoryFiles));
  RETURN_IF_ERROR(forget.bind(1, first_day).run());
  RETURN_IF_ERROR(transaction.commit());
  history_first_day_ = first_day;
  return {};
}

}  // namespace ferry::store
