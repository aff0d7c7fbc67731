#include "base/series.h"

#include <gtest/gtest.h>

namespace ferry {
namespace {

constexpr Duration kMinute = std::chrono::minutes(1);
const TimePoint kStart = from_unix_ms(1'700'000'040'000);  // a whole minute

constexpr SeriesOwner kOwner{1}, kOther{2};

using Points = std::vector<SeriesBook::Point>;

TEST(SeriesBook, AddsUpAllSeriesThatHaveTheLabels) {
  SeriesBook book;
  book.count(kOwner, "n", {{"f", "a"}, {"q", "1"}}, kStart);
  book.count(kOwner, "n", {{"f", "a"}, {"q", "2"}}, kStart + Duration(59'999), 2);
  book.count(kOwner, "n", {{"f", "b"}}, kStart);
  book.count(kOwner, "other", {{"f", "a"}}, kStart);
  EXPECT_EQ(book.query(kOwner, "n", {{"f", "a"}}, kStart, kStart, kMinute), (Points{{kStart, 3}}));
  EXPECT_EQ(book.query(kOwner, "n", {}, kStart, kStart, kMinute), (Points{{kStart, 4}}));
  EXPECT_EQ(book.query(kOwner, "none", {}, kStart, kStart, kMinute), Points{});
}

TEST(SeriesBook, TellsMinutesAndHoursApart) {
  SeriesBook book;
  for (int minute = 0; minute < 3; ++minute) book.count(kOwner, "n", {}, kStart + minute * kMinute);
  EXPECT_EQ(book.query(kOwner, "n", {}, kStart + kMinute, kStart + 2 * kMinute, kMinute),
            (Points{{kStart + kMinute, 1}, {kStart + 2 * kMinute, 1}}));
  const Points hours = book.query(kOwner, "n", {}, kStart - std::chrono::hours(1),
                                  kStart + std::chrono::hours(1), std::chrono::hours(1));
  ASSERT_EQ(hours.size(), 1u);
  EXPECT_EQ(hours[0].value, 3);
}

TEST(SeriesBook, ForgetsMinutesAfterADayAndKeepsTheHour) {
  SeriesBook book;
  book.count(kOwner, "n", {}, kStart);
  const TimePoint later = kStart + SeriesBook::kMinutesKept + kMinute;
  book.count(kOwner, "n", {}, later);
  EXPECT_EQ(book.query(kOwner, "n", {}, kStart, later, kMinute).size(), 1u);
  EXPECT_EQ(book.query(kOwner, "n", {}, kStart, later, std::chrono::hours(1)).size(), 2u);
}

TEST(SeriesBook, RendersTotalsWithEscapedLabels) {
  SeriesBook book;
  book.count(kOwner, "b_total", {{"f", "x\"y\\z"}}, kStart, 2);
  book.count(kOwner, "a_total", {}, kStart);
  EXPECT_EQ(book.render_prometheus(),
            "# TYPE a_total counter\na_total 1\n"
            "# TYPE b_total counter\nb_total{f=\"x\\\"y\\\\z\"} 2\n");
}

TEST(SeriesBook, AHistogramShowsEachValueInAllBucketsThatAreNotBelowIt) {
  SeriesBook book;
  for (const int ms : {-5, 10, 11, 3'600'000, 3'600'001}) {
    book.observe(kOwner, "w_seconds", {{"f", "x"}}, kStart, Duration(ms));
  }
  book.count(kOwner, "a_total", {}, kStart);
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
  book.observe(kOwner, "w_seconds", {{"f", "x"}}, kStart, Duration(7));
  book.observe(kOwner, "w_seconds", {{"f", "y"}}, kStart, Duration(7));
  const std::string text = book.render_prometheus();
  EXPECT_EQ(text.find("# TYPE"), text.rfind("# TYPE"));
  EXPECT_TRUE(text.contains("w_seconds_count{f=\"x\"} 1\n"));
  EXPECT_TRUE(text.contains("w_seconds_sum{f=\"y\"} 0.007\n"));
}

TEST(SeriesBook, AHistogramIsAskedForItsNumberAndItsSum) {
  SeriesBook book;
  book.observe(kOwner, "w_seconds", {{"f", "x"}}, kStart, Duration(7));
  book.observe(kOwner, "w_seconds", {{"f", "x"}}, kStart, Duration(70'000));
  EXPECT_EQ(
      book.query(kOwner, "w_seconds_bucket", {{"f", "x"}}, kStart, kStart, kMinute).at(0).value, 2);
  EXPECT_EQ(book.query(kOwner, "w_seconds_sum", {{"f", "x"}}, kStart, kStart, kMinute).at(0).value,
            70'007);
}

TEST(SeriesBook, AnOwnerReadsItsOwnAlone) {
  SeriesBook book;
  book.count(kOwner, "n_total", {{"f", "x"}}, kStart, 3);
  book.count(kOther, "n_total", {{"f", "x"}}, kStart, 4);
  EXPECT_EQ(book.query(kOwner, "n_total", {{"f", "x"}}, kStart, kStart, kMinute),
            (Points{{kStart, 3}}));
  EXPECT_EQ(book.query(kOther, "n_total", {}, kStart, kStart, kMinute), (Points{{kStart, 4}}));
  EXPECT_EQ(book.query(SeriesOwner{3}, "n_total", {}, kStart, kStart, kMinute), Points{});
  EXPECT_EQ(book.render_prometheus(), "# TYPE n_total counter\nn_total{f=\"x\"} 7\n");
}

void count_series(SeriesBook& book, SeriesOwner owner, std::size_t series) {
  for (std::size_t i = 0; i < series; ++i) {
    book.count(owner, "n", {{"i", std::to_string(i)}}, kStart + Duration(i % 1000));
  }
}

std::int64_t counted(const SeriesBook& book, SeriesOwner owner) {
  const Points all = book.query(owner, "n", {}, kStart, kStart, kMinute);
  return all.empty() ? 0 : all[0].value;
}

TEST(SeriesBook, KeepsSoManySeriesOfAnOwner) {
  SeriesBook book;
  count_series(book, kOwner, SeriesBook::kSeriesOfOwnerMax + 1);
  EXPECT_EQ(counted(book, kOwner), std::int64_t{SeriesBook::kSeriesOfOwnerMax});
}

TEST(SeriesBook, WhenFullTheOwnerWithMostMakesRoom) {
  SeriesBook book;
  constexpr std::size_t kOwners = SeriesBook::kSeriesMax / SeriesBook::kSeriesOfOwnerMax;
  for (std::size_t i = 0; i < kOwners; ++i) {
    count_series(book, SeriesOwner{100 + std::int64_t(i)}, SeriesBook::kSeriesOfOwnerMax);
  }
  count_series(book, kOwner, 10);
  EXPECT_EQ(counted(book, kOwner), 10);
  std::int64_t others = 0;
  for (std::size_t i = 0; i < kOwners; ++i)
    others += counted(book, SeriesOwner{100 + std::int64_t(i)});
  EXPECT_EQ(others, std::int64_t{SeriesBook::kSeriesMax} - 10);
}

TEST(SeriesBook, OfTooManyMinutesTheOldestGo) {
  SeriesBook book;
  constexpr std::int64_t kMinutes = 1'000;  // less than a day
  constexpr std::size_t kSeries = SeriesBook::kPointsOfOwnerMax / kMinutes + 10;
  for (std::int64_t minute = 0; minute < kMinutes; ++minute) {
    for (std::size_t i = 0; i < kSeries; ++i) {
      book.count(kOwner, "n", {{"i", std::to_string(i)}}, kStart + minute * kMinute);
    }
  }
  const TimePoint last = kStart + (kMinutes - 1) * kMinute;
  EXPECT_EQ(counted(book, kOwner), 0);
  EXPECT_EQ(book.query(kOwner, "n", {}, last, last, kMinute),
            (Points{{last, std::int64_t{kSeries}}}));
}

}  // namespace
}  // namespace ferry
