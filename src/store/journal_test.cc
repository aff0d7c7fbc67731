#include "store/journal.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/encoding.h"
#include "store/journal_bed.h"

namespace ferry::store {
namespace {

TEST(JournalFormat, HeaderBytesAreThoseOfVersionOne) {
  const SegmentHeader header{.store_id = "store-a",
                             .sequence = 3,
                             .first_position = 65,
                             .first_batch = 9,
                             .previous = 2,
                             .previous_end = 4608};
  EXPECT_EQ(hex_encode(encode_segment_header(header)),
            "46455252594a4e4c010000000773746f72652d6100000000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000000000000000000000"
            "000000000000000000000000030000000000000041000000000000000900000000000000"
            "02000000000000000012000000000000c67c0aed");
  const auto decoded = decode_segment_header(encode_segment_header(header));
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(*decoded, header);
}

TEST(JournalFormat, FragmentBytesAreThoseOfVersionOne) {
  const std::uint32_t seed = fragment_seed("store-a", 3);
  std::string bytes;
  append_fragment(bytes,
                  {.position = 65,
                   .batch = 9,
                   .flags = kRecordBegins | kRecordEnds | kBatchEnds,
                   .payload = "hello journal"},
                  seed);
  EXPECT_EQ(hex_encode(bytes),
            "01ad08300d0000074100000000000000090000000000000068656c6c6f206a6f75726e61"
            "6c000000");
  const auto fragment = read_fragment(bytes, seed);
  ASSERT_TRUE(fragment.has_value());
  EXPECT_EQ(fragment->position, 65u);
  EXPECT_EQ(fragment->batch, 9u);
  EXPECT_EQ(fragment->payload, "hello journal");
}

TEST(JournalFormat, AFragmentIsValidInNoOtherLifeOfTheFile) {
  std::string bytes;
  append_fragment(bytes, {.position = 1, .batch = 1, .flags = kRecordBegins, .payload = "x"},
                  fragment_seed("store-a", 3));
  EXPECT_TRUE(read_fragment(bytes, fragment_seed("store-a", 3)));
  EXPECT_FALSE(read_fragment(bytes, fragment_seed("store-a", 4)));
  EXPECT_FALSE(read_fragment(bytes, fragment_seed("store-b", 3)));
}

TEST(JournalFormat, AnyChangedByteOfAFragmentIsNoticed) {
  std::string bytes;
  append_fragment(bytes, {.position = 7, .batch = 2, .flags = kRecordBegins, .payload = "payload."},
                  5);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 0x10);
    EXPECT_FALSE(read_fragment(changed, 5)) << "byte " << i;
    EXPECT_FALSE(read_fragment(std::string_view(bytes).substr(0, i), 5)) << "cut at " << i;
  }
}

TEST(JournalFormat, ZerosAreNoFragmentAndNoHeader) {
  const std::string zeros(kSegmentHeaderBytes, '\0');
  EXPECT_FALSE(read_fragment(zeros, fragment_seed("store-a", 1)));
  EXPECT_EQ(decode_segment_header(zeros), (Result<std::optional<SegmentHeader>>(std::nullopt)));
}

TEST(JournalFormat, ANewerHeaderIsRefusedAndADamagedOneIsNone) {
  std::string bytes = encode_segment_header({.store_id = "s", .sequence = 1});
  std::string damaged = bytes;
  damaged[20] = static_cast<char>(damaged[20] ^ 1);
  EXPECT_EQ(decode_segment_header(damaged), (Result<std::optional<SegmentHeader>>(std::nullopt)));
  bytes[8] = 2;
  bytes.resize(bytes.size() - 4);
  ByteWriter(bytes).fixed32(crc32c(bytes));
  const auto newer = decode_segment_header(bytes);
  ASSERT_FALSE(newer.has_value());
  EXPECT_EQ(newer.error().code, ErrorCode::kStoreTooNew);
}

TEST(JournalFormat, SegmentNamesGoBothWays) {
  EXPECT_EQ(segment_name(0xa3), "journal-00000000000000a3.seg");
  EXPECT_EQ(segment_sequence("journal-00000000000000a3.seg"), 0xa3u);
  for (const auto name : {"journal-00000000000000A3.seg", "journal-0000000000000000.seg",
                          "journal-00000000000000a3.seg~", "journal-a3.seg", "state.db",
                          "journal-0000000000000+a3.seg"}) {
    EXPECT_FALSE(segment_sequence(name)) << name;
  }
}

TEST(Journal, AppendedRecordsAreReplayedInOrderOverSegmentBoundaries) {
  JournalBed bed;
  ASSERT_TRUE(bed.open());
  std::vector<std::string> all;
  for (int i = 0; i < 20; ++i) {
    const auto batch = some_records(5, 40 + static_cast<std::size_t>(i) * 7, std::to_string(i));
    all = joined(std::move(all), batch);
    EXPECT_EQ(bed.append(batch), all.size());
  }
  EXPECT_GT(bed.journal->bytes_in_use(), 5 * bed.options.segment_bytes);
  ASSERT_TRUE(bed.open());
  EXPECT_EQ(bed.replayed, all);
  EXPECT_EQ(bed.positions.front(), 1u);
  EXPECT_EQ(bed.positions.back(), 100u);
  EXPECT_EQ(bed.journal->position(), 100u);
}

TEST(Journal, EmptyRecordsAndEmptyBatchesCount) {
  JournalBed bed;
  ASSERT_TRUE(bed.open());
  EXPECT_EQ(bed.append({}), 0u);
  EXPECT_EQ(bed.append({"", "a", ""}), 3u);
  ASSERT_TRUE(bed.open());
  EXPECT_EQ(bed.replayed, (std::vector<std::string>{"", "a", ""}));
}

// Every room that may be left in a segment, from none to a lot.
TEST(Journal, ARecordMayMeetTheEndOfASegmentAnywhere) {
  for (std::size_t fill = 900; fill <= 1001; ++fill) {
    JournalBed bed;
    ASSERT_TRUE(bed.open());
    const std::vector<std::string> records{std::string(fill, 'f'), "", "x", std::string(100, 'y')};
    ASSERT_TRUE(bed.append({records[0]}));
    ASSERT_TRUE(bed.append({records[1], records[2], records[3]}));
    ASSERT_TRUE(bed.open());
    EXPECT_EQ(bed.replayed, records) << "fill " << fill;
  }
}

TEST(Journal, ARecordMayFillManySegments) {
  JournalBed bed;
  ASSERT_TRUE(bed.open());
  const auto records = some_records(3, 10'000);
  ASSERT_EQ(bed.append(records), 3u);
  ASSERT_EQ(bed.append({"small"}), 4u);
  ASSERT_TRUE(bed.open());
  EXPECT_EQ(bed.replayed, joined(records, {"small"}));
  // The copy that open() made of the last batch alone is read as well.
  ASSERT_TRUE(bed.open());
  EXPECT_EQ(bed.replayed, joined(records, {"small"}));
}

TEST(Journal, ARecordBeyondOneMebibyteIsWrittenInFragments) {
  JournalBed bed;
  bed.options.segment_bytes = 8u << 20;
  bed.options.bytes_max = 64u << 20;
  ASSERT_TRUE(bed.open());
  const std::vector<std::string> records{"before", std::string(kFragmentPayloadMax, 'e'),
                                         std::string(5 * kFragmentPayloadMax + 17, 'b'), "after"};
  ASSERT_EQ(bed.append(records), 4u);
  ASSERT_TRUE(bed.open());
  EXPECT_TRUE(bed.replayed == records);
}

TEST(Journal, ReplayBeginsAtThePositionAskedFor) {
  JournalBed bed;
  ASSERT_TRUE(bed.open());
  const auto records = some_records(60, 90);
  for (std::size_t i = 0; i < 60; i += 4) {
    ASSERT_TRUE(bed.append({records.begin() + static_cast<std::ptrdiff_t>(i),
                            records.begin() + static_cast<std::ptrdiff_t>(i + 4)}));
  }
  for (Position from = 1; from <= 61; ++from) {
    ASSERT_TRUE(bed.open(from, from - 1));
    EXPECT_EQ(bed.replayed,
              std::vector<std::string>(records.begin() + static_cast<std::ptrdiff_t>(from - 1),
                                       records.end()));
    EXPECT_EQ(bed.journal->position(), 60u);
  }
}

TEST(Journal, WithoutRecordsItStartsWhereTheTablesAre) {
  JournalBed bed;
  ASSERT_TRUE(bed.open(501, 500));
  EXPECT_EQ(bed.journal->position(), 500u);
  EXPECT_EQ(bed.append({"a"}), 501u);
  ASSERT_TRUE(bed.open(501, 500));
  EXPECT_EQ(bed.positions, (std::vector<Position>{501}));
}

TEST(Journal, TablesAheadOfTheJournalMakeItBeginAnew) {
  JournalBed bed;
  ASSERT_TRUE(bed.open());
  ASSERT_TRUE(bed.append(some_records(3, 10)));
  ASSERT_TRUE(bed.open());
  ASSERT_TRUE(bed.open(8, 7));
  EXPECT_TRUE(bed.replayed.empty());
  EXPECT_EQ(bed.append({"eighth"}), 8u);
  ASSERT_TRUE(bed.open(8, 7));
  EXPECT_EQ(bed.replayed, std::vector<std::string>{"eighth"});
}

TEST(Journal, RecordsThatTheTablesLackAreMissed) {
  JournalBed bed;
  ASSERT_TRUE(bed.open());
  ASSERT_TRUE(bed.append(some_records(3, 10)));
  const auto opened = bed.open(3, 7);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, ErrorCode::kStoreCorrupt);
}

TEST(Journal, AReplayThatFailsEndsTheOpening) {
  JournalBed bed;
  ASSERT_TRUE(bed.open());
  ASSERT_TRUE(bed.append(some_records(3, 10)));
  const auto refuse = [](Position, std::string_view) -> Result<void> {
    return fail(ErrorCode::kStoreTooNew, "no");
  };
  const auto opened = FaultyJournal::open(bed.options, 1, 0, refuse, bed.system);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, ErrorCode::kStoreTooNew);
}

TEST(Journal, OneBatchIsOneWriteAndOneSync) {
  JournalBed bed;
  bed.options.segment_bytes = 1u << 20;
  ASSERT_TRUE(bed.open());
  const auto before = bed.disk->operations();
  ASSERT_TRUE(bed.append(some_records(64, 1024)));
  EXPECT_EQ(bed.disk->operations() - before, 2u);
}

TEST(Journal, RecyclingMakesARolloverCheapAndKeepsTheFolderSmall) {
  JournalBed bed;
  ASSERT_TRUE(bed.open());
  for (int i = 0; i < 200; ++i) {
    const auto position = bed.append(some_records(3, 200));
    ASSERT_TRUE(position);
    bed.journal->recycle(*position);
    EXPECT_LE(bed.journal->bytes_in_use(), 2 * bed.options.segment_bytes);
  }
  EXPECT_LE(bed.disk->contents().size(), 6u);
  // A spare is there: a batch over a segment's end makes no file, it only writes and syncs two.
  const auto before = bed.disk->operations();
  ASSERT_TRUE(bed.append(some_records(1, 1100)));
  EXPECT_LE(bed.disk->operations() - before, 6u);
}

TEST(Journal, ABurstGivesItsDiskSpaceBack) {
  JournalBed bed;
  ASSERT_TRUE(bed.open());
  const auto position = bed.append(some_records(100, 1000));
  ASSERT_TRUE(position);
  EXPECT_GT(bed.disk->contents().size(), 90u);
  bed.journal->recycle(*position);
  EXPECT_LE(bed.disk->contents().size(), 5u);
}

TEST(Journal, NothingIsWrittenBeyondItsBoundUntilItIsRecycled) {
  JournalBed bed;
  bed.options.bytes_max = 3 * bed.options.segment_bytes;
  ASSERT_TRUE(bed.open());
  EXPECT_TRUE(bed.journal->has_room(2500));
  EXPECT_FALSE(bed.journal->has_room(3072));
  ASSERT_EQ(bed.append(some_records(1, 2500, "kept")), 1u);
  EXPECT_FALSE(bed.journal->has_room(600));
  const auto before = bed.disk->operations();
  const auto refused = bed.append(some_records(2, 600));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kDiskFull);
  EXPECT_EQ(bed.disk->operations(), before);
  EXPECT_EQ(bed.append({"fits"}), 2u);
  bed.journal->recycle(2);
  EXPECT_EQ(bed.append(some_records(2, 600, "late")), 4u);
  ASSERT_TRUE(bed.open(3, 2));
  EXPECT_EQ(bed.replayed, some_records(2, 600, "late"));
}

TEST(Journal, AFullDiskRefusesTheBatchThatNeedsANewSegmentOnly) {
  JournalBed bed;
  ASSERT_TRUE(bed.open());
  bed.disk->set_capacity(2 * bed.options.segment_bytes - 1);
  const auto refused = bed.append(some_records(1, 1500));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kDiskFull);
  EXPECT_EQ(bed.append({"fits"}), 1u);
  bed.disk->set_capacity(UINT64_MAX);
  EXPECT_EQ(bed.append(some_records(1, 1500, "big")), 2u);
  ASSERT_TRUE(bed.open());
  EXPECT_EQ(bed.replayed, joined({"fits"}, some_records(1, 1500, "big")));
}

TEST(Journal, OpeningWithAnotherSegmentSizeReadsTheOldOnes) {
  JournalBed bed;
  ASSERT_TRUE(bed.open());
  const auto records = some_records(10, 700);
  ASSERT_TRUE(bed.append(records));
  bed.options.segment_bytes *= 2;
  ASSERT_TRUE(bed.open());
  EXPECT_EQ(bed.replayed, records);
  bed.journal->recycle(10);
  ASSERT_TRUE(bed.append({"more"}));
  ASSERT_TRUE(bed.open(11, 10));
  EXPECT_EQ(bed.replayed, std::vector<std::string>{"more"});
}

}  // namespace
}  // namespace ferry::store
