#pragma once

#include <string>
#include <string_view>

#include "store/schema.h"

// Row operation -> SQL. The statements that put or delete a row by its key are made from the
// schema, so that a new column needs no second mention; what reads or prunes is written out here,
// with bound parameters only. Result columns and parameters are in the order of the text.

namespace ferry::store {

// Inserts a row, or replaces all of it when the key is there: one parameter a column, in the
// schema's order. Replacing is an UPDATE inside, so it does not count as an insertion
// (sqlite_database.h).
std::string put_row_sql(const Table& table);
// The same for keys that are new by construction.
std::string insert_row_sql(const Table& table);
// One parameter a key column.
std::string delete_row_sql(const Table& table);

// The two for a table of the state file, made once.
const std::string& put_state_row_sql(std::string_view table);
const std::string& delete_state_row_sql(std::string_view table);

namespace sql {

inline constexpr std::string_view kMetaValue = "SELECT value FROM meta WHERE key = ?1";

// State file.
inline constexpr std::string_view kDelivery =
    "SELECT d.record, m.record FROM deliveries d LEFT JOIN messages m ON m.id = d.message_id "
    "WHERE d.id = ?1";
inline constexpr std::string_view kMessage = "SELECT record FROM messages WHERE id = ?1";
inline constexpr std::string_view kMessageKeys =
    "SELECT labels, flow_key FROM messages WHERE id = ?1";
inline constexpr std::string_view kReleaseMessage =
    "DELETE FROM messages WHERE id = ?1 "
    "AND NOT EXISTS (SELECT 1 FROM deliveries WHERE id = ?1 AND message_id = ?1) "
    "AND NOT EXISTS (SELECT 1 FROM deliveries WHERE message_id = ?1 AND id <> message_id)";
// ?1 message or letter, ?2 the number of the piece.
inline constexpr std::string_view kMessageBodyPiece =
    "SELECT data FROM message_bodies WHERE message_id = ?1 AND part = ?2";
inline constexpr std::string_view kLetterBodyPiece =
    "SELECT data FROM letter_bodies WHERE letter_id = ?1 AND part = ?2";
inline constexpr std::string_view kAnyMessageBody = "SELECT 1 FROM message_bodies LIMIT 1";
inline constexpr std::string_view kAnyLetterBody = "SELECT 1 FROM letter_bodies LIMIT 1";
// ?1 message, ?2 letter.
inline constexpr std::string_view kCopyBodyToLetter =
    "INSERT OR REPLACE INTO letter_bodies (letter_id, part, data) "
    "SELECT ?2, part, data FROM message_bodies WHERE message_id = ?1";
inline constexpr std::string_view kDropMessageBody =
    "DELETE FROM message_bodies WHERE message_id = ?1";
inline constexpr std::string_view kDropLetterBody =
    "DELETE FROM letter_bodies WHERE letter_id = ?1";
inline constexpr std::string_view kPruneLetterBodies =
    "DELETE FROM letter_bodies WHERE letter_id < ?1";
inline constexpr std::string_view kReleaseMessageBody =
    "DELETE FROM message_bodies WHERE message_id = ?1 "
    "AND NOT EXISTS (SELECT 1 FROM messages WHERE id = ?1)";
// ?1 lane, ?2 due_at, ?3 the id to start behind.
inline constexpr std::string_view kLaneOfMoment =
    "SELECT d.id, d.record, d.message_id, m.record FROM deliveries d "
    "LEFT JOIN messages m ON m.id = d.message_id "
    "WHERE d.lane = ?1 AND d.due_at = ?2 AND d.id > ?3 ORDER BY d.id";
// ?1 lane, ?2 the due_at to start behind, ?3 the last due_at.
inline constexpr std::string_view kLaneAfterMoment =
    "SELECT d.id, d.record, d.message_id, m.record FROM deliveries d "
    "LEFT JOIN messages m ON m.id = d.message_id "
    "WHERE d.lane = ?1 AND d.due_at > ?2 AND d.due_at <= ?3 ORDER BY d.due_at, d.id";
inline constexpr std::string_view kNextLane = "SELECT min(lane) FROM deliveries WHERE lane >= ?1";
inline constexpr std::string_view kNextDue = "SELECT min(due_at) FROM deliveries WHERE lane = ?1";
inline constexpr std::string_view kLaneSize = "SELECT count(*) FROM deliveries WHERE lane = ?1";
inline constexpr std::string_view kSequenceSize =
    "SELECT count(*) FROM deliveries WHERE sequence = ?1 "
    "AND sequence <> 0 AND (slot = 0 OR slot = id)";
// ?1 and ?2 the first and last id that may follow.
inline constexpr std::string_view kDeliveriesUp =
    "SELECT id, tenant, record FROM deliveries WHERE id BETWEEN ?1 AND ?2 ORDER BY id";
inline constexpr std::string_view kDeliveriesDown =
    "SELECT id, tenant, record FROM deliveries WHERE id BETWEEN ?1 AND ?2 ORDER BY id DESC";
inline constexpr std::string_view kDeliveryRecord = "SELECT record FROM deliveries WHERE id = ?1";
// ?1 tenant, ?2 queue, ?3 and ?4 the first and last id that may follow, ?5 rows.
inline constexpr std::string_view kDeliveriesOfQueueUp =
    "SELECT id FROM deliveries WHERE tenant = ?1 AND queue = ?2 AND id BETWEEN ?3 AND ?4 "
    "ORDER BY id LIMIT ?5";
inline constexpr std::string_view kDeliveriesOfQueueDown =
    "SELECT id FROM deliveries WHERE tenant = ?1 AND queue = ?2 AND id BETWEEN ?3 AND ?4 "
    "ORDER BY id DESC LIMIT ?5";
inline constexpr std::string_view kDedup =
    "SELECT record FROM dedup WHERE tenant = ?1 AND digest = ?2";
inline constexpr std::string_view kDedupKeys =
    "SELECT digest FROM dedup WHERE expires_at > ?1 ORDER BY tenant, digest";
inline constexpr std::string_view kPruneDedup = "DELETE FROM dedup WHERE expires_at < ?1";
inline constexpr std::string_view kDeadLetter = "SELECT record FROM dead_letters WHERE id = ?1";
inline constexpr std::string_view kPruneDeadLetters = "DELETE FROM dead_letters WHERE id < ?1";
// ?1 tenant, ?2 and ?3 the first and last id that may follow.
inline constexpr std::string_view kDeadLettersUp =
    "SELECT id, record FROM dead_letters WHERE tenant = ?1 AND id BETWEEN ?2 AND ?3 ORDER BY id";
inline constexpr std::string_view kDeadLettersDown =
    "SELECT id, record FROM dead_letters WHERE tenant = ?1 AND id BETWEEN ?2 AND ?3 "
    "ORDER BY id DESC";
inline constexpr std::string_view kDeadLettersOfDelivery =
    "SELECT id FROM dead_letters WHERE delivery_id = ?1";
// ?1 kind, ?2 hash, ?3 and ?4 the first and last id that may follow, ?5 rows.
inline constexpr std::string_view kKeyedLettersUp =
    "SELECT id FROM letter_keys WHERE kind = ?1 AND hash = ?2 AND id BETWEEN ?3 AND ?4 "
    "ORDER BY id LIMIT ?5";
inline constexpr std::string_view kKeyedLettersDown =
    "SELECT id FROM letter_keys WHERE kind = ?1 AND hash = ?2 AND id BETWEEN ?3 AND ?4 "
    "ORDER BY id DESC LIMIT ?5";
inline constexpr std::string_view kDropLetterKeys = "DELETE FROM letter_keys WHERE id = ?1";
inline constexpr std::string_view kPruneLetterKeys = "DELETE FROM letter_keys WHERE id < ?1";
inline constexpr std::string_view kQueues = "SELECT record FROM queues ORDER BY tenant, name";
inline constexpr std::string_view kUrlGroups =
    "SELECT record FROM url_groups ORDER BY tenant, name";
inline constexpr std::string_view kSchedules = "SELECT record FROM schedules ORDER BY tenant, name";
inline constexpr std::string_view kFlowKeys = "SELECT record FROM flow_keys ORDER BY tenant, name";
inline constexpr std::string_view kFunctions = "SELECT record FROM functions ORDER BY tenant, name";
inline constexpr std::string_view kServices = "SELECT record FROM services ORDER BY tenant, name";
inline constexpr std::string_view kScheduleBody =
    "SELECT record FROM schedule_bodies WHERE tenant = ?1 AND name = ?2";
inline constexpr std::string_view kSequences = "SELECT record FROM sequences";
inline constexpr std::string_view kTenants = "SELECT record FROM tenants ORDER BY id";
inline constexpr std::string_view kHistoryFiles =
    "SELECT day, applied_position FROM history_files ORDER BY day";
inline constexpr std::string_view kForgetHistoryFiles = "DELETE FROM history_files WHERE day < ?1";
inline constexpr std::string_view kSettings = "SELECT key, value FROM settings ORDER BY key";

inline constexpr std::string_view kDeliveriesWithoutMessage =
    "SELECT id FROM deliveries WHERE message_id NOT IN (SELECT id FROM messages) LIMIT 100";
// A record that is shorter than its body has the body beside it.
inline constexpr std::string_view kMessagesWithoutBody =
    "SELECT id FROM messages m WHERE body_bytes > 65536 AND length(record) < body_bytes "
    "AND body_bytes <> (SELECT coalesce(sum(length(data)), 0) FROM message_bodies "
    "WHERE message_id = m.id) LIMIT 100";
inline constexpr std::string_view kBodiesWithoutMessage =
    "SELECT DISTINCT message_id FROM message_bodies "
    "WHERE message_id NOT IN (SELECT id FROM messages) LIMIT 100";
inline constexpr std::string_view kBodiesWithoutLetter =
    "SELECT DISTINCT letter_id FROM letter_bodies "
    "WHERE letter_id NOT IN (SELECT id FROM dead_letters) LIMIT 100";
inline constexpr std::string_view kLettersWithoutKeys =
    "SELECT id FROM dead_letters WHERE id NOT IN (SELECT id FROM letter_keys) LIMIT 100";
inline constexpr std::string_view kKeysWithoutLetter =
    "SELECT DISTINCT id FROM letter_keys WHERE id NOT IN (SELECT id FROM dead_letters) LIMIT 100";

// History files.
inline constexpr std::string_view kLastSeq = "SELECT coalesce(max(seq), 0) FROM entries";
inline constexpr std::string_view kEntry =
    "SELECT tenant, time_first, states, parts, record FROM entries WHERE seq = ?1";
// ?1 delivery, ?2 and ?3 the first and last time_last.
inline constexpr std::string_view kEntriesOfDelivery =
    "SELECT time_last, time_first, seq FROM entries WHERE delivery_id = ?1 "
    "AND time_last BETWEEN ?2 AND ?3";
// ?1 tenant, ?2 to ?4 the place to start behind, ?5 the last time_last, ?6 rows.
inline constexpr std::string_view kEntriesUp =
    "SELECT time_last, time_first, seq FROM entries WHERE tenant = ?1 "
    "AND (time_last, time_first, seq) > (?2, ?3, ?4) AND time_last <= ?5 "
    "ORDER BY time_last, time_first, seq LIMIT ?6";
inline constexpr std::string_view kEntriesDown =
    "SELECT time_last, time_first, seq FROM entries WHERE tenant = ?1 "
    "AND (time_last, time_first, seq) < (?2, ?3, ?4) AND time_last >= ?5 "
    "ORDER BY time_last DESC, time_first DESC, seq DESC LIMIT ?6";
// ?1 kind, ?2 hash, ?3 and ?4 the place to start behind, ?5 the last time, ?6 rows.
inline constexpr std::string_view kKeyedEntriesUp =
    "SELECT time, seq FROM entry_keys WHERE kind = ?1 AND hash = ?2 AND (time, seq) > (?3, ?4) "
    "AND time <= ?5 ORDER BY time, seq LIMIT ?6";
inline constexpr std::string_view kKeyedEntriesDown =
    "SELECT time, seq FROM entry_keys WHERE kind = ?1 AND hash = ?2 AND (time, seq) < (?3, ?4) "
    "AND time >= ?5 ORDER BY time DESC, seq DESC LIMIT ?6";
inline constexpr std::string_view kLastEntry =
    "SELECT parts, record FROM entries WHERE delivery_id = ?1 ORDER BY seq DESC LIMIT 1";

}  // namespace sql
}  // namespace ferry::store
