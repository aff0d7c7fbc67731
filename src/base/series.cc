#include "base/series.h"

#include <algorithm>
#include <array>

#include "base/json_writer.h"

namespace ferry {
namespace {

constexpr Duration kMinute = std::chrono::minutes(1);
constexpr Duration kHour = std::chrono::hours(1);

std::int64_t number_of(TimePoint time, Duration period) {
  return to_unix_ms(time) / period.count();
}

// Upper bounds of the buckets of histograms: from an idle server's to an hour's wait.
struct Bound {
  Duration most;
  std::string_view text;
};
constexpr std::array kBounds = {
    Bound{Duration(10), "0.01"},        Bound{Duration(50), "0.05"},
    Bound{Duration(100), "0.1"},        Bound{Duration(500), "0.5"},
    Bound{Duration(1'000), "1"},        Bound{Duration(5'000), "5"},
    Bound{Duration(10'000), "10"},      Bound{Duration(60'000), "60"},
    Bound{Duration(300'000), "300"},    Bound{Duration(1'800'000), "1800"},
    Bound{Duration(3'600'000), "3600"}, Bound{Duration::max(), "+Inf"}};

constexpr std::string_view kBucket = "_seconds_bucket";
constexpr std::string_view kSum = "_seconds_sum";

// Each value is stored in one bucket, and shown in all that are not below it.
struct Histogram {
  std::array<std::int64_t, kBounds.size()> counts{};
  std::int64_t sum_ms = 0;
};

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

void append_line(std::string& out, std::string_view name, const SeriesLabels& labels,
                 std::string_view value) {
  out.append(name);
  append_labels(out, labels);
  out.append(" ").append(value).append("\n");
}

std::string seconds_text(std::int64_t ms) {
  const std::string rest = std::to_string(1000 + ms % 1000);
  return std::to_string(ms / 1000) + "." + rest.substr(1);
}

void append_histogram(std::string& out, const std::string& name, const SeriesLabels& labels,
                      const Histogram& histogram) {
  std::int64_t count = 0;
  for (std::size_t i = 0; i < kBounds.size(); ++i) {
    count += histogram.counts[i];
    SeriesLabels bounded = labels;
    bounded.emplace_back("le", kBounds[i].text);
    append_line(out, name + "_bucket", bounded, std::to_string(count));
  }
  append_line(out, name + "_sum", labels, seconds_text(histogram.sum_ms));
  append_line(out, name + "_count", labels, std::to_string(count));
}

// All histograms by name and labels.
class Histograms {
 public:
  // False for the series of a counter.
  bool take(const std::string& name, SeriesLabels labels, std::int64_t total) {
    if (name.ends_with(kSum)) {
      at(name, kSum, std::move(labels)).sum_ms = total;
      return true;
    }
    if (!name.ends_with(kBucket)) return false;
    const auto bound = std::ranges::find(kBounds, labels.back().second, &Bound::text);
    labels.pop_back();
    at(name, kBucket, std::move(labels)).counts[static_cast<std::size_t>(bound - kBounds.begin())] =
        total;
    return true;
  }
  void append(std::string& out) const {
    const std::string* last = nullptr;
    for (const auto& [key, histogram] : histograms_) {
      if (last == nullptr || *last != key.first) out += "# TYPE " + key.first + " histogram\n";
      last = &key.first;
      append_histogram(out, key.first, key.second, histogram);
    }
  }

 private:
  Histogram& at(std::string_view name, std::string_view ending, SeriesLabels labels) {
    name.remove_suffix(ending.size() - std::string_view("_seconds").size());
    return histograms_[{std::string(name), std::move(labels)}];
  }

  std::map<std::pair<std::string, SeriesLabels>, Histogram> histograms_;
};

}  // namespace

// Whether a series may be added: one of an owner with more of them than the newcomer goes for it.
bool SeriesBook::make_room(const Owned& newcomer) {
  if (series_ < kSeriesMax) return true;
  const auto most = std::ranges::max_element(
      owners_, {}, [](const auto& each) { return each.second.series.size(); });
  Owned& owned = most->second;
  if (owned.series.size() <= newcomer.series.size() + 1) return false;
  const auto oldest = std::ranges::min_element(
      owned.series, {}, [](const auto& each) { return each.second.counted_at; });
  owned.points -= oldest->second.points();
  points_ -= oldest->second.points();
  owned.series.erase(oldest);
  --series_;
  return true;
}

// Null: the series is not kept.
SeriesBook::Series* SeriesBook::find_or_add(Owned& owned, Key key) {
  const auto it = owned.series.find(key);
  if (it != owned.series.end()) return &it->second;
  if (owned.series.size() >= kSeriesOfOwnerMax || !make_room(owned)) return nullptr;
  ++series_;
  return &owned.series.emplace(std::move(key), Series{}).first->second;
}

void SeriesBook::count_in(Owned& owned, std::vector<Count>& counts, TimePoint now, Duration period,
                          Duration kept, std::int64_t n) {
  const std::int64_t number = number_of(now, period);
  auto place = std::ranges::lower_bound(counts, number, {}, &Count::number);
  if (place != counts.end() && place->number == number) {
    place->n += n;
    return;
  }
  counts.insert(place, {number, n});
  ++owned.points;
  ++points_;
  // What is too old goes, and the oldest one when there are too many.
  auto end = std::ranges::lower_bound(counts, number_of(now - kept, period), {}, &Count::number);
  const bool full = owned.points > kPointsOfOwnerMax || points_ > kPointsMax;
  if (end == counts.begin() && full) ++end;
  const auto gone = static_cast<std::size_t>(end - counts.begin());
  counts.erase(counts.begin(), end);
  owned.points -= gone;
  points_ -= gone;
}

void SeriesBook::count(SeriesOwner owner, std::string_view name, const SeriesLabels& labels,
                       TimePoint now, std::int64_t n) {
  const std::lock_guard lock(mutex_);
  Owned& owned = owners_[owner];
  Series* series = find_or_add(owned, {std::string(name), labels});
  if (series == nullptr) return;
  series->total += n;
  series->counted_at = now;
  count_in(owned, series->minutes, now, kMinute, kMinutesKept, n);
  count_in(owned, series->hours, now, kHour, kHoursKept, n);
}

void SeriesBook::observe(SeriesOwner owner, const std::string& name, SeriesLabels labels,
                         TimePoint now, Duration value) {
  value = std::max(value, Duration(0));
  count(owner, name + "_sum", labels, now, value.count());
  const auto bound =
      std::ranges::find_if(kBounds, [value](const Bound& each) { return value <= each.most; });
  labels.emplace_back("le", bound->text);
  count(owner, name + "_bucket", labels, now);
}

std::vector<SeriesBook::Point> SeriesBook::query(SeriesOwner owner, std::string_view name,
                                                 const SeriesLabels& labels, TimePoint from,
                                                 TimePoint to, Duration period) const {
  std::map<std::int64_t, std::int64_t> sums;
  {
    const std::lock_guard lock(mutex_);
    const auto owned = owners_.find(owner);
    if (owned == owners_.end()) return {};
    const std::map<Key, Series>& all = owned->second.series;
    for (auto it = all.lower_bound({std::string(name), {}}); it != all.end(); ++it) {
      const auto& [key, series] = *it;
      if (key.first != name) break;
      if (!has_all(key.second, labels)) continue;
      for (const Count& each : period >= kHour ? series.hours : series.minutes) {
        if (each.number < number_of(from, period) || each.number > number_of(to, period)) continue;
        sums[each.number] += each.n;
      }
    }
  }
  std::vector<Point> points;
  points.reserve(sums.size());
  for (const auto& [number, value] : sums) {
    points.push_back({from_unix_ms(number * period.count()), value});
  }
  return points;
}

// Owners that have a series of the same name and labels are shown as one.
std::string SeriesBook::render_prometheus() const {
  std::map<Key, std::int64_t> totals;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [owner, owned] : owners_) {
      for (const auto& [key, series] : owned.series) totals[key] += series.total;
    }
  }
  std::string out;
  Histograms histograms;
  const std::string* name = nullptr;
  for (const auto& [key, total] : totals) {
    if (histograms.take(key.first, key.second, total)) continue;
    if (name == nullptr || *name != key.first) out += "# TYPE " + key.first + " counter\n";
    name = &key.first;
    append_line(out, key.first, key.second, std::to_string(total));
  }
  histograms.append(out);
  return out;
}

}  // namespace ferry
