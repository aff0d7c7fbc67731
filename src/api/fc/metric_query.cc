#include "api/fc/metric_query.h"

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include "api/answers.h"
#include "api/scalars.h"
#include "base/json_writer.h"

namespace ferry::api::fc {
namespace {

struct MetricName {
  std::string_view name;
  std::string_view series;
  std::string_view values = {};  // of an average: how many values the series is the sum of
};

constexpr MetricName kMetrics[] = {
    {"FunctionEnqueueCount", "fc_async_enqueued_total"},
    {"FunctionAsyncMessageLatencyAvg", "fc_async_queue_latency_seconds_sum",
     "fc_async_queue_latency_seconds_bucket"},
    {"FunctionAvgDuration", "fc_invocation_duration_seconds_sum",
     "fc_invocation_duration_seconds_bucket"},
    {"FunctionDequeueCount", "fc_async_dequeued_total"},
    {"FunctionAsyncEventExpiredDropped", "fc_async_expired_total"},
    {"FunctionDestinationErrors", "fc_destination_errors_total"},
    {"FunctionDestinationSucceed", "fc_destination_succeeded_total"},
    {"FunctionDestinationSucceeded", "fc_destination_succeeded_total"},
    {"FunctionTotalInvocations", "fc_invocations_total"},
    {"FunctionErrors", "fc_function_errors_total"},
    {"FunctionServerErrors", "fc_server_errors_total"},
    {"FunctionClientErrors", "fc_client_errors_total"},
    {"FunctionConcurrencyThrottles", "fc_throttles_total"},
    {"RegionTotalInvocations", "fc_invocations_total"},
    {"RegionFunctionErrors", "fc_function_errors_total"},
    {"RegionServerErrors", "fc_server_errors_total"},
    {"RegionClientErrors", "fc_client_errors_total"},
    {"RegionThrottles", "fc_throttles_total"},
};

struct MetricQuery {
  const MetricName* metric = nullptr;
  SeriesLabels labels;
  TimePoint from, to;
  Duration period = std::chrono::minutes(1);
};

Checked<const MetricName*> metric_of(const Call& call) {
  const auto name = call.query_value("metricName").value_or("");
  const auto found = std::ranges::find(kMetrics, name, &MetricName::name);
  if (found != std::end(kMetrics)) return found;
  return invalid_argument("metricName '" + std::string(name) + "' is not known");
}

Checked<TimePoint> time_of(const Call& call, std::string_view name, TimePoint absent) {
  const auto text = call.query_value(name);
  if (!text || text->empty()) return absent;
  const auto ms = parse_integer(*text);
  if (ms && *ms <= to_unix_ms(call.now + SeriesBook::kHoursKept)) return from_unix_ms(*ms);
  return invalid_argument(std::string(name) + " must be a time in milliseconds");
}

Checked<Duration> period_of(const Call& call) {
  const auto text = call.query_value("period").value_or("60");
  if (text == "60") return std::chrono::minutes(1);
  if (text == "3600") return std::chrono::hours(1);
  return invalid_argument("period must be 60 or 3600");
}

// Region names are about all functions of the caller.
SeriesLabels labels_of(const Call& call, const MetricName& metric) {
  SeriesLabels labels;
  if (metric.name.starts_with("Region")) return labels;
  if (const auto name = call.query_value("functionName"); name && !name->empty()) {
    const std::size_t dollar = name->find('$');
    const bool grouped = dollar != std::string_view::npos;
    labels.emplace_back("service", grouped ? name->substr(0, dollar) : std::string_view());
    labels.emplace_back("function", grouped ? name->substr(dollar + 1) : *name);
  }
  if (const auto qualifier = call.query_value("qualifier"); qualifier && !qualifier->empty()) {
    labels.emplace_back("qualifier", *qualifier);
  }
  return labels;
}

Checked<MetricQuery> read_query(const Call& call) {
  MetricQuery query;
  ASSIGN_OR_RETURN(query.metric, metric_of(call));
  query.labels = labels_of(call, *query.metric);
  ASSIGN_OR_RETURN(query.to, time_of(call, "endTime", call.now));
  ASSIGN_OR_RETURN(query.from, time_of(call, "startTime", query.to - std::chrono::hours(1)));
  ASSIGN_OR_RETURN(query.period, period_of(call));
  if (query.from > query.to) return invalid_argument("startTime is behind endTime");
  return query;
}

// Averages are in whole milliseconds.
std::vector<SeriesBook::Point> points_of(const SeriesBook& book, SeriesOwner owner,
                                         const MetricQuery& query) {
  const auto ask = [&](std::string_view series) {
    return book.query(owner, series, query.labels, query.from, query.to, query.period);
  };
  std::vector<SeriesBook::Point> points = ask(query.metric->series);
  if (query.metric->values.empty()) return points;
  std::map<TimePoint, std::int64_t> values;
  for (const SeriesBook::Point& point : ask(query.metric->values)) values[point.time] = point.value;
  for (SeriesBook::Point& point : points) {
    point.value /= std::max<std::int64_t>(values[point.time], 1);
  }
  return points;
}

}  // namespace

Awaitable<Answered> query_metrics(Call call) {
  CO_ASSIGN_OR_RETURN(const MetricQuery query, read_query(call));
  const std::vector<SeriesBook::Point> points =
      points_of(call.services.context.metrics.series, series_owner(call.caller.tenant->id), query);
  JsonWriter json;
  json.begin_object()
      .field("metricName", query.metric->name)
      .field("period", static_cast<std::int64_t>(query.period / std::chrono::seconds(1)))
      .key("datapoints")
      .begin_array();
  for (const SeriesBook::Point& point : points) {
    json.begin_object()
        .field("timestamp", to_unix_ms(point.time))
        .field("value", point.value)
        .end_object();
  }
  json.end_array().end_object();
  co_return json_answer(std::move(json).take());
}

}  // namespace ferry::api::fc
