#include "domain/flow_control.h"

#include <algorithm>
#include <charconv>

#include "base/encoding.h"

// The value of a publisher (contract section 2.5):
//
//   value = item *( "," item )              blanks around items and "=" are allowed
//   item  = key "=" v                       each key once, in any case
//   key   = "parallelism" | "rate" | "period"
//   v     = a whole number from 1 (parallelism, rate); a duration (period)

namespace ferry {
namespace {

constexpr Duration kPeriodMin = std::chrono::seconds(1);
constexpr Duration kPeriodMax = std::chrono::hours(24 * 7);

std::unexpected<Error> invalid(std::string text) {
  return fail(ErrorCode::kInvalidHeader, std::move(text));
}

// What has been read of a value so far.
struct Draft {
  std::optional<std::int32_t> parallelism, rate;
  std::optional<Duration> period;
};

template <class T>
Result<void> set_once(std::optional<T>& member, std::string_view name, Result<T> value) {
  if (member) return invalid(std::string(name) + " is given twice");
  if (!value) return invalid(std::string(name) + " " + value.error().text);
  member = *value;
  return {};
}

Result<void> read_item(std::string_view item, Draft& draft) {
  const std::size_t mark = item.find('=');
  if (mark == std::string_view::npos) {
    return invalid("'" + std::string(trim(item)) + "' is not of the form key=value");
  }
  const std::string_view name = trim(item.substr(0, mark));
  const std::string_view value = trim(item.substr(mark + 1));
  if (equals_ignore_case(name, "parallelism")) {
    return set_once(draft.parallelism, "parallelism", parse_flow_limit(value));
  }
  if (equals_ignore_case(name, "rate"))
    return set_once(draft.rate, "rate", parse_flow_limit(value));
  if (equals_ignore_case(name, "period")) {
    return set_once(draft.period, "period", parse_flow_period(value));
  }
  return invalid("'" + std::string(name) + "' is none of parallelism, rate and period");
}

Result<void> check_key(std::string_view key) {
  if (key.empty()) return invalid("the key is empty");
  if (key.size() <= kFlowKeyBytesMax) return {};
  return invalid("the key is longer than " + std::to_string(kFlowKeyBytesMax) + " bytes");
}

// Replaces `member`; says whether that changed anything.
template <class T>
bool replace(T& member, T value) {
  if (member == value) return false;
  member = value;
  return true;
}

}  // namespace

Result<std::int32_t> parse_flow_limit(std::string_view text) {
  std::int32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 1) {
    return invalid("must be a whole number of 1 or more");
  }
  return number;
}

Result<Duration> parse_flow_period(std::string_view text) {
  const Result<Duration> period = parse_duration(text);
  if (!period || *period < kPeriodMin || *period > kPeriodMax ||
      *period % std::chrono::seconds(1) != Duration(0)) {
    return invalid("must be whole seconds from 1s to 7d");
  }
  return *period;
}

Result<FlowControl> parse_flow_control(std::string_view key, std::string_view value) {
  RETURN_IF_ERROR(check_key(key));
  Draft draft;
  for (std::size_t start = 0; start <= value.size();) {
    const std::size_t comma = std::min(value.find(',', start), value.size());
    RETURN_IF_ERROR(read_item(value.substr(start, comma - start), draft));
    start = comma + 1;
  }
  if (!draft.parallelism && !draft.rate) return invalid("needs parallelism or rate");
  FlowControl flow;
  flow.key = key;
  flow.parallelism = draft.parallelism;
  flow.rate = draft.rate;
  flow.period = draft.period.value_or(flow.period);
  return flow;
}

bool take_newest(FlowKey& key, const FlowControl& newest) {
  bool changed = false;
  if (!key.pinned_parallelism) {
    changed = replace(key.parallelism, newest.parallelism.value_or(0));
  }
  if (!key.pinned_rate) {
    changed = replace(key.rate, newest.rate.value_or(0)) || changed;
    changed = replace(key.period, newest.period) || changed;
  }
  return changed;
}

}  // namespace ferry
