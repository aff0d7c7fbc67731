#include "domain/cron_fields.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <span>
#include <string>
#include <vector>

#include "base/encoding.h"

// The grammar (contract section 9.3; the language of the robfig parser, whose error texts these
// are):
//
//   fields = field 4*( blanks field )
//   field  = item *( "," item )                        an empty item is passed over, as there
//   item   = ( "*" | "?" | value [ "-" value ] ) [ "/" step ]
//   value  = digits | the first three letters of a month or a day of the week, in any case
//   step   = digits, 1 or more
//
// "a/n" is "a-max/n". "*" and "?" are the whole range; without a step above 1 they make their field
// a star, which of the two day fields leaves the choice of the days to the other.

namespace ferry {
namespace {

using std::chrono::local_days;
using std::chrono::year_month;
using std::chrono::year_month_day;

constexpr std::string_view kMonths[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                        "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::string_view kWeekdays[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct Place {
  std::string_view name;
  int min;
  int max;
  std::span<const std::string_view> value_names;  // from min on
};

constexpr Place kMinute = {"minute", 0, 59, {}};
constexpr Place kHour = {"hour", 0, 23, {}};
constexpr Place kDayOfMonth = {"day of month", 1, 31, {}};
constexpr Place kMonth = {"month", 1, 12, kMonths};
constexpr Place kDayOfWeek = {"day of week", 0, 6, kWeekdays};

struct Values {
  std::uint64_t bits = 0;
  bool is_star = false;
};

// The parts between the separators, empty ones too.
std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.push_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string_view> split_at_blanks(std::string_view text) {
  std::vector<std::string_view> parts;
  for (text = trim(text); !text.empty(); text = trim(text)) {
    parts.push_back(text.substr(0, text.find_first_of(" \t")));
    text.remove_prefix(parts.back().size());
  }
  return parts;
}

// Reads one field.
class FieldParser {
 public:
  explicit FieldParser(const Place& place) : place_(place) {}

  Result<Values> parse(std::string_view text) const {
    Values values;
    for (const std::string_view item : split(text, ',')) {
      if (item.empty()) continue;
      ASSIGN_OR_RETURN(const Values more, parse_item(item));
      values.bits |= more.bits;
      values.is_star |= more.is_star;
    }
    // Without this a lone comma would be a schedule that never fires.
    if (values.bits == 0) return error("no value", text);
    return values;
  }

 private:
  struct Range {
    int start;
    int end;
  };

  Result<Values> parse_item(std::string_view item) const {
    const auto parts = split(item, '/');
    const bool is_whole = parts[0] == "*" || parts[0] == "?";
    Range range = {place_.min, place_.max};
    if (!is_whole) {
      ASSIGN_OR_RETURN(range, parse_range(parts[0], item));
    }
    if (parts.size() > 2) return error("too many slashes", item);
    int step = 1;
    if (parts.size() == 2) {
      ASSIGN_OR_RETURN(step, parse_number(parts[1]));
      if (!parts[0].contains('-')) range.end = place_.max;
    }
    RETURN_IF_ERROR(check(range, item));
    if (step == 0) return error("step of range should be a positive number", item);
    return Values{.bits = bits_of(range, step), .is_star = is_whole && step == 1};
  }

  Result<Range> parse_range(std::string_view text, std::string_view item) const {
    const auto borders = split(text, '-');
    if (borders.size() > 2) return error("too many hyphens", item);
    ASSIGN_OR_RETURN(const int start, parse_value(borders.front()));
    ASSIGN_OR_RETURN(const int end, parse_value(borders.back()));
    return Range{start, end};
  }

  Result<int> parse_value(std::string_view text) const {
    const auto names = place_.value_names;
    const auto named = std::ranges::find(names, to_lower(text));
    if (named != names.end()) return place_.min + static_cast<int>(named - names.begin());
    return parse_number(text);
  }

  Result<int> parse_number(std::string_view text) const {
    int number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, code] = std::from_chars(text.data(), end, number);
    if (code != std::errc{} || rest != end || number < 0) {
      return fail(ErrorCode::kInvalidHeader,
                  "failed to parse int from " + std::string(text) + in_field());
    }
    return number;
  }

  Result<void> check(Range range, std::string_view item) const {
    const auto number = [](int n) { return " (" + std::to_string(n) + ")"; };
    if (range.start < place_.min) {
      return error(
          "beginning of range" + number(range.start) + " below minimum" + number(place_.min), item);
    }
    if (range.end > place_.max) {
      return error("end of range" + number(range.end) + " above maximum" + number(place_.max),
                   item);
    }
    if (range.start > range.end) {
      return error(
          "beginning of range" + number(range.start) + " beyond end of range" + number(range.end),
          item);
    }
    return {};
  }

  static std::uint64_t bits_of(Range range, int step) {
    std::uint64_t bits = 0;
    // Wider than a step, the largest of which would overflow.
    for (std::int64_t value = range.start; value <= range.end; value += step) {
      bits |= std::uint64_t{1} << value;
    }
    return bits;
  }

  std::string in_field() const { return " (" + std::string(place_.name) + ")"; }

  std::unexpected<Error> error(std::string_view what, std::string_view where) const {
    return fail(ErrorCode::kInvalidHeader,
                std::string(what) + ": " + std::string(where) + in_field());
  }

  const Place& place_;
};

std::string wrong_count(std::span<const std::string_view> fields) {
  std::string list;
  for (const std::string_view field : fields) {
    if (!list.empty()) list += ' ';
    list += field;
  }
  return "expected exactly 5 fields, found " + std::to_string(fields.size()) + ": [" + list + "]";
}

constexpr bool has(std::uint64_t bits, unsigned value) { return (bits >> value & 1) != 0; }

// Those of the values that are `least` or more.
constexpr std::uint64_t at_least(std::uint64_t bits, unsigned least) {
  return bits & ~std::uint64_t{0} << least;
}

// The days of a month (bit 1 is the first) that fall on the given days of the week.
std::uint64_t days_on(std::uint64_t days_of_week, std::chrono::weekday first) {
  constexpr std::uint64_t kEverySeventh = 1 | 1 << 7 | 1 << 14 | 1 << 21 | 1 << 28;
  const std::uint64_t two_weeks = days_of_week | days_of_week << 7;
  const std::uint64_t first_week = two_weeks >> first.c_encoding() & 0x7f;
  return first_week * kEverySeventh << 1;
}

}  // namespace

Result<CronFields> CronFields::parse(std::string_view text) {
  const auto fields = split_at_blanks(text);
  if (fields.size() != 5) return fail(ErrorCode::kInvalidHeader, wrong_count(fields));
  ASSIGN_OR_RETURN(const Values minutes, FieldParser(kMinute).parse(fields[0]));
  ASSIGN_OR_RETURN(const Values hours, FieldParser(kHour).parse(fields[1]));
  ASSIGN_OR_RETURN(const Values days_of_month, FieldParser(kDayOfMonth).parse(fields[2]));
  ASSIGN_OR_RETURN(const Values months, FieldParser(kMonth).parse(fields[3]));
  ASSIGN_OR_RETURN(const Values days_of_week, FieldParser(kDayOfWeek).parse(fields[4]));
  CronFields parsed;
  parsed.minutes_ = minutes.bits;
  parsed.hours_ = hours.bits;
  parsed.days_of_month_ = days_of_month.bits;
  parsed.months_ = months.bits;
  parsed.days_of_week_ = days_of_week.bits;
  parsed.either_day_ = !days_of_month.is_star && !days_of_week.is_star;
  return parsed;
}

std::optional<LocalMinute> CronFields::first_from(LocalMinute from) const {
  const auto today = std::chrono::floor<std::chrono::days>(from);
  const year_month_day date(today);
  if (has(days_of(date.year() / date.month()), static_cast<unsigned>(date.day()))) {
    if (const auto time = time_from(from - today)) return today + *time;
  }
  const auto day = day_from(today + std::chrono::days(1));
  if (!day) return std::nullopt;
  return *day + time_from(std::chrono::minutes(0)).value();
}

// The days of that month that match.
std::uint64_t CronFields::days_of(year_month month) const {
  if (!has(months_, static_cast<unsigned>(month.month()))) return 0;
  const std::chrono::weekday first(local_days(month / 1));
  const auto last = static_cast<unsigned>((month / std::chrono::last).day());
  const std::uint64_t existing = (std::uint64_t{1} << (last + 1)) - 2;
  const std::uint64_t on_weekday = days_on(days_of_week_, first);
  const std::uint64_t days =
      either_day_ ? days_of_month_ | on_weekday : days_of_month_ & on_weekday;
  return days & existing;
}

std::optional<local_days> CronFields::day_from(local_days from) const {
  const year_month_day date(from);
  year_month month = date.year() / date.month();
  const year_month last = month + kCronSearchMax;
  auto day = static_cast<unsigned>(date.day());
  for (; month <= last; month += std::chrono::months(1), day = 1) {
    const std::uint64_t days = at_least(days_of(month), day);
    if (days != 0) return local_days(month / std::countr_zero(days));
  }
  return std::nullopt;
}

std::optional<std::chrono::minutes> CronFields::time_from(std::chrono::minutes time_of_day) const {
  using std::chrono::hours;
  using std::chrono::minutes;
  const auto hour = std::chrono::floor<hours>(time_of_day);
  const auto at = static_cast<unsigned>(hour.count());
  if (has(hours_, at)) {
    const auto minute = static_cast<unsigned>((time_of_day - hour).count());
    const std::uint64_t rest = at_least(minutes_, minute);
    if (rest != 0) return hour + minutes(std::countr_zero(rest));
  }
  const std::uint64_t later = at_least(hours_, at + 1);
  if (later == 0) return std::nullopt;
  return hours(std::countr_zero(later)) + minutes(std::countr_zero(minutes_));
}

}  // namespace ferry
