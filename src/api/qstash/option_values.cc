#include "api/qstash/option_values.h"

#include <algorithm>
#include <limits>

#include "api/scalars.h"
#include "domain/cron.h"
#include "domain/limits.h"
#include "domain/push_target.h"
#include "domain/retry_expression.h"

namespace ferry::api {
namespace {

std::unexpected<Error> invalid(std::string text) {
  return fail(ErrorCode::kInvalidHeader, std::move(text));
}

std::unexpected<Error> unexpected_value(std::string_view value, std::string_view expected) {
  return invalid("'" + std::string(value) + "' is not " + std::string(expected));
}

constexpr std::size_t kOrderingKeyBytesMax = 1024;

// The year 9999: later times could not be told from overflow.
constexpr std::int64_t kUnixSecondsMax = 253'402'300'799;

}  // namespace

Result<Method> parse_method_value(std::string_view text) {
  if (const auto method = parse_method(text)) return *method;
  return unexpected_value(text, "one of GET, POST, PUT, PATCH and DELETE");
}

Result<bool> parse_bool_value(std::string_view text) {
  if (const auto flag = parse_bool(text)) return *flag;
  return unexpected_value(text, "true or false");
}

Result<std::int32_t> parse_retries(std::string_view text) {
  const auto retries = parse_integer(text);
  if (!retries) return unexpected_value(text, "a whole number of 0 or more");
  return static_cast<std::int32_t>(
      std::min<std::int64_t>(*retries, std::numeric_limits<std::int32_t>::max()));
}

Result<Duration> parse_duration_value(std::string_view text) {
  Result<Duration> duration = parse_duration(text);
  if (!duration) return invalid(std::move(duration.error().text));
  return duration;
}

Result<Duration> parse_timeout(std::string_view text) {
  ASSIGN_OR_RETURN(const Duration timeout, parse_duration_value(text));
  if (timeout <= Duration(0)) return invalid("the timeout must be longer than 0");
  return timeout;
}

Result<TimePoint> parse_not_before(std::string_view text) {
  const auto seconds = parse_integer(text);
  if (!seconds || *seconds > kUnixSecondsMax) {
    return unexpected_value(text, "a time in unix seconds");
  }
  return TimePoint(std::chrono::seconds(*seconds));
}

Result<std::string> parse_retry_delay(std::string_view text) {
  if (Result<void> checked = check_retry_expression(text); !checked) {
    return invalid(std::move(checked.error().text));
  }
  return std::string(text);
}

Result<std::vector<std::string>> parse_labels(std::string_view text) {
  std::vector<std::string> labels;
  for (const std::string_view label : split_list(text)) {
    if (label.size() > limits::kLabelBytesMax) {
      return invalid("a label is longer than " + std::to_string(limits::kLabelBytesMax) + " bytes");
    }
    if (std::ranges::find(labels, label) == labels.end()) labels.emplace_back(label);
    if (labels.size() > limits::kLabelsMax) {
      return invalid("more than " + std::to_string(limits::kLabelsMax) + " labels");
    }
  }
  return labels;
}

Result<std::string> parse_name(std::string_view text) {
  if (is_name(text)) return std::string(text);
  return unexpected_value(text, "a name of letters, digits, '.', '_' and '-', at most " +
                                    std::to_string(limits::kNameBytesMax) + " bytes");
}

Result<std::string> parse_destination_of_results(std::string_view text) {
  const auto target = parse_push_target(text);
  if (!target) return std::unexpected(target.error());
  return target->text;
}

Result<std::string> parse_ordering_key(std::string_view text) {
  if (text.empty()) return invalid("the key is empty");
  if (text.size() <= kOrderingKeyBytesMax) return std::string(text);
  return invalid("the key is longer than " + std::to_string(kOrderingKeyBytesMax) + " bytes");
}

Result<std::string> parse_cron(std::string_view text) {
  ASSIGN_OR_RETURN(const Cron cron, Cron::parse(text));
  return cron.text();
}

Result<std::string> parse_deduplication_id(std::string_view text) {
  if (text.contains(':')) return invalid("DeduplicationId cannot contain ':'");
  if (text.empty()) return invalid("DeduplicationId cannot be empty");
  if (text.size() > limits::kDeduplicationIdBytesMax) {
    return invalid("DeduplicationId is longer than " +
                   std::to_string(limits::kDeduplicationIdBytesMax) + " bytes");
  }
  return std::string(text);
}

}  // namespace ferry::api
