#include "base/time.h"

#include <array>
#include <charconv>
#include <limits>
#include <span>

#include "base/encoding.h"

namespace ferry {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr std::array<std::string_view, 7> kWeekdays = {"Sun", "Mon", "Tue", "Wed",
                                                       "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

void append_padded(std::string& out, std::int64_t value, std::size_t width) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  const auto count = static_cast<std::size_t>(end - digits);
  if (count < width) out.append(width - count, '0');
  out.append(digits, count);
}

void append_date(std::string& out, sys_days day) {
  const std::chrono::year_month_day date(day);
  append_padded(out, int{date.year()}, 4);
  out.push_back('-');
  append_padded(out, unsigned{date.month()}, 2);
  out.push_back('-');
  append_padded(out, unsigned{date.day()}, 2);
}

void append_clock(std::string& out, const std::chrono::hh_mm_ss<Duration>& clock) {
  append_padded(out, clock.hours().count(), 2);
  out.push_back(':');
  append_padded(out, clock.minutes().count(), 2);
  out.push_back(':');
  append_padded(out, clock.seconds().count(), 2);
}

}  // namespace

std::string format_rfc3339(TimePoint t) {
  const auto day = std::chrono::floor<days>(t);
  const std::chrono::hh_mm_ss<Duration> clock(t - day);
  std::string out;
  out.reserve(sizeof "2026-11-21T08:30:00.125Z");
  append_date(out, day);
  out.push_back('T');
  append_clock(out, clock);
  out.push_back('.');
  append_padded(out, clock.subseconds().count(), 3);
  out.push_back('Z');
  return out;
}

std::string format_day(std::int64_t utc_day) {
  std::string out;
  append_date(out, sys_days(days(utc_day)));
  return out;
}

std::string format_http_date(TimePoint t) {
  const auto day = std::chrono::floor<days>(t);
  const std::chrono::year_month_day date(day);
  std::string out;
  out.reserve(sizeof "Sun, 06 Nov 1994 08:49:37 GMT");
  out.append(kWeekdays[std::chrono::weekday(day).c_encoding()]).append(", ");
  append_padded(out, unsigned{date.day()}, 2);
  out.append(" ").append(kMonths[unsigned{date.month()} - 1]).append(" ");
  append_padded(out, int{date.year()}, 4);
  out.push_back(' ');
  append_clock(out, std::chrono::hh_mm_ss<Duration>(t - day));
  out.append(" GMT");
  return out;
}

namespace {

// A number made of the digits of `text`; anything else gives a number too, which the caller's
// comparison with the formatted date unmasks.
int number_of(std::string_view text) {
  int number = 0;
  for (const char c : text) number = number * 10 + (c - '0');
  return number;
}

unsigned month_of(std::string_view name) {
  for (unsigned i = 0; i < kMonths.size(); ++i) {
    if (kMonths[i] == name) return i + 1;
  }
  return 0;
}

}  // namespace

std::optional<TimePoint> parse_http_date(std::string_view text) {
  // Every part has its fixed place; formatting the result again shows at once whether each one, and
  // the weekday, was what it has to be.
  constexpr std::string_view kForm = "Sun, 06 Nov 1994 08:49:37 GMT";
  if (text.size() != kForm.size()) return std::nullopt;
  const std::chrono::year_month_day date(
      std::chrono::year(number_of(text.substr(12, 4))),
      std::chrono::month(month_of(text.substr(8, 3))),
      std::chrono::day(static_cast<unsigned>(number_of(text.substr(5, 2)))));
  if (!date.ok()) return std::nullopt;
  const TimePoint t = sys_days(date) + std::chrono::hours(number_of(text.substr(17, 2))) +
                      std::chrono::minutes(number_of(text.substr(20, 2))) +
                      std::chrono::seconds(number_of(text.substr(23, 2)));
  if (format_http_date(t) != text) return std::nullopt;
  return t;
}

namespace {

// Durations are summed in nanoseconds: integers all the way, and every decimal of a unit counts.
struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr Unit kApiUnits[] = {{"ms", 1'000'000},
                              {"s", kSecond},
                              {"m", 60 * kSecond},
                              {"h", 3600 * kSecond},
                              {"d", 86400 * kSecond}};
constexpr Unit kGoUnits[] = {
    {"ns", 1},          {"us", 1'000},  {"\u00B5s", 1'000},  // micro sign
    {"\u03BCs", 1'000},                                      // Greek letter mu, which Go takes too
    {"ms", 1'000'000},  {"s", kSecond}, {"m", 60 * kSecond}, {"h", 3600 * kSecond}};

// 100 years, which leaves room for their sum in 64 bits.
constexpr std::int64_t kNanosecondsMax = 36525 * (86400 * kSecond);

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view take_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

struct Decimal {
  std::string_view whole;
  std::string_view fraction;

  // This many units in nanoseconds; nothing beyond 100 years. Digits below a nanosecond are
  // dropped.
  std::optional<std::int64_t> times(std::int64_t unit) const {
    const std::int64_t most = kNanosecondsMax / unit;
    std::int64_t sum = 0;
    for (const char c : whole) {
      const int digit = c - '0';
      if (sum > (most - digit) / 10) return std::nullopt;  // before the product, which may not fit
      sum = sum * 10 + digit;
    }
    sum *= unit;
    for (const char digit : fraction) {
      unit /= 10;
      sum += (digit - '0') * unit;
    }
    return sum;
  }
};

// digits [ "." digits ], where one of the two may be missing, as in Go.
std::optional<Decimal> take_decimal(std::string_view& text) {
  Decimal decimal;
  decimal.whole = take_digits(text);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    decimal.fraction = take_digits(text);
  }
  if (decimal.whole.empty() && decimal.fraction.empty()) return std::nullopt;
  return decimal;
}

// The unit that `text` begins with: everything up to the next number.
const Unit* take_unit(std::string_view& text, std::span<const Unit> units) {
  std::size_t count = 0;
  while (count < text.size() && !is_digit(text[count]) && text[count] != '.') ++count;
  const std::string_view name = text.substr(0, count);
  text.remove_prefix(count);
  for (const Unit& unit : units) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

// One or more numbers with their units. A part of a millisecond counts as a whole one, so that what
// is positive never becomes 0, which often means "none".
std::optional<Duration> parse_units(std::string_view text, std::span<const Unit> units) {
  std::int64_t sum = 0;
  do {
    const auto decimal = take_decimal(text);
    if (!decimal) return std::nullopt;
    const Unit* unit = take_unit(text, units);
    if (unit == nullptr) return std::nullopt;
    const auto part = decimal->times(unit->nanoseconds);
    if (!part) return std::nullopt;
    sum += *part;
    if (sum > kNanosecondsMax) return std::nullopt;
  } while (!text.empty());
  return std::chrono::ceil<Duration>(std::chrono::nanoseconds(sum));
}

bool is_bare_number(std::string_view text) {
  return take_decimal(text).has_value() && text.empty();
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  const std::string_view trimmed = trim(text);
  const auto duration = is_bare_number(trimmed) ? parse_units(std::string(trimmed) + "s", kApiUnits)
                                                : parse_units(trimmed, kApiUnits);
  if (duration) return *duration;
  return fail(ErrorCode::kInvalidRequest,
              "invalid duration '" + std::string(text) + "', expected a form such as 90s or 1d2h");
}

std::optional<Duration> parse_go_duration(std::string_view text) {
  if (text == "0") return Duration(0);  // the one number that Go takes without a unit
  return parse_units(text, kGoUnits);
}

namespace {

struct NamedUnit {
  std::string_view name;
  std::int64_t milliseconds;
};

constexpr NamedUnit kTextUnits[] = {{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}};

// "1h1m5s": as much as possible in each unit.
std::string split_over_units(std::int64_t rest) {
  std::string text;
  for (const NamedUnit& unit : kTextUnits) {
    if (rest >= unit.milliseconds)
      text += std::to_string(rest / unit.milliseconds).append(unit.name);
    rest %= unit.milliseconds;
  }
  return text;
}

// "3665s": all in the largest unit that divides it.
std::string in_one_unit(std::int64_t rest) {
  for (const NamedUnit& unit : kTextUnits) {
    if (rest % unit.milliseconds == 0) {
      return std::to_string(rest / unit.milliseconds).append(unit.name);
    }
  }
  return {};
}

}  // namespace

std::string format_duration(Duration d) {
  if (d == Duration::zero()) return "0s";
  std::int64_t rest = d.count();
  std::string text;
  if (rest < 0) {
    text = "-";
    rest = -rest;
  }
  const std::int64_t whole_days = std::chrono::floor<days>(Duration(rest)).count();
  if (whole_days > 0) text += std::to_string(whole_days) + "d";
  rest -= Duration(days(whole_days)).count();
  if (rest == 0) return text;
  const std::string split = split_over_units(rest);
  const std::string single = in_one_unit(rest);
  return text + (single.size() <= split.size() ? single : split);
}

}  // namespace ferry
