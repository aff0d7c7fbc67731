// The reading half of StateTables (state_tables.h).

#include <algorithm>
#include <bit>
#include <limits>
#include <unordered_map>

#include "base/check.h"
#include "store/body_rows.h"
#include "store/history_rows.h"
#include "store/meta_rows.h"
#include "store/records.h"
#include "store/resource_rows.h"
#include "store/state_tables.h"
#include "store/statements.h"

namespace ferry::store {
namespace {

Result<MessagePtr> share_message(std::string_view record) {
  ASSIGN_OR_RETURN(Message message, decode_message(record));
  return std::make_shared<const Message>(std::move(message));
}

Result<std::vector<TenantPtr>> read_tenants(Database& database) {
  std::vector<TenantPtr> tenants;
  ASSIGN_OR_RETURN(Statement rows, database.statement(sql::kTenants));
  while (true) {
    ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) return tenants;
    ASSIGN_OR_RETURN(Tenant tenant, decode_tenant(rows.bytes(0)));
    tenants.push_back(std::make_shared<const Tenant>(std::move(tenant)));
  }
}

Result<std::map<std::string, std::string>> read_settings(Database& database) {
  std::map<std::string, std::string> settings;
  ASSIGN_OR_RETURN(Statement rows, database.statement(sql::kSettings));
  while (true) {
    ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) return settings;
    settings.emplace(rows.bytes(0), rows.bytes(1));
  }
}

// By leaps along the index: a lane may hold a million rows. In the order of unsigned numbers.
Result<std::vector<LaneId>> read_lanes(Database& database) {
  std::vector<LaneId> lanes;
  ASSIGN_OR_RETURN(Statement next, database.statement(sql::kNextLane));
  std::int64_t from = std::numeric_limits<std::int64_t>::min();
  while (true) {
    ASSIGN_OR_RETURN(const bool row, next.bind(1, from).step());
    CHECK(row);  // an aggregate has one
    if (next.is_null(0)) break;
    const std::int64_t lane = next.integer(0);
    if (std::bit_cast<LaneId>(lane) != kTimeLane) lanes.push_back(std::bit_cast<LaneId>(lane));
    if (lane == std::numeric_limits<std::int64_t>::max()) break;
    from = lane + 1;
    next.rewind();
  }
  std::ranges::sort(lanes);
  return lanes;
}

Result<std::optional<TimePoint>> read_next_due(Database& database) {
  ASSIGN_OR_RETURN(Statement first, database.statement(sql::kNextDue));
  ASSIGN_OR_RETURN(const bool row, first.bind(1, std::bit_cast<std::int64_t>(kTimeLane)).step());
  CHECK(row);
  if (first.is_null(0)) return std::nullopt;
  return from_unix_ms(first.integer(0));
}

Result<std::vector<DedupKey>> read_dedup_keys(Database& database, TimePoint now) {
  std::vector<DedupKey> keys;
  ASSIGN_OR_RETURN(Statement rows, database.statement(sql::kDedupKeys));
  rows.bind(1, to_unix_ms(now));
  while (true) {
    ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) return keys;
    const std::string_view digest = rows.bytes(0);
    DedupKey& key = keys.emplace_back();
    if (digest.size() != key.digest.size()) {
      return fail(ErrorCode::kStoreCorrupt,
                  "reading a deduplication key of " + std::to_string(digest.size()) + " bytes");
    }
    std::ranges::copy(digest, key.digest.begin());
  }
}

Result<std::vector<std::int64_t>> read_sizes(Database& reader, std::string_view count_sql,
                                             std::span<const LaneId> lanes) {
  ASSIGN_OR_RETURN(const Transaction moment, Transaction::begin(reader));
  ASSIGN_OR_RETURN(Statement count, reader.statement(count_sql));
  std::vector<std::int64_t> sizes;
  for (const LaneId lane : lanes) {
    ASSIGN_OR_RETURN(const bool row, count.bind(1, std::bit_cast<std::int64_t>(lane)).step());
    CHECK(row);  // an aggregate has one
    sizes.push_back(count.integer(0));
    count.rewind();
  }
  return sizes;
}

// One slice of a lane: what is left of the moment it starts in, then the later ones. Asked for at
// once, SQLite would read all of that moment again for each slice, and a moment may hold the
// 200,000 deliveries that someone scheduled for one o'clock.
class LaneReader {
 public:
  LaneReader(Database& reader, const LaneQuery& query)
      : reader_(reader), query_(query), rows_max_(std::max(query.rows_max, 1u)) {}

  Result<LaneSlice> read() {
    ASSIGN_OR_RETURN(Statement same_moment, reader_.statement(sql::kLaneOfMoment));
    same_moment.bind(1, std::bit_cast<std::int64_t>(query_.lane));
    same_moment.bind(2, to_unix_ms(query_.after.due_at)).bind(3, query_.after.id.value);
    if (query_.after.due_at <= query_.until) RETURN_IF_ERROR(take_rows(same_moment));
    ASSIGN_OR_RETURN(Statement later, reader_.statement(sql::kLaneAfterMoment));
    later.bind(1, std::bit_cast<std::int64_t>(query_.lane));
    later.bind(2, to_unix_ms(query_.after.due_at)).bind(3, to_unix_ms(query_.until));
    if (!full_) RETURN_IF_ERROR(take_rows(later));
    slice_.complete = !full_;
    return std::move(slice_);
  }

 private:
  Result<void> take_rows(Statement& rows) {
    while (!full_) {
      ASSIGN_OR_RETURN(const bool row, rows.step());
      if (!row) break;
      RETURN_IF_ERROR(take(rows));
    }
    return {};
  }

  // A row more than the slice may have only tells that it is full.
  Result<void> take(const Statement& row) {
    if (row.is_null(3)) {
      return fail(ErrorCode::kStoreCorrupt,
                  "delivery " + std::to_string(row.integer(0)) + " has no message");
    }
    full_ = slice_.rows.size() >= rows_max_;
    if (full_) return {};
    MessagePtr& message = messages_[row.integer(2)];
    if (message == nullptr) {
      ASSIGN_OR_RETURN(message, share_message(row.bytes(3)));
    }
    bytes_ += message->body.size();
    full_ = bytes_ > query_.bytes_max && !slice_.rows.empty();
    if (full_) return {};
    ASSIGN_OR_RETURN(Delivery delivery, decode_delivery(row.bytes(1)));
    slice_.rows.push_back({std::move(delivery), message});
    return {};
  }

  Database& reader_;
  const LaneQuery& query_;
  const std::size_t rows_max_;
  bool full_ = false;
  std::size_t bytes_ = 0;
  // The deliveries of one message share it, as they did when it was published.
  std::unordered_map<std::int64_t, MessagePtr> messages_;
  LaneSlice slice_;
};

}  // namespace

Result<Catalog> StateTables::catalog(TimePoint now) {
  ASSIGN_OR_RETURN(Reader reader, file_->reader());
  ASSIGN_OR_RETURN(const Transaction moment, Transaction::begin(*reader));
  Catalog catalog;
  ASSIGN_OR_RETURN(catalog.tenants, read_tenants(*reader));
  ASSIGN_OR_RETURN(catalog.settings, read_settings(*reader));
  ASSIGN_OR_RETURN(catalog.lanes, read_lanes(*reader));
  ASSIGN_OR_RETURN(catalog.next_due, read_next_due(*reader));
  ASSIGN_OR_RETURN(catalog.resources, read_resources(*reader));
  ASSIGN_OR_RETURN(catalog.sequences, read_sequences(*reader));
  ASSIGN_OR_RETURN(catalog.dedup_keys, read_dedup_keys(*reader, now));
  ASSIGN_OR_RETURN(catalog.last_id, read_meta_integer(*reader, meta::kLastId));
  ASSIGN_OR_RETURN(catalog.id_secret, read_meta_text(*reader, meta::kIdSecret));
  ASSIGN_OR_RETURN(catalog.store_id, read_meta_text(*reader, meta::kStoreId));
  return catalog;
}

Result<Totals> StateTables::totals() {
  ASSIGN_OR_RETURN(Reader reader, file_->reader());
  ASSIGN_OR_RETURN(const Transaction moment, Transaction::begin(*reader));
  Totals totals;
  ASSIGN_OR_RETURN(totals.deliveries, read_meta_integer(*reader, meta::kDeliveries));
  ASSIGN_OR_RETURN(totals.dead_letters, read_meta_integer(*reader, meta::kDeadLetters));
  ASSIGN_OR_RETURN(const std::int64_t position, read_meta_integer(*reader, meta::kAppliedPosition));
  totals.position = static_cast<Position>(position);
  return totals;
}

Result<std::int64_t> StateTables::last_id() {
  ASSIGN_OR_RETURN(Reader reader, file_->reader());
  return read_meta_integer(*reader, meta::kLastId);
}

Result<std::map<std::int64_t, Position>> StateTables::history_positions() {
  ASSIGN_OR_RETURN(Reader reader, file_->reader());
  ASSIGN_OR_RETURN(Statement rows, reader->statement(sql::kHistoryFiles));
  std::map<std::int64_t, Position> positions;
  while (true) {
    ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) return positions;
    positions.emplace(rows.integer(0), static_cast<Position>(rows.integer(1)));
  }
}

Result<std::optional<StateTables::DeliveryRow>> StateTables::delivery(DeliveryId id) {
  ASSIGN_OR_RETURN(Reader reader, file_->reader());
  ASSIGN_OR_RETURN(Statement select, reader->statement(sql::kDelivery));
  ASSIGN_OR_RETURN(const bool found, select.bind(1, id.value).step());
  if (!found) return std::nullopt;
  DeliveryRow row;
  ASSIGN_OR_RETURN(row.delivery, decode_delivery(select.bytes(0)));
  if (!select.is_null(1)) {
    ASSIGN_OR_RETURN(row.message, share_message(select.bytes(1)));
  }
  return row;
}

Result<MessagePtr> StateTables::message(MessageId id) {
  ASSIGN_OR_RETURN(Reader reader, file_->reader());
  ASSIGN_OR_RETURN(Statement select, reader->statement(sql::kMessage));
  ASSIGN_OR_RETURN(const bool found, select.bind(1, id.value).step());
  if (!found) return nullptr;
  return share_message(select.bytes(0));
}

Result<MessagePtr> StateTables::whole_message(MessageId id) {
  ASSIGN_OR_RETURN(Reader reader, file_->reader());
  ASSIGN_OR_RETURN(const Transaction moment, Transaction::begin(*reader));
  ASSIGN_OR_RETURN(Statement select, reader->statement(sql::kMessage));
  ASSIGN_OR_RETURN(const bool found, select.bind(1, id.value).step());
  if (!found) return nullptr;
  ASSIGN_OR_RETURN(MessagePtr message, share_message(select.bytes(0)));
  return with_body(*reader, BodyOwner::kMessage, id.value, std::move(message));
}

Result<MessagePtr> StateTables::with_body_of(MessagePtr message) {
  ASSIGN_OR_RETURN(Reader reader, file_->reader());
  ASSIGN_OR_RETURN(const Transaction moment, Transaction::begin(*reader));
  const std::int64_t id = message->id.value;
  return with_body(*reader, BodyOwner::kMessage, id, std::move(message));
}

Result<MessagePtr> StateTables::with_body_of(DeadLetterId letter, MessagePtr message) {
  ASSIGN_OR_RETURN(Reader reader, file_->reader());
  ASSIGN_OR_RETURN(const Transaction moment, Transaction::begin(*reader));
  return with_body(*reader, BodyOwner::kLetter, letter.value, std::move(message));
}

Result<Bytes> StateTables::body_piece(MessageId id, std::uint64_t offset, std::size_t bytes_max) {
  ASSIGN_OR_RETURN(Reader reader, file_->reader());
  return read_body_piece(*reader, BodyOwner::kMessage, id.value, offset, bytes_max);
}

Result<std::optional<MessageKeys>> StateTables::message_keys(MessageId id) {
  ASSIGN_OR_RETURN(Statement select, file_->writer().statement(sql::kMessageKeys));
  ASSIGN_OR_RETURN(const bool found, select.bind(1, id.value).step());
  if (!found) return std::nullopt;
  return MessageKeys{decode_labels(select.bytes(0)), std::string(select.bytes(1))};
}

Result<LaneSlice> StateTables::lane(const LaneQuery& query) {
  ASSIGN_OR_RETURN(Reader reader, file_->reader());
  ASSIGN_OR_RETURN(const Transaction moment, Transaction::begin(*reader));
  return LaneReader(*reader, query).read();
}

Result<std::optional<DedupRecord>> StateTables::dedup(TenantId tenant, const DedupKey& key) {
  ASSIGN_OR_RETURN(Reader reader, file_->reader());
  ASSIGN_OR_RETURN(Statement select, reader->statement(sql::kDedup));
  select.bind(1, tenant.value).bind_blob(2, as_text(key.digest));
  ASSIGN_OR_RETURN(const bool found, select.step());
  if (!found) return std::nullopt;
  return decode_dedup(select.bytes(0));
}

Result<ScheduleBodyPtr> StateTables::schedule_body(TenantId tenant, std::string_view schedule) {
  ASSIGN_OR_RETURN(Reader reader, file_->reader());
  return read_schedule_body(*reader, tenant, schedule);
}

Result<DeadLetterPtr> StateTables::dead_letter(DeadLetterId id) {
  ASSIGN_OR_RETURN(Reader reader, file_->reader());
  ASSIGN_OR_RETURN(Statement select, reader->statement(sql::kDeadLetter));
  ASSIGN_OR_RETURN(const bool found, select.bind(1, id.value).step());
  if (!found) return nullptr;
  ASSIGN_OR_RETURN(DeadLetter letter, decode_dead_letter(select.bytes(0)));
  return std::make_shared<const DeadLetter>(std::move(letter));
}

Result<std::vector<std::int64_t>> StateTables::lane_sizes(std::span<const LaneId> lanes) {
  ASSIGN_OR_RETURN(Reader reader, file_->reader());
  return read_sizes(*reader, sql::kLaneSize, lanes);
}

Result<std::vector<std::int64_t>> StateTables::sequence_sizes(std::span<const LaneId> sequences) {
  ASSIGN_OR_RETURN(Reader reader, file_->reader());
  return read_sizes(*reader, sql::kSequenceSize, sequences);
}

}  // namespace ferry::store
