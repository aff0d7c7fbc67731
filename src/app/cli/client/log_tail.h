#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/cli/client/list_filters.h"
#include "app/cli/client/session.h"
#include "app/cli/client/shown.h"

namespace ferry::app::cli {

inline constexpr std::string_view kLogPath = "/v2/events";  // the path that every server has
inline constexpr std::int64_t kLogPageMax = 1000;           // contract section 14.2

std::span<const Column> log_columns();

// Which entries of a growing log were not seen before. An entry may appear up to the overlap later
// than entries of a later time: the start of an attempt is stored with its end when that comes
// within a second. So the tail of the log is read again, and only what is new in it is shown.
class LogTail {
 public:
  static constexpr Duration kOverlap = std::chrono::seconds(5);

  // True once for every entry that is not older than what was forgotten.
  bool is_new(const JsonValue& entry);
  // Where to read on from.
  TimePoint read_from() const { return newest_ - kOverlap; }
  // Forgets what is too old to be read again; called between two rounds.
  void forget_old();

 private:
  std::set<std::pair<TimePoint, std::string>> seen_;
  TimePoint newest_{};
  TimePoint horizon_ = TimePoint::min();
};

// Shows the newest `limit` entries, then, a second apart, what has come; ends with Ctrl-C. With
// --json an entry a line, as the server wrote it.
CallResult<void> follow_log(Session& session, const ListFilters& filters, std::int64_t limit);

// The elements of the array `member` of an answer, as they stand in its text, which is valid JSON.
std::vector<std::string_view> raw_elements(std::string_view json, std::string_view member);

}  // namespace ferry::app::cli
