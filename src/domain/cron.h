#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/result.h"
#include "base/time.h"
#include "domain/cron_fields.h"
#include "domain/time_zone.h"

namespace ferry {

inline constexpr std::size_t kCronBytesMax = 1024;  // of an expression, without blanks around it

// When a schedule fires (contract section 9.3): five cron fields, a descriptor such as @daily, or
// "@every <duration>", the first two by the wall clocks of a time zone, by default UTC.
//
// A minute fires when its wall-clock time matches the fields, and nothing else does. So what the
// clocks skip when they leap ahead does not fire, and what they show twice when they are set back
// fires twice.
class Cron {
 public:
  // The grammar is in the source file; blanks around the text are dropped. kInvalidHeader with
  // "Invalid cron expression ..." that says what is wrong and in which field. An expression that
  // matches no day that exists (31 February) is accepted; it never fires.
  static Result<Cron> parse(std::string_view text);

  // What was parsed, without the blanks around it.
  const std::string& text() const { return text_; }

  // The first time to fire that is later than `t`; of "@every", the given time (without its
  // milliseconds) and one period, so a schedule is asked with the time it last fired for. Nothing
  // if it never fires, and for a `t` outside the years 1970 to 9999. Microseconds at most: it goes
  // by days and months, never by minutes, and gives up kCronSearchMax ahead.
  std::optional<TimePoint> next_after(TimePoint t) const;

  friend bool operator==(const Cron&, const Cron&) = default;

 private:
  using Rule = std::variant<CronFields, Duration>;  // Duration: the period of "@every"

  Cron(std::string text, TimeZone zone, Rule rule)
      : text_(std::move(text)), zone_(zone), rule_(rule) {}

  static Result<Cron> parse_trimmed(std::string_view text);
  static Result<Rule> parse_rule(std::string_view text);

  std::string text_;
  TimeZone zone_;
  Rule rule_;
};

}  // namespace ferry
