#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "store/test_rows.h"

namespace ferry::store::test {

// Random write-sets of the kinds that the engine makes, over time that goes on from minutes to
// days, and random questions about what they left. One seed, one sequence.
class Traffic {
 public:
  explicit Traffic(std::uint64_t seed) : random_(seed) {}

  // The write-sets of one commit: one to five.
  std::vector<WriteSet> next();

  TimePoint now() const { return now_; }

  // Keys of rows: usually ones that are or were there.
  DeliveryId some_delivery();
  DeadLetterId some_dead_letter();
  DedupRecord some_dedup();
  TimePoint some_time();
  LaneQuery some_lane_query();
  LaneId some_lane();
  PageRequest some_page();

 private:
  WriteSet one();
  WriteSet publish();
  WriteSet retry();
  WriteSet end();
  WriteSet dead();
  WriteSet catalogue();
  WriteSet resource();
  WriteSet prune();
  Entry entry(const Delivery& delivery, EventState last);
  Delivery take_pending(WriteSet& set);
  ListFilter some_filter();
  TenantId some_tenant();
  std::int64_t new_id();
  std::string some_name(std::string_view prefix);

  Random random_;
  TimePoint now_ = at(0);
  std::int64_t last_id_ = 0;
  std::map<DeliveryId, Delivery> pending_;
  std::map<MessageId, MessagePtr> messages_;
  std::vector<DeliveryId> deliveries_;      // ever made
  std::vector<DeadLetterId> dead_letters_;  // likewise
  std::vector<DedupRecord> dedups_;         // likewise
};

}  // namespace ferry::store::test
