#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "domain/delivery.h"
#include "domain/publish_options.h"

namespace ferry {

// A recurring publish (contract section 9).
struct Schedule {
  TenantId tenant;
  std::string id;           // the wire's scheduleId
  std::string cron;         // as given, without blanks around it
  std::string destination;  // a URL or the name of a URL group, as given
  PublishOptions options;   // with the queue, if any; a delay is that of each message
  Bytes body;               // empty when it is a row of its own
  std::string caller_ip;    // of the creator
  TimePoint created_at;
  bool paused = false;
  std::optional<TimePoint> last_tick;       // when it last made messages
  std::optional<TimePoint> next_tick;       // nothing: it never comes
  std::vector<DeliveryId> last_deliveries;  // of the last tick
  std::string error;                        // the last tick's problem
  std::int64_t body_bytes = 0;  // of the row of its own (ScheduleBody); 0: there is none

  friend bool operator==(const Schedule&, const Schedule&) = default;
};

using SchedulePtr = std::shared_ptr<const Schedule>;

// The body of a schedule that is too large to be in memory: a row that each tick reads.
struct ScheduleBody {
  TenantId tenant;
  std::string schedule;  // its id
  Bytes body;

  friend bool operator==(const ScheduleBody&, const ScheduleBody&) = default;
};

using ScheduleBodyPtr = std::shared_ptr<const ScheduleBody>;

}  // namespace ferry
