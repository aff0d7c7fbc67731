#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "domain/ids.h"

namespace ferry {

// Flow control as a publisher asks for it (contract section 2.5): deliveries with the same key
// share one limit, whatever their URL, queue or schedule.
struct FlowControl {
  std::string key;
  std::optional<std::int32_t> parallelism;  // attempts running at once
  std::optional<std::int32_t> rate;         // attempts started within one period
  Duration period = std::chrono::seconds(1);

  friend bool operator==(const FlowControl&, const FlowControl&) = default;
};

inline constexpr std::size_t kFlowKeyBytesMax = 1024;

// A limit of attempts: a whole number from 1. kInvalidHeader: "must be …".
Result<std::int32_t> parse_flow_limit(std::string_view text);
// Whole seconds from one second to seven days, in the grammar of durations. kInvalidHeader.
Result<Duration> parse_flow_period(std::string_view text);

// The value of Upstash-Flow-Control-Value, "parallelism=3, rate=5, period=10s"; kInvalidHeader with
// a text that names what is wrong.
Result<FlowControl> parse_flow_control(std::string_view key, std::string_view value);

// The row of one key of one tenant. The newest message's values are the key's, unless pinned
// (section 12).
struct FlowKey {
  TenantId tenant;
  std::string key;
  std::int32_t parallelism = 0;  // 0: unlimited
  std::int32_t rate = 0;         // 0: unlimited
  Duration period = std::chrono::seconds(1);
  bool paused = false;
  bool pinned_parallelism = false;
  bool pinned_rate = false;
  // The window that runs: its start, and the slots that are durably reserved in it. A process that
  // ended may have used all of them, so recovery counts them as used.
  TimePoint window_start;
  std::int32_t reserved = 0;
  TimePoint used_at;  // an idle key is dropped a day later

  friend bool operator==(const FlowKey&, const FlowKey&) = default;
};

using FlowKeyPtr = std::shared_ptr<const FlowKey>;

// The key's values after a message that brings its own: each half (parallelism; rate and period) is
// replaced unless it is pinned. Says whether anything changed.
bool take_newest(FlowKey& key, const FlowControl& newest);

}  // namespace ferry
