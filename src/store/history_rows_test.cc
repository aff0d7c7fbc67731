#include "store/history_rows.h"

#include <gtest/gtest.h>

#include "store/test_rows.h"

namespace ferry::store {

using namespace test;

namespace {

constexpr TimePoint kMidnight = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);
constexpr std::int64_t kToday = utc_day(kMidnight - Duration(1));

CommitRun run_of(WriteSet set) {
  CommitRun run(0);
  run.add(1, set, 0);
  return run;
}

CommitRun run_of_events(std::vector<TimePoint> times) {
  WriteSet set;
  for (const TimePoint time : times) {
    set.add(AppendEntry{
        {make_delivery({.id = DeliveryId{1}}), {make_event(time, EventState::kActive)}}});
  }
  return run_of(std::move(set));
}

TEST(HistoryRows, AnEntryIsCutAtMidnightAndFiledOnBothDays) {
  const CommitRun run =
      run_of_events({kMidnight - Duration(2), kMidnight - Duration(1), kMidnight});
  const auto days = rows_by_day(run, HistoryBodies::kAll);
  ASSERT_EQ(days.size(), 2u);
  ASSERT_EQ(days.at(kToday).entries.size(), 1u);
  EXPECT_EQ(days.at(kToday).entries[0].events().size(), 2u);
  const std::vector<EntryPart> tomorrow = days.at(kToday + 1).entries.at(0).parts();
  ASSERT_EQ(tomorrow.size(), 1u);
  EXPECT_EQ(tomorrow[0].number, 2);
  EXPECT_EQ(tomorrow[0].events, 1u);
}

TEST(HistoryRows, NoRowSpansMoreThanASecond) {
  const CommitRun run = run_of_events({at(0), at(1'000), at(1'001), at(2'001), at(2'002)});
  const auto days = rows_by_day(run, HistoryBodies::kAll);
  const std::vector<EntryRow>& rows = days.at(utc_day(at(0))).entries;
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].count, 2u);
  EXPECT_EQ(rows[1].count, 2u);
  EXPECT_EQ(rows[2].count, 1u);
}

TEST(HistoryRows, ARowCutsThePartThatReachesAcrossItsEnd) {
  WriteSet set;
  set.add(AppendEntry{
      {make_delivery({.id = DeliveryId{1}}),
       {make_event(at(0), EventState::kActive), make_event(at(5'000), EventState::kError),
        make_event(at(5'001), EventState::kRetry)}}});
  const CommitRun run = run_of(std::move(set));
  const auto days = rows_by_day(run, HistoryBodies::kAll);
  const std::vector<EntryRow>& rows = days.at(utc_day(at(0))).entries;
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].parts().at(0).events, 1u);
  EXPECT_EQ(rows[1].parts().at(0).number, 1);
  EXPECT_EQ(rows[1].parts().at(0).events, 2u);
}

TEST(HistoryRows, ContentIsFiledOnTheDayOfItsId) {
  WriteSet set;
  set.add(PutMessage{make_message({.id = MessageId{first_id_at(kMidnight)}})});
  set.add(PutMessage{make_message({.id = MessageId{first_id_at(kMidnight) - 1}})});
  const CommitRun run = run_of(std::move(set));
  const auto days = rows_by_day(run, HistoryBodies::kAll);
  EXPECT_EQ(days.at(kToday).messages.size(), 1u);
  EXPECT_EQ(days.at(kToday + 1).messages.size(), 1u);
  EXPECT_TRUE(days.at(kToday).messages[0].with_body);
}

TEST(HistoryRows, BodiesAreFiledAsTheOperatorWishes) {
  const MessagePtr failed = make_message({.id = MessageId{1}});
  WriteSet set;
  set.add(PutMessage{failed});
  set.add(PutMessage{make_message({.id = MessageId{2}})});
  set.add(PutDeadLetter{
      make_dead_letter(DeadLetterId{3}, make_delivery({.id = DeliveryId{1}}), failed)});
  const CommitRun run = run_of(std::move(set));
  const auto bodies = [&](HistoryBodies wish) {
    std::vector<std::pair<std::int64_t, bool>> filed;
    for (const auto& [day, rows] : rows_by_day(run, wish)) {
      for (const FiledMessage& row : rows.messages) {
        filed.emplace_back(row.message->id.value, row.with_body);
      }
    }
    return filed;
  };
  using Filed = std::vector<std::pair<std::int64_t, bool>>;
  EXPECT_EQ(bodies(HistoryBodies::kAll), (Filed{{1, true}, {2, true}}));
  EXPECT_EQ(bodies(HistoryBodies::kNone), (Filed{{1, false}, {2, false}}));
  EXPECT_EQ(bodies(HistoryBodies::kFailedOnly), (Filed{{1, false}, {1, true}, {2, false}}));
}

TEST(HistoryRows, PartsReadBackAsTheyWere) {
  Delivery delivery = make_delivery({.id = DeliveryId{1}, .due_at = at(50), .lane = 7});
  delivery.retried = 4;
  EntryPart early{.position = 3, .number = 1, .events = 2, .progress = progress_of(delivery)};
  early.progress.retried = 0;
  early.progress.due_at = at(-90'000);
  early.progress.not_before = at(90'000);
  early.progress.lane = ~LaneId{0};
  early.progress.slot = DeliveryId{id_at(at(0))};
  early.progress.cancel_requested = true;
  const EntryPart late{
      .position = 1ull << 40, .number = 0, .events = 1, .progress = progress_of(delivery)};
  const std::vector<EntryPart> parts{early, late};
  std::string encoded;
  encode_parts(parts, delivery, encoded);
  const Result<std::vector<EntryPart>> decoded = decode_parts(encoded, delivery);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, parts);
  encoded.pop_back();
  EXPECT_EQ(decode_parts(encoded, delivery).error().code, ErrorCode::kStoreCorrupt);
}

TEST(HistoryRows, LabelsReadBackAsTheyWere) {
  const std::vector<std::string> labels{"a", "", std::string("\0b", 2)};
  std::string encoded;
  encode_labels(labels, encoded);
  EXPECT_EQ(decode_labels(encoded), labels);
  EXPECT_TRUE(decode_labels("").empty());
}

}  // namespace
}  // namespace ferry::store
