#include "app/cli/client/moment.h"

#include <charconv>
#include <optional>
#include <string>

#include "base/encoding.h"

namespace ferry::app::cli {
namespace {

constexpr std::size_t kUnixMsDigitsMin = 11;  // fewer would be 1973 and before: a slip
constexpr std::size_t kUnixMsDigitsMax = 14;
constexpr std::size_t kMsDigits = 3;

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Takes `digits` digits and what must stand in front of them off the text.
std::optional<int> take(std::string_view& text, std::string_view before, std::size_t digits) {
  if (!text.starts_with(before)) return std::nullopt;
  const std::string_view number = text.substr(before.size(), digits);
  if (number.size() != digits || !is_digits(number)) return std::nullopt;
  int value = 0;
  std::from_chars(number.data(), number.data() + number.size(), value);
  text.remove_prefix(before.size() + digits);
  return value;
}

std::optional<TimePoint> take_date(std::string_view& text) {
  const auto year = take(text, "", 4);
  const auto month = year ? take(text, "-", 2) : std::nullopt;
  const auto day = month ? take(text, "-", 2) : std::nullopt;
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  return TimePoint(std::chrono::sys_days(date));
}

// ".125": the milliseconds of a fraction with one to nine digits.
std::optional<Duration> take_fraction(std::string_view& text) {
  if (!text.starts_with('.')) return Duration(0);
  text.remove_prefix(1);
  std::size_t count = 0;
  int ms = 0;
  for (; count < text.size() && is_digits(text.substr(count, 1)); ++count) {
    if (count < kMsDigits) ms = ms * 10 + (text[count] - '0');
  }
  if (count == 0 || count > 9) return std::nullopt;
  for (std::size_t i = count; i < kMsDigits; ++i) ms *= 10;
  text.remove_prefix(count);
  return Duration(ms);
}

std::optional<Duration> take_time_of_day(std::string_view& text) {
  const auto hours = take(text, text.starts_with(' ') ? " " : "T", 2);
  const auto minutes = hours ? take(text, ":", 2) : std::nullopt;
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const Duration time = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  if (!text.starts_with(':')) return time;
  const auto seconds = take(text, ":", 2);
  const auto fraction = seconds ? take_fraction(text) : std::nullopt;
  if (!fraction || *seconds > 59) return std::nullopt;
  return time + std::chrono::seconds(*seconds) + *fraction;
}

std::optional<TimePoint> parse_date_and_time(std::string_view text) {
  const auto date = take_date(text);
  if (!date || text.empty()) return date;
  const auto time = take_time_of_day(text);
  if (!time || (!text.empty() && text != "Z")) return std::nullopt;
  return *date + *time;
}

std::optional<TimePoint> parse_unix_ms(std::string_view text) {
  if (!is_digits(text) || text.size() < kUnixMsDigitsMin || text.size() > kUnixMsDigitsMax) {
    return std::nullopt;
  }
  std::int64_t ms = 0;
  std::from_chars(text.data(), text.data() + text.size(), ms);
  return from_unix_ms(ms);
}

}  // namespace

Result<TimePoint> parse_moment(std::string_view text, TimePoint now) {
  const std::string_view given = trim(text);
  if (const auto moment = parse_date_and_time(given)) return *moment;
  if (const auto moment = parse_unix_ms(given)) return *moment;
  if (!is_digits(given)) {
    if (const auto ago = parse_duration(given)) return now - *ago;
  }
  return fail(ErrorCode::kInvalidRequest,
              "'" + std::string(text) +
                  "' is no time: give 2026-11-21T08:30:00Z, unix milliseconds, or 15m for 15 "
                  "minutes ago");
}

}  // namespace ferry::app::cli
