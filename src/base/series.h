#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace ferry {

// Name and value of each, in the order they are shown.
using SeriesLabels = std::vector<std::pair<std::string, std::string>>;

// Counters and histograms whose labels are only known while running, with what each counted in
// every minute: the Prometheus text shows the totals, a console asks for minutes and hours. Kept in
// memory: a restart begins anew. Any thread.
class SeriesBook {
 public:
  static constexpr std::size_t kSeriesMax = 10'000;  // further ones are not kept
  static constexpr Duration kMinutesKept = std::chrono::hours(24);
  static constexpr Duration kHoursKept = std::chrono::hours(24 * 31);

  void count(std::string_view name, const SeriesLabels& labels, TimePoint now, std::int64_t n = 1);

  // Adds one value, below 0 as 0, to the histogram of that name, which ends in "_seconds". For
  // query(), "{name}_bucket" is how many values there were and "{name}_sum" their milliseconds.
  void observe(const std::string& name, SeriesLabels labels, TimePoint now, Duration value);

  // What was counted from `time` on, for so long as the query's period.
  struct Point {
    TimePoint time;
    std::int64_t value = 0;
    friend bool operator==(const Point&, const Point&) = default;
  };
  // All series of that name that have every one of `labels`, added up: one point for each minute or
  // hour between `from` and `to` in which anything was counted, ascending. `period` is a minute or
  // an hour.
  std::vector<Point> query(std::string_view name, const SeriesLabels& labels, TimePoint from,
                           TimePoint to, Duration period) const;

  // "# TYPE …" and one line a series, of all counters in the order of their names, then the same of
  // the histograms, in seconds.
  std::string render_prometheus() const;

 private:
  struct Series {
    std::int64_t total = 0;
    std::map<std::int64_t, std::int64_t> minutes;  // number of the minute -> counted in it
    std::map<std::int64_t, std::int64_t> hours;
  };
  using Key = std::pair<std::string, SeriesLabels>;

  mutable std::mutex mutex_;
  std::map<Key, Series> series_;
};

}  // namespace ferry
