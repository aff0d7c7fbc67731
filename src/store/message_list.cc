#include "store/message_list.h"

#include <algorithm>

#include "store/body_rows.h"
#include "store/id_list.h"
#include "store/list_filter.h"
#include "store/records.h"
#include "store/statements.h"

namespace ferry::store {
namespace {

// Rows of other tenants are passed over unread.
constexpr std::size_t kRowsPassedMax = 20 * kRowsReadMax;

class MessageList {
 public:
  MessageList(Database& reader, const PageRequest& page, IdRange range)
      : reader_(reader),
        filter_(page.filter),
        delivery_filter_(page.filter),
        range_(range),
        count_(std::max<std::size_t>(page.count, 1)),
        rows_read_max_(kRowsReadMax / std::min<std::size_t>(filter_weight(page.filter), 10)),
        bytes_max_(page.bytes_max),
        ids_only_(page.ids_only) {
    delivery_filter_.labels.clear();
    delivery_filter_.caller_ips.clear();
    delivery_filter_.flow_keys.clear();
  }

  Result<MessagePage> read() {
    if (!filter_.deliveries.empty()) {
      IdMerge merge(filter_.deliveries.size(), range_.ascending);
      for (const DeliveryId id : filter_.deliveries) merge.add({id.value});
      RETURN_IF_ERROR(read_ids(std::move(merge).take()));
    } else if (!filter_.queues.empty()) {
      ASSIGN_OR_RETURN(const MergedIds ids, ids_of_queues());
      RETURN_IF_ERROR(read_ids(ids));
    } else {
      RETURN_IF_ERROR(read_all());
    }
    return std::move(page_);
  }

 private:
  Result<MergedIds> ids_of_queues();
  Result<void> read_ids(const MergedIds& ids);
  Result<void> read_all();
  Result<void> take(std::int64_t id, std::string_view record);
  Result<MessagePtr> message_of(const Delivery& delivery);
  bool has_room_for(const Message* message);
  void end_at(std::int64_t id) {
    page_.cursor = cursor_behind(id);
    done_ = true;
  }
  void cut_at(std::int64_t id) {
    end_at(id);
    page_.cut_short = true;
  }

  Database& reader_;
  const ListFilter& filter_;
  ListFilter delivery_filter_;  // without what only the message knows
  const IdRange range_;
  const std::size_t count_;
  const std::size_t rows_read_max_;
  const std::size_t bytes_max_;
  const bool ids_only_;
  std::size_t page_bytes_ = 0;
  std::size_t rows_read_ = 0, rows_passed_ = 0, bytes_read_ = 0;
  MessagePtr last_message_;  // deliveries of a URL group that share one stand side by side
  bool done_ = false;
  MessagePage page_;
};

Result<MergedIds> MessageList::ids_of_queues() {
  IdMerge merge(filter_.queues.size(), range_.ascending);
  for (const std::string& queue : filter_.queues) {
    ASSIGN_OR_RETURN(Statement rows,
                     reader_.statement(range_.ascending ? sql::kDeliveriesOfQueueUp
                                                        : sql::kDeliveriesOfQueueDown));
    rows.bind(1, filter_.tenant.value).bind_text(2, queue).bind(3, range_.first);
    rows.bind(4, range_.last).bind(5, static_cast<std::int64_t>(merge.rows_of_key()));
    ASSIGN_OR_RETURN(const std::vector<std::int64_t> ids, read_ids_of(rows));
    merge.add(ids);
  }
  return std::move(merge).take();
}

Result<void> MessageList::read_ids(const MergedIds& ids) {
  ASSIGN_OR_RETURN(Statement select, reader_.statement(sql::kDeliveryRecord));
  for (const std::int64_t id : ids.ids) {
    if (done_) return {};
    if (!range_.contains(id)) continue;
    ASSIGN_OR_RETURN(const bool found, select.bind(1, id).step());
    if (found) RETURN_IF_ERROR(take(id, select.bytes(0)));
    select.rewind();
  }
  if (!done_ && ids.cut_at) cut_at(*ids.cut_at);
  return {};
}

Result<void> MessageList::read_all() {
  ASSIGN_OR_RETURN(Statement rows,
                   reader_.statement(range_.ascending ? sql::kDeliveriesUp : sql::kDeliveriesDown));
  rows.bind(1, range_.first).bind(2, range_.last);
  while (!done_) {
    ASSIGN_OR_RETURN(const bool row, rows.step());
    if (!row) break;
    if (rows.integer(1) == filter_.tenant.value) {
      RETURN_IF_ERROR(take(rows.integer(0), rows.bytes(2)));
    } else if (++rows_passed_ >= kRowsPassedMax) {
      cut_at(rows.integer(0));
    }
  }
  return {};
}

// One row more than the page has only tells that another page follows.
Result<void> MessageList::take(std::int64_t id, std::string_view record) {
  ASSIGN_OR_RETURN(Delivery delivery, decode_delivery(record));
  bytes_read_ += record.size();
  if (matches(delivery_filter_, delivery, nullptr)) {
    MessagePtr message;
    if (!ids_only_ || asks_about_message(filter_)) {
      ASSIGN_OR_RETURN(message, message_of(delivery));
    }
    const bool passed = matches(filter_, delivery, message.get());
    if (passed && !has_room_for(message.get())) {
      end_at(page_.rows.back().delivery.id.value);
      return {};
    }
    if (passed && ids_only_) {
      page_.rows.emplace_back().delivery.id = delivery.id;
    } else if (passed) {
      page_.rows.push_back({std::move(delivery), std::move(message)});
    }
  }
  if (++rows_read_ >= rows_read_max_ || bytes_read_ >= kBytesReadMax) cut_at(id);
  return {};
}

bool MessageList::has_room_for(const Message* message) {
  if (page_.rows.size() == count_) return false;
  if (!ids_only_) page_bytes_ += row_bytes(message, nullptr);
  return page_.rows.empty() || page_bytes_ <= bytes_max_;
}

Result<MessagePtr> MessageList::message_of(const Delivery& delivery) {
  if (last_message_ != nullptr && last_message_->id == delivery.message_id) return last_message_;
  ASSIGN_OR_RETURN(Statement select, reader_.statement(sql::kMessage));
  ASSIGN_OR_RETURN(const bool found, select.bind(1, delivery.message_id.value).step());
  if (!found) {
    return fail(ErrorCode::kStoreCorrupt,
                "delivery " + std::to_string(delivery.id.value) + " has no message");
  }
  bytes_read_ += select.bytes(0).size();
  ASSIGN_OR_RETURN(Message message, decode_message(select.bytes(0)));
  bytes_read_ += message.large_body ? message.large_body->bytes : 0;
  ASSIGN_OR_RETURN(last_message_, with_body(reader_, BodyOwner::kMessage, delivery.message_id.value,
                                            std::make_shared<const Message>(std::move(message))));
  return last_message_;
}

}  // namespace

Result<MessagePage> list_messages(StateTables& state, const PageRequest& page) {
  ASSIGN_OR_RETURN(const IdRange range, id_range(page, Times::kFiltered));
  ASSIGN_OR_RETURN(Reader reader, state.file().reader());
  ASSIGN_OR_RETURN(const Transaction moment, Transaction::begin(*reader));
  return MessageList(*reader, page, range).read();
}

}  // namespace ferry::store
