#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/random.h"
#include "store/store.h"

namespace ferry::simulation {

// The memory store with a bad disk in front of it. A failing commit may have written nothing, some
// of its write-sets (each as a whole, in order), or all of them.
class FaultyStore final : public store::Store {
 public:
  // `stored` is told of every write-set that became durable, right after it did.
  using Stored = std::function<void(const store::WriteSet& set)>;

  FaultyStore(Random& random, Stored stored);

  // Chances, once in n; 0 is never.
  std::uint64_t commit_fault_one_in = 0;
  std::uint64_t read_fault_one_in = 0;
  bool room = true;

  std::string dump() const;
  std::uint64_t commit_faults() const { return commit_faults_; }

  Result<store::Position> commit(std::span<const store::WriteSet> sets) override;
  bool has_room() const override { return room; }
  store::Position position() const override { return rows_->position(); }
  Result<void> barrier() override { return rows_->barrier(); }
  Result<store::Catalog> catalog(TimePoint now) override { return rows_->catalog(now); }
  Result<store::Totals> totals() override;
  Result<std::optional<store::LoadedDelivery>> delivery(DeliveryId id) override;
  Result<store::LaneSlice> lane(const store::LaneQuery& query) override;
  Result<std::optional<DedupRecord>> dedup(TenantId tenant, const DedupKey& key) override;
  Result<ScheduleBodyPtr> schedule_body(TenantId tenant, const std::string& schedule) override;
  Result<Bytes> read_body(MessageId id, std::uint64_t offset, std::size_t bytes_max) override {
    return rows_->read_body(id, offset, bytes_max);
  }
  Result<DeadLetterPtr> dead_letter(DeadLetterId id, store::LargeBodies bodies) override;
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
  bool fails(std::uint64_t one_in) { return one_in != 0 && random_.one_in(one_in); }
  Result<store::Position> write(std::span<const store::WriteSet> sets);

  Random& random_;
  std::unique_ptr<store::Store> rows_;
  Stored stored_;
  std::uint64_t commit_faults_ = 0;
};

}  // namespace ferry::simulation
