#include "domain/cron.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/encoding.h"

// The grammar (contract section 9.3):
//
//   cron       = [ ( "CRON_TZ=" | "TZ=" ) zone blanks ] rule
//   rule       = fields | descriptor | "@every" blanks duration
//   fields     = the five fields of domain/cron_fields
//   descriptor = "@yearly" | "@annually" | "@monthly" | "@weekly" | "@daily" | "@midnight" |
//   "@hourly" duration   = Go's text of a duration, at least "1m"; a part of a second is dropped
//   zone       = a name of the IANA database

namespace ferry {
namespace {

using std::chrono::local_time;
using std::chrono::sys_days;
using std::chrono::year;

constexpr std::string_view kBlanks = " \t";
constexpr Duration kPeriodMin = std::chrono::minutes(1);
constexpr TimePoint kTimeMin = sys_days(year(1970) / 1 / 1);
constexpr TimePoint kTimeEnd = sys_days(year(10000) / 1 / 1);

struct Descriptor {
  std::string_view name;
  std::string_view fields;
};

constexpr Descriptor kDescriptors[] = {
    {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"},
    {"@weekly", "0 0 * * 0"}, {"@daily", "0 0 * * *"},    {"@midnight", "0 0 * * *"},
    {"@hourly", "0 * * * *"},
};

std::unexpected<Error> refuse(std::string text) {
  return fail(ErrorCode::kInvalidHeader, std::move(text));
}

// Takes the zone off the front of the text.
Result<TimeZone> take_zone(std::string_view& text) {
  for (const std::string_view prefix : {"CRON_TZ=", "TZ="}) {
    if (!text.starts_with(prefix)) continue;
    const std::string_view rest = text.substr(prefix.size());
    const std::string_view name = rest.substr(0, rest.find_first_of(kBlanks));
    text = trim(rest.substr(name.size()));
    auto zone = TimeZone::find(name);
    if (!zone) {
      return refuse("provided bad location " + std::string(name) + ": " + zone.error().text);
    }
    return zone;
  }
  return TimeZone();
}

Result<Duration> parse_period(std::string_view text) {
  const auto period = parse_go_duration(text);
  if (!period) return refuse("failed to parse duration @every " + std::string(text));
  if (*period < kPeriodMin) return refuse("@every needs at least 1m: " + std::string(text));
  return std::chrono::floor<std::chrono::seconds>(*period);
}

// Offset by offset: the first match of the calendar counts if it comes before the clocks change.
std::optional<TimePoint> next_match(const CronFields& fields, const TimeZone& zone, TimePoint t) {
  const TimePoint last = t + kCronSearchMax;
  for (TimePoint from = t + Duration(1); from <= last;) {
    const auto [offset, until] = zone.offset_at(from);
    const local_time<Duration> clock(from.time_since_epoch() + offset);
    const auto match = fields.first_from(std::chrono::ceil<std::chrono::minutes>(clock));
    if (!match) return std::nullopt;
    const TimePoint fires_at(match->time_since_epoch() - offset);
    if (fires_at < until) return fires_at;
    from = until;
  }
  return std::nullopt;
}

}  // namespace

Result<Cron> Cron::parse(std::string_view text) {
  auto cron = parse_trimmed(trim(text));
  if (!cron) return refuse("Invalid cron expression " + cron.error().text);
  return cron;
}

Result<Cron> Cron::parse_trimmed(std::string_view text) {
  if (text.empty()) return refuse("empty spec string");
  if (text.size() > kCronBytesMax) {
    return refuse("longer than " + std::to_string(kCronBytesMax) + " bytes");
  }
  std::string_view rest = text;
  ASSIGN_OR_RETURN(const TimeZone zone, take_zone(rest));
  ASSIGN_OR_RETURN(const Rule rule, parse_rule(rest));
  return Cron(std::string(text), zone, rule);
}

Result<Cron::Rule> Cron::parse_rule(std::string_view text) {
  if (!text.starts_with('@')) return CronFields::parse(text);
  const auto* const known = std::ranges::find(kDescriptors, text, &Descriptor::name);
  if (known != std::end(kDescriptors)) return CronFields::parse(known->fields);
  const std::string_view name = text.substr(0, text.find_first_of(kBlanks));
  if (name == "@every") return parse_period(trim(text.substr(name.size())));
  return refuse("unrecognized descriptor: " + std::string(text));
}

std::optional<TimePoint> Cron::next_after(TimePoint t) const {
  if (t < kTimeMin || t >= kTimeEnd) return std::nullopt;
  if (const auto* const period = std::get_if<Duration>(&rule_)) {
    return std::chrono::floor<std::chrono::seconds>(t) + *period;
  }
  return next_match(std::get<CronFields>(rule_), zone_, t);
}

}  // namespace ferry
