#pragma once

#include <memory>
#include <span>

#include "budget/meter.h"
#include "store/embedded_store.h"

namespace ferry::budget {

// The embedded store, whose commits count as a phase of their own.
class PhasedStore final : public store::Store {
 public:
  PhasedStore(std::unique_ptr<store::EmbeddedStore> rows, Meter& meter)
      : rows_(std::move(rows)), meter_(meter) {}

  store::EmbeddedStore& rows() { return *rows_; }

  Result<store::Position> commit(std::span<const store::WriteSet> sets) override {
    const PhaseScope scope(meter_, Phase::kCommit);
    return rows_->commit(sets);
  }
  bool has_room() const override { return rows_->has_room(); }
  store::Position position() const override { return rows_->position(); }
  Result<void> barrier() override { return rows_->barrier(); }
  Result<store::Catalog> catalog(TimePoint now) override { return rows_->catalog(now); }
  Result<store::Totals> totals() override { return rows_->totals(); }
  Result<std::optional<store::LoadedDelivery>> delivery(DeliveryId id) override {
    return rows_->delivery(id);
  }
  Result<store::LaneSlice> lane(const store::LaneQuery& query) override {
    return rows_->lane(query);
  }
  Result<std::optional<DedupRecord>> dedup(TenantId tenant, const DedupKey& key) override {
    return rows_->dedup(tenant, key);
  }
  Result<ScheduleBodyPtr> schedule_body(TenantId tenant, const std::string& schedule) override {
    return rows_->schedule_body(tenant, schedule);
  }
  Result<Bytes> read_body(MessageId id, std::uint64_t offset, std::size_t bytes_max) override {
    return rows_->read_body(id, offset, bytes_max);
  }
  Result<DeadLetterPtr> dead_letter(DeadLetterId id, store::LargeBodies bodies) override {
    return rows_->dead_letter(id, bodies);
  }
  Result<std::optional<store::MessageView>> message_view(DeliveryId id,
                                                         TimePoint finished_after) override {
    return rows_->message_view(id, finished_after);
  }
  Result<store::EventPage> events(const store::PageRequest& page) override {
    return rows_->events(page);
  }
  Result<store::DeadLetterPage> dead_letters(const store::PageRequest& page) override {
    return rows_->dead_letters(page);
  }
  Result<store::MessagePage> messages(const store::PageRequest& page) override {
    return rows_->messages(page);
  }
  Result<std::vector<std::int64_t>> lane_sizes(std::span<const LaneId> lanes) override {
    return rows_->lane_sizes(lanes);
  }
  Result<std::vector<std::int64_t>> sequence_sizes(std::span<const LaneId> sequences) override {
    return rows_->sequence_sizes(sequences);
  }

 private:
  std::unique_ptr<store::EmbeddedStore> rows_;
  Meter& meter_;
};

}  // namespace ferry::budget
