#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "domain/publish_options.h"

// The values of single publish options (contract section 2.4). The errors are kInvalidHeader, their
// texts say what is wrong with the value; the caller puts the option's name in front.

namespace ferry::api {

Result<Method> parse_method_value(std::string_view text);
Result<bool> parse_bool_value(std::string_view text);
// Not negative; what does not fit is the largest number, for the quotas to refuse.
Result<std::int32_t> parse_retries(std::string_view text);
Result<Duration> parse_duration_value(std::string_view text);
// The same, but not 0: a request that may take no time cannot succeed.
Result<Duration> parse_timeout(std::string_view text);
// Unix seconds.
Result<TimePoint> parse_not_before(std::string_view text);
Result<std::string> parse_retry_delay(std::string_view text);
// Without duplicates; limits::kLabelsMax of limits::kLabelBytesMax.
Result<std::vector<std::string>> parse_labels(std::string_view text);
// Of a queue or a schedule.
Result<std::string> parse_name(std::string_view text);
Result<std::string> parse_ordering_key(std::string_view text);
// A destination of results (ours; domain/push_target.h), verbatim.
Result<std::string> parse_destination_of_results(std::string_view text);
// Without the blanks around it. The texts are the public service's: the caller passes them on.
Result<std::string> parse_cron(std::string_view text);
// The text for a ':' is captured from the public service, so the caller passes this one on as it
// is.
Result<std::string> parse_deduplication_id(std::string_view text);

}  // namespace ferry::api
