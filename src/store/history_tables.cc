#include "store/history_tables.h"

#include <algorithm>

#include "base/check.h"
#include "store/meta_rows.h"
#include "store/records.h"
#include "store/statements.h"

namespace ferry::store {
namespace {

const Table& table(std::string_view name) { return table_of(FileKind::kHistory, name); }

// The row as it is filed: whole, or without its body.
void encode_filed(const FiledMessage& filed, std::string& out) {
  if (filed.with_body || filed.message->body.empty()) return encode_message(*filed.message, out);
  Message bare = *filed.message;
  bare.body = {};
  encode_message(bare, out);
}

void encode_row(const EntryRow& row, std::string& out) {
  const Entry& whole = row.merged->entry;
  if (row.count == whole.events.size()) return encode_entry(whole, out);
  const std::span<const Event> events = row.events();
  encode_entry(Entry{whole.delivery, {events.begin(), events.end()}}, out);
}

void encode_row_parts(const EntryRow& row, std::string& out) {
  const Entry& whole = row.merged->entry;
  if (row.count == whole.events.size()) {
    encode_parts(row.merged->parts, whole.delivery, out);
  } else {
    encode_parts(row.parts(), whole.delivery, out);
  }
}

}  // namespace

// A row of `entry_keys`, in the order of its key.
struct HistoryTables::KeyRow {
  EntryKey kind;
  std::int64_t hash, time, seq;
  friend auto operator<=>(const KeyRow&, const KeyRow&) = default;
};

Result<std::shared_ptr<HistoryTables>> HistoryTables::open(const std::filesystem::path& file,
                                                           const TableFileOptions& options) {
  ASSIGN_OR_RETURN(std::unique_ptr<TableFile> opened,
                   TableFile::open(file, FileKind::kHistory, options));
  std::shared_ptr<HistoryTables> tables(new HistoryTables(std::move(opened)));
  ASSIGN_OR_RETURN(Statement last, tables->file_->writer().statement(sql::kLastSeq));
  ASSIGN_OR_RETURN(const bool row, last.step());
  CHECK(row);
  tables->next_seq_ = last.integer(0) + 1;
  ASSIGN_OR_RETURN(tables->entry_span_max_,
                   read_meta_integer(tables->file_->writer(), meta::kEntrySpanMax));
  return tables;
}

Result<void> HistoryTables::apply(const CommitRun& run, const DayRows& rows, const KeysOf& keys_of,
                                  const WholeOf& whole_of) {
  if (run.last() <= file_->applied()) return {};
  const std::int64_t first_seq = next_seq_, span_max = entry_span_max_;
  const auto write = [&]() -> Result<void> {
    ASSIGN_OR_RETURN(Transaction transaction, Transaction::begin(file_->writer()));
    RETURN_IF_ERROR(write_messages(rows.messages, whole_of));
    RETURN_IF_ERROR(write_entries(rows.entries, keys_of));
    if (entry_span_max_ > span_max) {
      RETURN_IF_ERROR(write_meta(file_->writer(), meta::kEntrySpanMax, entry_span_max_));
    }
    RETURN_IF_ERROR(file_->write_applied(run.last()));
    return transaction.commit();
  };
  if (Result<void> written = write(); !written) {
    next_seq_ = first_seq;
    entry_span_max_ = span_max;
    return written;
  }
  file_->note_applied(run.first(), run.last());
  return {};
}

Result<void> HistoryTables::write_messages(const std::vector<FiledMessage>& messages,
                                           const WholeOf& whole_of) {
  static const std::string kPut = put_row_sql(table("messages"));
  ASSIGN_OR_RETURN(Statement put, file_->writer().statement(kPut));
  std::string labels, record;
  for (const FiledMessage& filed : messages) {
    labels.clear();
    record.clear();
    encode_labels(filed.message->labels, labels);
    if (filed.with_body && is_body_stored(*filed.message)) {
      ASSIGN_OR_RETURN(const MessagePtr whole, whole_of(filed));
      encode_message(*whole, record);
    } else {
      encode_filed(filed, record);
    }
    put.bind(1, filed.message->id.value).bind(2, filed.message->tenant.value);
    labels.empty() ? put.bind_null(3) : put.bind_blob(3, labels);
    RETURN_IF_ERROR(put.bind_blob(4, record).run());
  }
  return {};
}

Result<void> HistoryTables::write_entries(const std::vector<EntryRow>& entries,
                                          const KeysOf& keys_of) {
  static const std::string kInsert = insert_row_sql(table("entries"));
  ASSIGN_OR_RETURN(Statement insert, file_->writer().statement(kInsert));
  std::vector<KeyRow> keys;
  std::string parts, record;
  for (const EntryRow& row : entries) {
    parts.clear();
    record.clear();
    encode_row_parts(row, parts);
    encode_row(row, record);
    const std::span<const Event> events = row.events();
    const auto [first, last] = std::ranges::minmax_element(events, {}, &Event::time);
    std::uint32_t states = 0;
    for (const Event& event : events) states |= state_bit(event.state);
    entry_span_max_ = std::max(entry_span_max_, (last->time - first->time).count());
    const Delivery& delivery = row.merged->entry.delivery;
    const std::int64_t seq = next_seq_++, time = to_unix_ms(last->time);
    insert.bind(1, seq).bind(2, delivery.tenant.value).bind(3, delivery.id.value);
    insert.bind(4, delivery.message_id.value).bind(5, to_unix_ms(first->time)).bind(6, time);
    insert.bind(7, states).bind_blob(8, parts).bind_blob(9, record);
    RETURN_IF_ERROR(insert.run());

    ASSIGN_OR_RETURN(const MessageKeys message_keys, keys_of(delivery.message_id));
    for_each_key(delivery, message_keys, [&](EntryKey kind, std::int64_t hash) {
      keys.push_back({kind, hash, time, seq});
    });
  }
  return write_keys(keys);
}

// In the order of the key: neighbours share a page, and a label given twice is one row.
Result<void> HistoryTables::write_keys(std::vector<KeyRow>& keys) {
  static const std::string kInsert = insert_row_sql(table("entry_keys"));
  ASSIGN_OR_RETURN(Statement insert, file_->writer().statement(kInsert));
  std::ranges::sort(keys);
  const auto repeated = std::ranges::unique(keys);
  keys.erase(repeated.begin(), repeated.end());
  for (const KeyRow& key : keys) {
    insert.bind(1, static_cast<std::int64_t>(key.kind)).bind(2, key.hash);
    RETURN_IF_ERROR(insert.bind(3, key.time).bind(4, key.seq).run());
  }
  return {};
}

Result<MessagePtr> read_filed_message(Database& reader, MessageId id) {
  ASSIGN_OR_RETURN(Statement select, reader.statement(sql::kMessage));
  ASSIGN_OR_RETURN(const bool found, select.bind(1, id.value).step());
  if (!found) return nullptr;
  ASSIGN_OR_RETURN(Message message, decode_message(select.bytes(0)));
  return std::make_shared<const Message>(std::move(message));
}

Result<MergedEntry> decode_merged_entry(std::string_view parts, std::string_view record) {
  MergedEntry merged;
  ASSIGN_OR_RETURN(merged.entry, decode_entry(record));
  ASSIGN_OR_RETURN(merged.parts, decode_parts(parts, merged.entry.delivery));
  std::size_t events = 0;
  for (const EntryPart& part : merged.parts) events += part.events;
  if (events == merged.entry.events.size()) return merged;
  return fail(ErrorCode::kStoreCorrupt, "an entry of delivery " +
                                            std::to_string(merged.entry.delivery.id.value) +
                                            " has " + std::to_string(merged.entry.events.size()) +
                                            " events, its parts " + std::to_string(events));
}

Result<std::optional<MergedEntry>> read_last_entry(Database& reader, DeliveryId id) {
  ASSIGN_OR_RETURN(Statement select, reader.statement(sql::kLastEntry));
  ASSIGN_OR_RETURN(const bool found, select.bind(1, id.value).step());
  if (!found) return std::nullopt;
  return decode_merged_entry(select.bytes(0), select.bytes(1));
}

}  // namespace ferry::store
