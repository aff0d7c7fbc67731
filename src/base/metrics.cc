#include "base/metrics.h"

#include <algorithm>
#include <charconv>
#include <concepts>
#include <string_view>
#include <variant>

namespace ferry {

const std::array<std::int64_t, LatencyHistogram::kBuckets>& LatencyHistogram::bounds_us() {
  static constexpr std::array<std::int64_t, kBuckets> kBounds = {
      50,        100,       200,        400,        800,        1'500,       3'000,      6'000,
      12'000,    25'000,    50'000,     100'000,    200'000,    400'000,     800'000,    1'500'000,
      3'000'000, 6'000'000, 12'000'000, 25'000'000, 60'000'000, 120'000'000, 300'000'000};
  return kBounds;
}

void LatencyHistogram::observe_us(std::int64_t microseconds) {
  const std::int64_t value = std::max<std::int64_t>(microseconds, 0);
  const auto bound = std::ranges::lower_bound(bounds_us(), value);
  const auto index = static_cast<std::size_t>(bound - bounds_us().begin());
  counts_[index].fetch_add(1, std::memory_order_relaxed);
  count_.fetch_add(1, std::memory_order_relaxed);
  sum_us_.fetch_add(value, std::memory_order_relaxed);
}

namespace {

// A gauge that is kept in milliseconds and shown in seconds, the base unit of Prometheus.
struct MillisecondGauge {
  Gauge Metrics::* member;
};

// Counters of one name, told apart by a label.
struct LabelledCounters {
  std::string_view label;
  std::span<const std::string_view> values;
  std::span<const Counter> (*of)(const Metrics&);
};

constexpr std::string_view kNotStartedReasons[] = {"descriptors", "memory", "resolver",
                                                   "address",     "tenant", "busy"};

struct Row {
  std::string_view name;  // without the prefix
  std::string_view help;
  std::variant<Counter Metrics::*, Gauge Metrics::*, MillisecondGauge, LatencyHistogram Metrics::*,
               LabelledCounters>
      metric;
};

constexpr Row kRows[] = {
    {"accepted_total", "Deliveries stored by publish, hooks excluded.", &Metrics::accepted_total},
    {"deduplicated_total", "Publishes answered by an earlier message of the same key.",
     &Metrics::deduplicated_total},
    {"hooks_total", "Callback and failure callback deliveries stored.", &Metrics::hooks_total},
    {"delivered_total", "Deliveries that succeeded.", &Metrics::delivered_total},
    {"failed_attempts_total", "Attempts that failed.", &Metrics::failed_attempts_total},
    {"retried_total", "Failed attempts after which another one was planned.",
     &Metrics::retried_total},
    {"dead_total", "Deliveries that gave up.", &Metrics::dead_total},
    {"cancelled_total", "Deliveries cancelled on request.", &Metrics::cancelled_total},
    {"pending", "Deliveries not finished.", &Metrics::pending},
    {"in_flight", "Attempts running.", &Metrics::in_flight},
    {"dead_letters", "Dead letters kept.", &Metrics::dead_letters},
    {"oldest_due_age_seconds", "How late the oldest due delivery is.",
     MillisecondGauge{&Metrics::oldest_due_age_ms}},
    {"ready", "Due deliveries that wait in memory for a slot, a key or a host.", &Metrics::ready},
    {"parked_lanes", "Lanes of the store that hold more of them.", &Metrics::parked_lanes},
    {"window_deliveries", "Deliveries held in memory.", &Metrics::window_deliveries},
    {"window_bytes", "Bytes of the deliveries held in memory.", &Metrics::window_bytes},
    {"schedule_lateness_seconds", "From the time of a schedule's tick to the tick.",
     &Metrics::schedule_lateness},
    {"end_to_end_seconds", "From accepted, or due if later, to delivered.", &Metrics::end_to_end},
    {"requests_total", "API requests answered.", &Metrics::requests_total},
    {"request_errors_total", "API requests answered with a status of 400 and above.",
     &Metrics::request_errors_total},
    {"overloaded_total", "API requests refused because the server was too busy.",
     &Metrics::overloaded_total},
    {"connections", "Open client connections.", &Metrics::connections},
    {"connections_dispensed_total",
     "Client connections that waited for a request and were closed for new ones.",
     &Metrics::connections_dispensed_total},
    {"connections_refused_total", "Client connections refused because all places were taken.",
     &Metrics::connections_refused_total},
    {"slow_peers_cut_total", "Client connections cut off for sending or reading too slowly.",
     &Metrics::slow_peers_cut_total},
    {"inbox_commands", "Commands waiting for the engine.", &Metrics::inbox_commands},
    {"inbox_bytes", "Bytes of the commands waiting for the engine.", &Metrics::inbox_bytes},
    {"request_latency_seconds", "From an API request read to its answer.",
     &Metrics::request_latency},
    {"attempts_total", "Requests sent to destinations.", &Metrics::attempts_total},
    {"attempts_not_started_total",
     "Attempts that the server itself could not start, by what it lacked; they are tried again.",
     LabelledCounters{
         "reason", kNotStartedReasons,
         [](const Metrics& m) { return std::span<const Counter>(m.attempts_not_started); }}},
    {"connections_opened_total", "Connections opened to destinations.",
     &Metrics::connections_opened_total},
    {"connections_reused_total", "Attempts sent over an idle connection.",
     &Metrics::connections_reused_total},
    {"addresses_refused_total", "Attempts refused because of the destination's address.",
     &Metrics::addresses_refused_total},
    {"pool_connections", "Connections to destinations, idle or in use.",
     &Metrics::pool_connections},
    {"attempt_latency_seconds", "From the start of an attempt to its outcome.",
     &Metrics::attempt_latency},
    {"commits_total", "Commits of the store.", &Metrics::commits_total},
    {"committed_bytes_total", "Bytes committed by the store.", &Metrics::committed_bytes_total},
    {"commit_latency_seconds", "Time of one commit with its sync.", &Metrics::commit_latency},
    {"applier_lag_positions", "Positions committed but not applied to the tables.",
     &Metrics::applier_lag_positions},
    {"applier_lag_seconds", "Age of the oldest position not applied to the tables.",
     MillisecondGauge{&Metrics::applier_lag_ms}},
    {"tail_bytes", "Bytes of rows committed but not applied to the tables.", &Metrics::tail_bytes},
    {"journal_bytes", "Bytes of the journal's segments.", &Metrics::journal_bytes},
    {"wal_bytes", "Bytes of the write-ahead logs of the tables.", &Metrics::wal_bytes},
    {"history_bytes", "Bytes of the history files.", &Metrics::history_bytes},
    {"disk_free_bytes", "Bytes free on the disk of the store.", &Metrics::disk_free_bytes},
    {"store_refusing", "1 while new work is refused for lack of disk.", &Metrics::store_refusing},
};

constexpr std::size_t bytes_listed() {
  std::size_t bytes = 0;
  for (const Row& row : kRows) {
    if (const auto* labelled = std::get_if<LabelledCounters>(&row.metric)) {
      bytes += labelled->values.size() * sizeof(Counter);
    } else if (std::holds_alternative<Counter Metrics::*>(row.metric)) {
      bytes += sizeof(Counter);
    } else if (std::holds_alternative<LatencyHistogram Metrics::*>(row.metric)) {
      bytes += sizeof(LatencyHistogram);
    } else {
      bytes += sizeof(Gauge);
    }
  }
  return bytes;
}
static_assert(bytes_listed() + sizeof(SeriesBook) == sizeof(Metrics),
              "every member of Metrics has one row, but those that name themselves");

template <std::integral Number>
void append_number(std::string& out, Number number) {
  char text[24];
  out.append(text, std::to_chars(text, text + sizeof text, number).ptr);
}

void append_seconds(std::string& out, std::int64_t count, double per_second) {
  char text[40];
  const double seconds = static_cast<double>(count) / per_second;
  out.append(text, std::to_chars(text, text + sizeof text, seconds, std::chars_format::fixed).ptr);
}

// Writes the samples of one row; `name` carries the prefix.
class SampleWriter {
 public:
  SampleWriter(std::string& out, const Metrics& metrics, std::string_view name,
               std::string_view help)
      : out_(out), metrics_(metrics), name_(name), help_(help) {}

  void operator()(Counter Metrics::* counter) const {
    describe("counter");
    sample("", (metrics_.*counter).value());
  }

  void operator()(Gauge Metrics::* gauge) const {
    describe("gauge");
    sample("", (metrics_.*gauge).value());
  }

  void operator()(MillisecondGauge gauge) const {
    describe("gauge");
    out_.append(name_).append(" ");
    append_seconds(out_, (metrics_.*gauge.member).value(), 1e3);
    out_.append("\n");
  }

  void operator()(const LabelledCounters& labelled) const {
    describe("counter");
    const std::span<const Counter> counters = labelled.of(metrics_);
    for (std::size_t i = 0; i < counters.size(); ++i) {
      std::string suffix = "{";
      suffix.append(labelled.label).append("=\"").append(labelled.values[i]).append("\"}");
      sample(suffix, counters[i].value());
    }
  }

  void operator()(LatencyHistogram Metrics::* member) const {
    const LatencyHistogram& histogram = metrics_.*member;
    describe("histogram");
    // Summed here, not taken from count(): other threads go on counting, and the text must agree
    // with itself.
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < LatencyHistogram::kBuckets; ++i) {
      seen += histogram.bucket(i);
      out_.append(name_).append("_bucket{le=\"");
      append_seconds(out_, LatencyHistogram::bounds_us()[i], 1e6);
      out_.append("\"} ");
      append_number(out_, seen);
      out_.append("\n");
    }
    seen += histogram.bucket(LatencyHistogram::kBuckets);
    sample("_bucket{le=\"+Inf\"}", seen);
    out_.append(name_).append("_sum ");
    append_seconds(out_, histogram.sum_us(), 1e6);
    out_.append("\n");
    sample("_count", seen);
  }

 private:
  void describe(std::string_view type) const {
    out_.append("# HELP ").append(name_).append(" ").append(help_);
    out_.append("\n# TYPE ").append(name_).append(" ").append(type).append("\n");
  }

  template <std::integral Number>
  void sample(std::string_view suffix, Number value) const {
    out_.append(name_).append(suffix).append(" ");
    append_number(out_, value);
    out_.append("\n");
  }

  std::string& out_;
  const Metrics& metrics_;
  std::string_view name_;
  std::string_view help_;
};

}  // namespace

std::string render_prometheus(const Metrics& metrics) {
  std::string out;
  out.reserve(16 * 1024);
  for (const Row& row : kRows) {
    const std::string name = std::string("ferry_").append(row.name);
    std::visit(SampleWriter(out, metrics, name, row.help), row.metric);
  }
  out += metrics.series.render_prometheus();
  return out;
}

}  // namespace ferry
