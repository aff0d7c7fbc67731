#include "base/series.h"

#include <algorithm>

#include "base/json_writer.h"

namespace ferry {
namespace {

constexpr Duration kMinute = std::chrono::minutes(1);
constexpr Duration kHour = std::chrono::hours(1);

std::int64_t number_of(TimePoint time, Duration period) {
  return to_unix_ms(time) / period.count();
}

void count_in(std::map<std::int64_t, std::int64_t>& counts, TimePoint now, Duration period,
              Duration kept, std::int64_t n) {
  counts[number_of(now, period)] += n;
  counts.erase(counts.begin(), counts.lower_bound(number_of(now - kept, period)));
}

bool has_all(const SeriesLabels& labels, const SeriesLabels& wanted) {
  return std::ranges::all_of(
      wanted, [&](const auto& label) { return std::ranges::find(labels, label) != labels.end(); });
}

// A label value of the exposition format escapes what a JSON string does.
void append_labels(std::string& out, const SeriesLabels& labels) {
  if (labels.empty()) return;
  out += '{';
  for (const auto& [name, value] : labels) {
    if (!out.ends_with('{')) out += ',';
    out.append(name).append("=");
    append_json_string(out, value);
  }
  out += '}';
}

}  // namespace

void SeriesBook::count(std::string_view name, const SeriesLabels& labels, TimePoint now,
                       std::int64_t n) {
  const std::lock_guard lock(mutex_);
  Key key{std::string(name), labels};
  auto it = series_.find(key);
  if (it == series_.end()) {
    if (series_.size() >= kSeriesMax) return;
    it = series_.emplace(std::move(key), Series{}).first;
  }
  Series& series = it->second;
  series.total += n;
  count_in(series.minutes, now, kMinute, kMinutesKept, n);
  count_in(series.hours, now, kHour, kHoursKept, n);
}

std::vector<SeriesBook::Point> SeriesBook::query(std::string_view name, const SeriesLabels& labels,
                                                 TimePoint from, TimePoint to,
                                                 Duration period) const {
  std::map<std::int64_t, std::int64_t> sums;
  {
    const std::lock_guard lock(mutex_);
    for (auto it = series_.lower_bound({std::string(name), {}}); it != series_.end(); ++it) {
      const auto& [key, series] = *it;
      if (key.first != name) break;
      if (!has_all(key.second, labels)) continue;
      const auto& counts = period >= kHour ? series.hours : series.minutes;
      const auto end = counts.upper_bound(number_of(to, period));
      for (auto each = counts.lower_bound(number_of(from, period)); each != end; ++each) {
        sums[each->first] += each->second;
      }
    }
  }
  std::vector<Point> points;
  for (const auto& [number, value] : sums) {
    points.push_back({from_unix_ms(number * period.count()), value});
  }
  return points;
}

std::string SeriesBook::render_prometheus() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  const std::string* name = nullptr;
  for (const auto& [key, series] : series_) {
    if (name == nullptr || *name != key.first) out += "# TYPE " + key.first + " counter\n";
    name = &key.first;
    out += key.first;
    append_labels(out, key.second);
    out += " " + std::to_string(series.total) + "\n";
  }
  return out;
}

}  // namespace ferry
