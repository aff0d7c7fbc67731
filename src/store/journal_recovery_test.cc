#include <gtest/gtest.h>

#include "store/journal_bed.h"

namespace ferry::store {
namespace {

// Puts `bytes` over a copy of the disk, in the segment written last, and opens.
Result<void> open_with(JournalBed& bed, const SimulatedDisk::Snapshot& before,
                       std::uint64_t segment, std::uint64_t offset, std::string_view bytes) {
  bed.journal.reset();
  bed.disk->restore(before);
  bed.disk->decay(bed.path(segment), offset, bytes);
  return bed.open();
}

char flipped(const JournalBed& bed, std::uint64_t segment, std::uint64_t offset) {
  return static_cast<char>(bed.disk->contents().at(bed.path(segment))[offset] ^ 0x20);
}

TEST(JournalRecovery, ABatchTornAtAnyByteIsDroppedWhole) {
  JournalBed bed;
  ASSERT_TRUE(bed.open());
  const auto kept = some_records(3, 50, "kept");
  const auto torn = some_records(3, 61, "torn");
  ASSERT_TRUE(bed.append(kept));
  const auto segment = bed.last_written();
  const std::string before = bed.disk->contents().at(bed.path(segment));
  ASSERT_TRUE(bed.append(torn));
  const std::string after = bed.disk->contents().at(bed.path(segment));
  const auto disk = bed.disk->snapshot();
  std::size_t begin = 0;
  while (before[begin] == after[begin]) ++begin;
  std::size_t end = after.size();
  while (before[end - 1] == after[end - 1]) --end;
  for (std::size_t cut = begin; cut < end; ++cut) {
    ASSERT_TRUE(open_with(bed, disk, segment, cut, before.substr(cut, end - cut)));
    ASSERT_EQ(bed.replayed, kept) << "cut at " << cut;
    ASSERT_EQ(bed.journal->position(), 3u);
    // What is appended now is not confused with what is left of the torn batch.
    ASSERT_EQ(bed.append({"next"}), 4u);
    ASSERT_TRUE(bed.open());
    ASSERT_EQ(bed.replayed, joined(kept, {"next"})) << "cut at " << cut;
  }
}

TEST(JournalRecovery, ATornBatchOverSeveralSegmentsIsDroppedWhole) {
  for (std::uint64_t lost = 0; lost < 4; ++lost) {
    JournalBed bed;
    ASSERT_TRUE(bed.open());
    ASSERT_TRUE(bed.append({"kept"}));
    const auto first = bed.last_written();
    ASSERT_TRUE(bed.append(some_records(2, 1700)));
    const auto last = bed.last_written();
    ASSERT_EQ(last - first, 3u);
    // Of the last segment: its header, its records, or both are lost; or no more than the end.
    const std::string gone(lost == 3 ? 8 : 1024, '\0');
    const auto disk = bed.disk->snapshot();
    const std::uint64_t at = lost == 0 ? 0 : kSegmentHeaderBytes;
    ASSERT_TRUE(open_with(bed, disk, last, at, gone));
    EXPECT_EQ(bed.replayed, std::vector<std::string>{"kept"});
    ASSERT_TRUE(bed.append({"next"}));
    ASSERT_TRUE(bed.open());
    EXPECT_EQ(bed.replayed, (std::vector<std::string>{"kept", "next"}));
  }
}

TEST(JournalRecovery, DamageInFrontOfALaterBatchIsRefused) {
  JournalBed bed;
  ASSERT_TRUE(bed.open());
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(bed.append(some_records(2, 40)));
  const auto segment = bed.last_written();
  const auto disk = bed.disk->snapshot();
  const std::size_t batch = 2 * fragment_bytes(40);
  for (std::size_t offset = kSegmentHeaderBytes; offset < kSegmentHeaderBytes + 3 * batch;
       ++offset) {
    const char byte = flipped(bed, segment, offset);
    const auto opened = open_with(bed, disk, segment, offset, {&byte, 1});
    ASSERT_FALSE(opened.has_value()) << "byte " << offset;
    EXPECT_EQ(opened.error().code, ErrorCode::kStoreCorrupt);
    const std::size_t record = kSegmentHeaderBytes + (offset - kSegmentHeaderBytes) /
                                                         fragment_bytes(40) * fragment_bytes(40);
    EXPECT_NE(opened.error().text.find(segment_name(segment)), std::string::npos);
    EXPECT_NE(opened.error().text.find("byte " + std::to_string(record) + " "), std::string::npos)
        << opened.error().text;
    EXPECT_NE(opened.error().text.find("restore a backup"), std::string::npos);
    bed.disk->restore(disk);
  }
}

TEST(JournalRecovery, DamageInFrontOfAnotherSegmentIsRefused) {
  JournalBed bed;
  ASSERT_TRUE(bed.open());
  ASSERT_TRUE(bed.append(some_records(1, 900, "one")));
  const auto segment = bed.last_written();
  ASSERT_TRUE(bed.append(some_records(1, 900, "two")));
  ASSERT_EQ(bed.last_written(), segment + 1);
  const char byte = flipped(bed, segment, kSegmentHeaderBytes + 30);
  const auto opened =
      open_with(bed, bed.disk->snapshot(), segment, kSegmentHeaderBytes + 30, {&byte, 1});
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, ErrorCode::kStoreCorrupt);
}

TEST(JournalRecovery, AMissingSegmentIsRefusedUnlessTheTablesHaveIt) {
  JournalBed bed;
  ASSERT_TRUE(bed.open());
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(bed.append(some_records(1, 900)));
  ASSERT_TRUE(bed.disk->remove(bed.path(bed.last_written() - 2)));
  const auto opened = bed.open();
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, ErrorCode::kStoreCorrupt);
  ASSERT_TRUE(bed.open(6, 5));
  EXPECT_EQ(bed.positions, std::vector<Position>{6});
}

// A table that last changed long ago says so, though what was recycled since is no concern of it.
TEST(JournalRecovery, AJournalMayBeginBehindWhatNoTableLacks) {
  JournalBed bed;
  ASSERT_TRUE(bed.open());
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(bed.append(some_records(1, 900)));
  bed.journal->recycle(3);
  for (const Position begins_by : {0u, 3u}) {
    bed.options.begins_by = begins_by;
    const auto opened = bed.open(2, 6);
    ASSERT_FALSE(opened.has_value()) << begins_by;
    EXPECT_EQ(opened.error().code, ErrorCode::kStoreCorrupt);
  }
  bed.options.begins_by = 4;
  ASSERT_TRUE(bed.open(2, 6));
  EXPECT_EQ(bed.positions, (std::vector<Position>{4, 5, 6}));
}

TEST(JournalRecovery, ALostHeaderInFrontOfSyncedBatchesIsRefused) {
  JournalBed bed;
  ASSERT_TRUE(bed.open());
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(bed.append(some_records(1, 40)));
  const auto segment = bed.last_written();
  const char byte = flipped(bed, segment, 3);
  const auto opened = open_with(bed, bed.disk->snapshot(), segment, 3, {&byte, 1});
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, ErrorCode::kStoreCorrupt);
  EXPECT_NE(opened.error().text.find("header"), std::string::npos);
}

TEST(JournalRecovery, AnotherStoresSegmentIsRefused) {
  JournalBed bed;
  ASSERT_TRUE(bed.open());
  ASSERT_TRUE(bed.append({"a"}));
  bed.options.store_id = "store-b";
  const auto opened = bed.open();
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, ErrorCode::kStoreCorrupt);
  EXPECT_NE(opened.error().text.find("store-a"), std::string::npos);
}

TEST(JournalRecovery, OtherFilesInTheFolderAreLeftAlone) {
  JournalBed bed;
  ASSERT_TRUE(bed.disk->create("/journal/notes.txt"));
  ASSERT_TRUE(bed.open());
  ASSERT_TRUE(bed.append({"a"}));
  bed.journal->recycle(1);
  ASSERT_TRUE(bed.open(2, 1));
  EXPECT_TRUE(bed.disk->exists("/journal/notes.txt"));
}

TEST(JournalRecovery, WhatTheTablesLackIsOnTheDiskBeforeOpenReturns) {
  for (const bool again : {false, true}) {
    JournalBed bed;
    ASSERT_TRUE(bed.open());
    ASSERT_TRUE(bed.append({"synced"}));
    // The write succeeds and its sync does not: reads show a record that the disk may not have.
    bed.disk->fail_operation(2, SimulatedDisk::Fault::kIoError);
    const auto failed = bed.append({"unknown"});
    ASSERT_FALSE(failed.has_value());
    EXPECT_EQ(failed.error().code, ErrorCode::kStoreIo);
    ASSERT_TRUE(bed.open());
    if (again) ASSERT_TRUE(bed.open());
    ASSERT_EQ(bed.replayed, (std::vector<std::string>{"synced", "unknown"}));
    Random random(7);
    bed.disk->crash(random);
    ASSERT_TRUE(bed.open());
    EXPECT_EQ(bed.replayed, (std::vector<std::string>{"synced", "unknown"}));
  }
}

TEST(JournalRecovery, AFailedSyncEndsTheJournal) {
  JournalBed bed;
  ASSERT_TRUE(bed.open());
  bed.disk->fail_operation(2, SimulatedDisk::Fault::kDiskFull);
  const auto failed = bed.append({"a"});
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, ErrorCode::kStoreIo) << "kDiskFull would promise too much";
  const auto before = bed.disk->operations();
  EXPECT_FALSE(bed.append({"b"}).has_value());
  EXPECT_EQ(bed.disk->operations(), before);
}

TEST(JournalCopy, HoldsEverythingFromThePositionAskedFor) {
  JournalBed bed;
  ASSERT_TRUE(bed.open());
  std::vector<std::string> all;
  for (int i = 0; i < 12; ++i) {
    const auto batch = some_records(2, 450, std::to_string(i));
    all = joined(std::move(all), batch);
    ASSERT_TRUE(bed.append(batch));
  }
  bed.journal->recycle(6);
  for (Position from = 7; from <= 25; ++from) {
    JournalBed copy;
    copy.system = bed.system;
    copy.options.folder = "/copy" + std::to_string(from);
    ASSERT_TRUE(bed.journal->copy_to(copy.options.folder, from));
    ASSERT_TRUE(copy.open(from, from - 1));
    EXPECT_EQ(copy.replayed, std::vector<std::string>(
                                 all.begin() + static_cast<std::ptrdiff_t>(from - 1), all.end()));
    ASSERT_EQ(copy.append({"goes on"}), 25u);
  }
  const auto gone = bed.journal->copy_to("/too-early", 1);
  ASSERT_FALSE(gone.has_value());
  EXPECT_EQ(gone.error().code, ErrorCode::kNotFound);
}

TEST(JournalCheck, CountsWhatIsThereAndChangesNothing) {
  JournalBed bed;
  const auto nothing = check_journal_in<FaultyFile>("/journal", *bed.system);
  ASSERT_TRUE(nothing.has_value());
  EXPECT_EQ(nothing->records, 0u);
  ASSERT_TRUE(bed.open(11, 10));
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(bed.append(some_records(2, 300)));
  const auto before = bed.disk->operations();
  const auto report = check_journal_in<FaultyFile>("/journal", *bed.system);
  ASSERT_TRUE(report.has_value()) << report.error().text;
  EXPECT_EQ(report->records, 8u);
  EXPECT_EQ(report->bytes, 8u * 300);
  EXPECT_EQ(report->first, 11u);
  EXPECT_EQ(report->last, 18u);
  EXPECT_EQ(bed.disk->operations(), before);
}

TEST(JournalCheck, SaysWhatOpenWouldSay) {
  JournalBed bed;
  ASSERT_TRUE(bed.open());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(bed.append(some_records(1, 40)));
  const char byte = flipped(bed, bed.last_written(), kSegmentHeaderBytes + 30);
  bed.disk->decay(bed.path(bed.last_written()), kSegmentHeaderBytes + 30, {&byte, 1});
  const auto report = check_journal_in<FaultyFile>("/journal", *bed.system);
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error(), bed.open().error());
}

}  // namespace
}  // namespace ferry::store
