#include "base/metrics.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>

namespace ferry {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

bool has_line(const Metrics& metrics, const std::string& line) {
  return ("\n" + render_prometheus(metrics)).find("\n" + line + "\n") != std::string::npos;
}

TEST(LatencyHistogram, BoundsAscendFrom50MicrosecondsTo5Minutes) {
  const auto& bounds = LatencyHistogram::bounds_us();
  EXPECT_EQ(bounds.front(), 50);
  EXPECT_EQ(bounds.back(), 300'000'000);
  for (std::size_t i = 1; i < bounds.size(); ++i) {
    EXPECT_GT(bounds[i], bounds[i - 1]);
    EXPECT_LE(bounds[i], 5 * bounds[i - 1] / 2) << "a factor of about 2";
  }
}

TEST(LatencyHistogram, ABoundBelongsToItsBucket) {
  LatencyHistogram histogram;
  for (const std::int64_t value : {0, 50, 51, 100, 300'000'000, 300'000'001}) {
    histogram.observe_us(value);
  }
  EXPECT_EQ(histogram.bucket(0), 2u);
  EXPECT_EQ(histogram.bucket(1), 2u);
  EXPECT_EQ(histogram.bucket(LatencyHistogram::kBuckets - 1), 1u);
  EXPECT_EQ(histogram.bucket(LatencyHistogram::kBuckets), 1u);
  EXPECT_EQ(histogram.count(), 6u);
  EXPECT_EQ(histogram.sum_us(), 600'000'202);
}

TEST(LatencyHistogram, ANegativeLatencyCountsAsNone) {
  LatencyHistogram histogram;
  histogram.observe_us(-5);
  EXPECT_EQ(histogram.bucket(0), 1u);
  EXPECT_EQ(histogram.sum_us(), 0);
}

TEST(Prometheus, CountersAndGaugesShowTheirValues) {
  Metrics metrics;
  metrics.accepted_total.add();
  metrics.accepted_total.add(41);
  metrics.pending.set(7);
  metrics.pending.add(-9);
  EXPECT_TRUE(has_line(metrics, "# TYPE ferry_accepted_total counter"));
  EXPECT_TRUE(has_line(metrics, "ferry_accepted_total 42"));
  EXPECT_TRUE(has_line(metrics, "# TYPE ferry_pending gauge"));
  EXPECT_TRUE(has_line(metrics, "ferry_pending -2"));
}

TEST(Prometheus, MillisecondsAreShownAsSeconds) {
  Metrics metrics;
  metrics.oldest_due_age_ms.set(1250);
  metrics.applier_lag_ms.set(3);
  EXPECT_TRUE(has_line(metrics, "ferry_oldest_due_age_seconds 1.25"));
  EXPECT_TRUE(has_line(metrics, "ferry_applier_lag_seconds 0.003"));
  EXPECT_EQ(render_prometheus(metrics).find("_ms"), std::string::npos);
}

TEST(Prometheus, HistogramBucketsAreCumulativeAndInSeconds) {
  Metrics metrics;
  metrics.commit_latency.observe_us(40);
  metrics.commit_latency.observe_us(75);
  metrics.commit_latency.observe_us(1'000'000'000);
  EXPECT_TRUE(has_line(metrics, "# TYPE ferry_commit_latency_seconds histogram"));
  EXPECT_TRUE(has_line(metrics, "ferry_commit_latency_seconds_bucket{le=\"0.00005\"} 1"));
  EXPECT_TRUE(has_line(metrics, "ferry_commit_latency_seconds_bucket{le=\"0.0001\"} 2"));
  EXPECT_TRUE(has_line(metrics, "ferry_commit_latency_seconds_bucket{le=\"300\"} 2"));
  EXPECT_TRUE(has_line(metrics, "ferry_commit_latency_seconds_bucket{le=\"+Inf\"} 3"));
  EXPECT_TRUE(has_line(metrics, "ferry_commit_latency_seconds_sum 1000.000115"));
  EXPECT_TRUE(has_line(metrics, "ferry_commit_latency_seconds_count 3"));
}

TEST(Prometheus, EveryFamilyIsNamedOnceAndDescribedFirst) {
  std::set<std::string> families;
  std::string current;
  for (const std::string& line : lines_of(render_prometheus(Metrics()))) {
    std::istringstream words(line);
    std::string hash, keyword, name;
    if (!line.starts_with("#")) {
      EXPECT_TRUE(line.starts_with(current)) << line;
      continue;
    }
    words >> hash >> keyword >> name;
    if (keyword == "HELP") {
      current = name;
      EXPECT_TRUE(name.starts_with("ferry_")) << name;
      EXPECT_TRUE(families.insert(name).second) << name;
    } else {
      EXPECT_EQ(keyword, "TYPE");
      EXPECT_EQ(name, current);
    }
  }
  EXPECT_GT(families.size(), 30u);
}

TEST(Prometheus, ValuesAreThoseOfTheMemberWithTheName) {
  Metrics metrics;
  Counter Metrics::* const counters[] = {&Metrics::hooks_total, &Metrics::dead_total,
                                         &Metrics::requests_total, &Metrics::attempts_total,
                                         &Metrics::commits_total};
  const char* const names[] = {"hooks_total", "dead_total", "requests_total", "attempts_total",
                               "commits_total"};
  for (std::size_t i = 0; i < std::size(counters); ++i) (metrics.*counters[i]).add(i + 1);
  for (std::size_t i = 0; i < std::size(names); ++i) {
    EXPECT_TRUE(has_line(metrics, "ferry_" + std::string(names[i]) + " " + std::to_string(i + 1)));
  }
}

}  // namespace
}  // namespace ferry
