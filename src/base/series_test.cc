#include "base/series.h"

#include <gtest/gtest.h>

namespace ferry {
namespace {

constexpr Duration kMinute = std::chrono::minutes(1);
const TimePoint kStart = from_unix_ms(1'700'000'040'000);  // a whole minute

using Points = std::vector<SeriesBook::Point>;

TEST(SeriesBook, AddsUpAllSeriesThatHaveTheLabels) {
  SeriesBook book;
  book.count("n", {{"f", "a"}, {"q", "1"}}, kStart);
  book.count("n", {{"f", "a"}, {"q", "2"}}, kStart + Duration(59'999), 2);
  book.count("n", {{"f", "b"}}, kStart);
  book.count("other", {{"f", "a"}}, kStart);
  EXPECT_EQ(book.query("n", {{"f", "a"}}, kStart, kStart, kMinute), (Points{{kStart, 3}}));
  EXPECT_EQ(book.query("n", {}, kStart, kStart, kMinute), (Points{{kStart, 4}}));
  EXPECT_EQ(book.query("none", {}, kStart, kStart, kMinute), Points{});
}

TEST(SeriesBook, TellsMinutesAndHoursApart) {
  SeriesBook book;
  for (int minute = 0; minute < 3; ++minute) book.count("n", {}, kStart + minute * kMinute);
  EXPECT_EQ(book.query("n", {}, kStart + kMinute, kStart + 2 * kMinute, kMinute),
            (Points{{kStart + kMinute, 1}, {kStart + 2 * kMinute, 1}}));
  const Points hours = book.query("n", {}, kStart - std::chrono::hours(1),
                                  kStart + std::chrono::hours(1), std::chrono::hours(1));
  ASSERT_EQ(hours.size(), 1u);
  EXPECT_EQ(hours[0].value, 3);
}

TEST(SeriesBook, ForgetsMinutesAfterADayAndKeepsTheHour) {
  SeriesBook book;
  book.count("n", {}, kStart);
  const TimePoint later = kStart + SeriesBook::kMinutesKept + kMinute;
  book.count("n", {}, later);
  EXPECT_EQ(book.query("n", {}, kStart, later, kMinute).size(), 1u);
  EXPECT_EQ(book.query("n", {}, kStart, later, std::chrono::hours(1)).size(), 2u);
}

TEST(SeriesBook, RendersTotalsWithEscapedLabels) {
  SeriesBook book;
  book.count("b_total", {{"f", "x\"y\\z"}}, kStart, 2);
  book.count("a_total", {}, kStart);
  EXPECT_EQ(book.render_prometheus(),
            "# TYPE a_total counter\na_total 1\n"
            "# TYPE b_total counter\nb_total{f=\"x\\\"y\\\\z\"} 2\n");
}

TEST(SeriesBook, AHistogramShowsEachValueInAllBucketsThatAreNotBelowIt) {
  SeriesBook book;
  for (const int ms : {-5, 10, 11, 3'600'000, 3'600'001}) {
    book.observe("w_seconds", {{"f", "x"}}, kStart, Duration(ms));
  }
  book.count("a_total", {}, kStart);
  const std::string text = book.render_prometheus();
  EXPECT_TRUE(
      text.starts_with("# TYPE a_total counter\na_total 1\n"
                       "# TYPE w_seconds histogram\n"
                       "w_seconds_bucket{f=\"x\",le=\"0.01\"} 2\n"
                       "w_seconds_bucket{f=\"x\",le=\"0.05\"} 3\n"))
      << text;
  EXPECT_TRUE(
      text.ends_with("w_seconds_bucket{f=\"x\",le=\"1800\"} 3\n"
                     "w_seconds_bucket{f=\"x\",le=\"3600\"} 4\n"
                     "w_seconds_bucket{f=\"x\",le=\"+Inf\"} 5\n"
                     "w_seconds_sum{f=\"x\"} 7200.022\n"
                     "w_seconds_count{f=\"x\"} 5\n"))
      << text;
}

TEST(SeriesBook, HistogramsOfOneNameHaveOneTypeLine) {
  SeriesBook book;
  book.observe("w_seconds", {{"f", "x"}}, kStart, Duration(7));
  book.observe("w_seconds", {{"f", "y"}}, kStart, Duration(7));
  const std::string text = book.render_prometheus();
  EXPECT_EQ(text.find("# TYPE"), text.rfind("# TYPE"));
  EXPECT_TRUE(text.contains("w_seconds_count{f=\"x\"} 1\n"));
  EXPECT_TRUE(text.contains("w_seconds_sum{f=\"y\"} 0.007\n"));
}

TEST(SeriesBook, AHistogramIsAskedForItsNumberAndItsSum) {
  SeriesBook book;
  book.observe("w_seconds", {{"f", "x"}}, kStart, Duration(7));
  book.observe("w_seconds", {{"f", "x"}}, kStart, Duration(70'000));
  EXPECT_EQ(book.query("w_seconds_bucket", {{"f", "x"}}, kStart, kStart, kMinute).at(0).value, 2);
  EXPECT_EQ(book.query("w_seconds_sum", {{"f", "x"}}, kStart, kStart, kMinute).at(0).value, 70'007);
}

TEST(SeriesBook, KeepsOnlySoManySeries) {
  SeriesBook book;
  for (std::size_t i = 0; i <= SeriesBook::kSeriesMax; ++i) {
    book.count("n", {{"i", std::to_string(i)}}, kStart);
  }
  const Points all = book.query("n", {}, kStart, kStart, kMinute);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].value, static_cast<std::int64_t>(SeriesBook::kSeriesMax));
}

}  // namespace
}  // namespace ferry
