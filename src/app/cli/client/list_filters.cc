#include "app/cli/client/list_filters.h"

#include <algorithm>
#include <array>

#include "app/cli/client/moment.h"
#include "app/cli/exit_codes.h"

namespace ferry::app::cli {
namespace {

using Lists = unsigned;  // bits of FilteredList

constexpr Lists kMessages = static_cast<Lists>(FilteredList::kMessages);
constexpr Lists kDeadLetters = static_cast<Lists>(FilteredList::kDeadLetters);
constexpr Lists kLogs = static_cast<Lists>(FilteredList::kLogs);
constexpr Lists kAll = kMessages | kDeadLetters | kLogs;

struct FilterRow {
  const char* flag;
  const char* parameter;
  Lists lists;
  const char* prose;
};

// Contract sections 10.3, 11.2 and 14.2.
constexpr auto kFilters = std::to_array<FilterRow>({
    {"--message", "messageId", kDeadLetters, "Of this message"},
    {"--message", "messageIds", kLogs, "Of this message"},
    {"--state", "state", kLogs, "CREATED, ACTIVE, RETRY, ERROR, DELIVERED, FAILED, ..."},
    {"--destination", "url", kAll, "To this URL"},
    {"--host", "host", kMessages | kLogs, "To this host"},
    {"--path", "path", kMessages | kLogs, "To this path of any host"},
    {"--group", "topicName", kAll, "Of this URL group"},
    {"--queue", "queueName", kAll, "Of this queue"},
    {"--schedule", "scheduleId", kAll, "Of this schedule"},
    {"--label", "label", kAll, "With this label"},
    {"--flow-key", "flowControlKey", kAll, "With this flow-control key"},
    {"--caller-ip", "callerIp", kAll, "Published from this address"},
    {"--status", "responseStatus", kDeadLetters, "Whose last answer had this HTTP status"},
});

CallResult<void> write_time(Target& target, const char* parameter, const std::string& text,
                            TimePoint now) {
  if (text.empty()) return {};
  const auto moment = parse_moment(text, now);
  if (!moment) return fail_with(kNotUnderstood, moment.error().text);
  target.parameter(parameter, std::to_string(to_unix_ms(*moment)));
  return {};
}

}  // namespace

void ListFilters::add_flags(Command command, FilteredList list) {
  const char* group = "Filters";
  texts_.reserve(kFilters.size());  // the options keep references
  for (const FilterRow& row : kFilters) {
    if ((row.lists & static_cast<Lists>(list)) == 0) continue;
    Given& given = texts_.emplace_back();
    given.parameter = row.parameter;
    command.add_option(row.flag, given.values, row.prose).repeated().under(group);
  }
  command.add_option("--from", from_, "Not before this time, such as 2026-11-21T08:30 or 15m ago")
      .under(group);
  command.add_option("--until", until_, "Not after this time").under(group);
}

bool ListFilters::empty() const {
  return from_.empty() && until_.empty() &&
         std::ranges::all_of(texts_, [](const Given& given) { return given.values.empty(); });
}

CallResult<void> ListFilters::write(Target& target, TimePoint now) const {
  for (const Given& given : texts_) {
    for (const std::string& value : given.values) target.parameter(given.parameter, value);
  }
  RETURN_IF_ERROR(write_time(target, "fromDate", from_, now));
  return write_time(target, "toDate", until_, now);
}

}  // namespace ferry::app::cli
