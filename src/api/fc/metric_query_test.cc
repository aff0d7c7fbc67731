#include "api/fc/metric_query.h"

#include <gtest/gtest.h>

#include "api/fc/functions_under_test.h"

namespace ferry::api::fc {
namespace {

using namespace test;

const std::string kMetrics = std::string(k3) + "/metrics?metricName=";

// The values of an answer, with commas.
std::string values(const http::ServerResponse& response) {
  EXPECT_EQ(response.status, 200) << response.body;
  const auto document = JsonDocument::parse(response.body);
  const auto points = document->root().find("datapoints");
  std::string text;
  for (std::size_t i = 0; points && i < points->size(); ++i) {
    text += (i == 0 ? "" : ",") + std::to_string(*points->element(i).find("value")->integer());
  }
  return text;
}

class MetricQueries : public testing::Test {
 protected:
  void count(std::string_view series, std::string service, std::string function, Duration ago,
             std::int64_t n) {
    api_.metrics.series.count(
        owner(), series, {{"service", service}, {"function", function}, {"qualifier", "LATEST"}},
        kNow - ago, n);
  }
  SeriesOwner owner() const { return series_owner(api_.tenant.id); }
  std::string ask(const std::string& query) { return values(api_.call("GET", kMetrics + query)); }
  std::string refused(const std::string& query) {
    return fault(api_.call("GET", kMetrics + query));
  }

  FunctionsUnderTest api_;
};

TEST_F(MetricQueries, ShowMinutesOfTheLastHour) {
  count("fc_destination_errors_total", "", "f", std::chrono::minutes(2), 3);
  count("fc_destination_errors_total", "", "f", std::chrono::minutes(1), 4);
  count("fc_destination_errors_total", "", "f", std::chrono::hours(3), 5);
  EXPECT_EQ(ask("FunctionDestinationErrors&functionName=f"), "3,4");
}

TEST_F(MetricQueries, ShowHoursOfAPeriod) {
  count("fc_invocations_total", "", "f", std::chrono::hours(3), 5);
  const std::string start = std::to_string(to_unix_ms(kNow - std::chrono::hours(5)));
  EXPECT_EQ(ask("FunctionTotalInvocations&period=3600&startTime=" + start), "5");
}

TEST_F(MetricQueries, TellFunctionsAndQualifiersApartAndRegionsNot) {
  count("fc_client_errors_total", "", "f", Duration(0), 1);
  count("fc_client_errors_total", "s", "f", Duration(0), 2);
  EXPECT_EQ(ask("FunctionClientErrors&functionName=f"), "1");
  EXPECT_EQ(ask("FunctionClientErrors&functionName=s$f"), "2");
  EXPECT_EQ(ask("FunctionClientErrors&functionName=f&qualifier=1"), "");
  EXPECT_EQ(ask("RegionClientErrors&functionName=f"), "3");
}

TEST_F(MetricQueries, AreOfTheCallersTenantAlone) {
  const SeriesOwner other{api_.tenant.id.value + 1};
  const SeriesLabels labels{{"service", ""}, {"function", "f"}, {"qualifier", "LATEST"}};
  api_.metrics.series.count(other, "fc_invocations_total", labels, kNow, 5);
  EXPECT_EQ(ask("FunctionTotalInvocations&functionName=f"), "");
  EXPECT_EQ(ask("FunctionTotalInvocations"), "");
  EXPECT_EQ(ask("RegionTotalInvocations"), "");
  count("fc_invocations_total", "", "f", Duration(0), 2);
  EXPECT_EQ(ask("FunctionTotalInvocations&functionName=f"), "2");
  EXPECT_EQ(ask("RegionTotalInvocations"), "2");
}

TEST_F(MetricQueries, BothNamesOfSuccessAreOne) {
  count("fc_destination_succeeded_total", "", "f", Duration(0), 6);
  EXPECT_EQ(ask("FunctionDestinationSucceed"), "6");
  EXPECT_EQ(ask("FunctionDestinationSucceeded"), "6");
}

TEST_F(MetricQueries, AveragesAreOfTheirOwnMinuteInMilliseconds) {
  const auto observe = [this](Duration ago, int ms) {
    api_.metrics.series.observe(owner(), "fc_async_queue_latency_seconds",
                                {{"service", ""}, {"function", "f"}, {"qualifier", "LATEST"}},
                                kNow - ago, Duration(ms));
  };
  observe(std::chrono::minutes(2), 5);
  observe(std::chrono::minutes(2), 10'000);
  observe(std::chrono::minutes(1), 7);
  EXPECT_EQ(ask("FunctionAsyncMessageLatencyAvg&functionName=f"), "5002,7");
  EXPECT_EQ(ask("FunctionAsyncMessageLatencyAvg&functionName=g"), "");
  EXPECT_EQ(ask("FunctionAvgDuration&functionName=f"), "");
}

TEST_F(MetricQueries, UnknownNamesTimesAndPeriodsAreRefused) {
  EXPECT_EQ(refused("Nothing"), "InvalidArgument");
  EXPECT_EQ(refused("FunctionErrors&period=61"), "InvalidArgument");
  EXPECT_EQ(refused("FunctionErrors&startTime=x"), "InvalidArgument");
  EXPECT_EQ(refused("FunctionErrors&startTime=2&endTime=1"), "InvalidArgument");
}

}  // namespace
}  // namespace ferry::api::fc
