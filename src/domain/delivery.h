#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/header_list.h"
#include "base/time.h"
#include "domain/ids.h"

namespace ferry {

// Where a delivery goes. Stored: never change these numbers.
enum class TargetKind : std::uint8_t {
  kHttp = 1,
  kFunction = 2,  // `url` is the function's endpoint with the path that is called
  kPush = 3,      // `url` is the text of a destination (domain/push_target.h)
};

struct Target {
  TargetKind kind = TargetKind::kHttp;
  std::string url;  // verbatim as given: shown, signed and called exactly so

  friend bool operator==(const Target&, const Target&) = default;
};

// The part of a delivery that never changes, shared by its rows and events.
struct Destination {
  Target target;
  std::string group_name;     // URL group ("topic" on the wire), or empty
  std::string endpoint_name;  // of the group's endpoint, or empty
  std::string queue_name;     // or empty
  std::string schedule_id;    // or empty
  std::string ordering_key;   // or empty; never together with a queue

  friend bool operator==(const Destination&, const Destination&) = default;
};

using DestinationPtr = std::shared_ptr<const Destination>;

// A lane holds what something other than time keeps back, in order. Lane 0 is "only time".
using LaneId = std::uint64_t;
inline constexpr LaneId kTimeLane = 0;

// One message to one target: the small mutable record, the unit of retry.
struct Delivery {
  DeliveryId id;
  MessageId message_id;
  TenantId tenant;
  DestinationPtr to;         // never null
  TimePoint not_before;      // of the first attempt
  TimePoint due_at;          // of the next attempt
  std::int32_t retried = 0;  // attempts that failed so far = number of the next attempt
  bool cancel_requested = false;
  LaneId lane = kTimeLane;
  // The sequence (queue or ordering key) that the delivery goes in order with, or kTimeLane. Of a
  // callback: that of its source, whose slot it helps to hold.
  LaneId sequence = kTimeLane;
  DeliveryId slot;              // whose slot of the sequence it holds; none while it waits for one
  bool shares_message = false;  // with the other deliveries of a URL group
  // Of invocations and pushes, whose retries have a budget of time. Set by the first outcome.
  std::optional<TimePoint> first_attempt_at;
  std::int32_t throttled = 0;  // of `retried`: attempts that the target had no room for
};

bool operator==(const Delivery& a, const Delivery& b);

// What came back from the target.
struct Response {
  std::int32_t status = 0;
  HeaderList headers;
  Bytes body;  // at most response_bytes_max of it
  bool truncated = false;

  friend bool operator==(const Response&, const Response&) = default;
};
using ResponsePtr = std::shared_ptr<const Response>;

// How an attempt ended, as the classifier saw it.
enum class OutcomeKind : std::uint8_t {
  kDelivered = 1,     // status 200-299
  kFailed = 2,        // anything else, also no answer at all
  kNonRetryable = 3,  // failed, and the target said that trying again is useless (section 5.5)
  kThrottled = 4,     // of invocations: the function had no room, which does not count as a try
};

struct Outcome {
  OutcomeKind kind = OutcomeKind::kFailed;
  ResponsePtr response;                 // null: there was no HTTP answer
  std::string error;                    // empty when delivered
  std::optional<Duration> retry_after;  // asked for by the target's answer (section 5.5)
  TimePoint started_at;
  TimePoint ended_at;
  // Of invocations: what the result record says of it (Function Compute contract section 2.3). Of
  // pushes: kRecursionCondition when the guard against loops stopped it, else empty.
  std::string condition;             // empty: success
  std::int32_t record_status = 200;  // 200 when the function ran, else the platform's own
};

// The key of per-host limits: host_key() of a URL, scheme and connection of a destination's.
std::string host_key(const Target& target);
// "https://h:8443/p?q" -> "h:8443" in lower case, with no port when it is the scheme's own; the key
// of per-host limits and of the `host` filter. Empty when `url` is not an absolute http(s) URL.
std::string host_key(std::string_view url);
// The path without query, "/" when empty; for the `path` filter.
std::string_view url_path(std::string_view url);

}  // namespace ferry
