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

// The number of the tenant whose figures a series holds.
enum class SeriesOwner : std::int64_t {};

// Counters and histograms of tenants, whose labels are only known while running, with what each
// counted in every minute: the Prometheus text shows the totals of all owners together, a console
// asks for minutes and hours of one owner. Kept in memory: a restart begins anew. Any thread.
class SeriesBook {
 public:
  // An owner's further series are not kept. When all of them are too many, the owner with the most
  // loses the one that counted least recently.
  static constexpr std::size_t kSeriesMax = 10'000;
  static constexpr std::size_t kSeriesOfOwnerMax = 2'500;
  // Minutes and hours with a count, of 16 bytes each. Beyond these a series loses its oldest one
  // for each new one.
  static constexpr std::size_t kPointsMax = 1'000'000;
  static constexpr std::size_t kPointsOfOwnerMax = 250'000;
  static constexpr Duration kMinutesKept = std::chrono::hours(24);
  static constexpr Duration kHoursKept = std::chrono::hours(24 * 31);

  void count(SeriesOwner owner, std::string_view name, const SeriesLabels& labels, TimePoint now,
             std::int64_t n = 1);

  // Adds one value, below 0 as 0, to the histogram of that name, which ends in "_seconds". For
  // query(), "{name}_bucket" is how many values there were and "{name}_sum" their milliseconds.
  void observe(SeriesOwner owner, const std::string& name, SeriesLabels labels, TimePoint now,
               Duration value);

  // What was counted from `time` on, for so long as the query's period.
  struct Point {
    TimePoint time;
    std::int64_t value = 0;
    friend bool operator==(const Point&, const Point&) = default;
  };
  // All series of the owner and that name that have every one of `labels`, added up: one point for
  // each minute or hour between `from` and `to` in which anything was counted, ascending. `period`
  // is a minute or an hour.
  std::vector<Point> query(SeriesOwner owner, std::string_view name, const SeriesLabels& labels,
                           TimePoint from, TimePoint to, Duration period) const;

  // "# TYPE …" and one line a series, of all counters in the order of their names, then the same of
  // the histograms, in seconds.
  std::string render_prometheus() const;

 private:
  struct Count {
    std::int64_t number = 0;  // of the minute or hour since 1970
    std::int64_t n = 0;
  };
  struct Series {
    std::int64_t total = 0;
    TimePoint counted_at;        // most recently
    std::vector<Count> minutes;  // ascending
    std::vector<Count> hours;
    std::size_t points() const { return minutes.size() + hours.size(); }
  };
  using Key = std::pair<std::string, SeriesLabels>;
  struct Owned {
    std::map<Key, Series> series;
    std::size_t points = 0;
  };

  Series* find_or_add(Owned& owned, Key key);
  bool make_room(const Owned& newcomer);
  void count_in(Owned& owned, std::vector<Count>& counts, TimePoint now, Duration period,
                Duration kept, std::int64_t n);

  mutable std::mutex mutex_;
  std::map<SeriesOwner, Owned> owners_;
  std::size_t series_ = 0;  // of all owners
  std::size_t points_ = 0;
};

}  // namespace ferry
