#include "domain/ids.h"

#include <gtest/gtest.h>

#include <set>

namespace ferry {
namespace {

constexpr TimePoint kNow = from_unix_ms(1725323658779);
constexpr std::int64_t kSequenceMax = (1 << kIdSequenceBits) - 1;

std::int64_t partition_of(std::int64_t id) {
  return (id >> kIdSequenceBits) & ((1 << kIdPartitionBits) - 1);
}

TEST(IdSequence, IdsOfOneMillisecondAscendByOne) {
  IdSequence ids(0, 0);
  const std::int64_t first = ids.next(kNow);
  EXPECT_EQ(first, first_id_at(kNow));
  EXPECT_EQ(ids.next(kNow), first + 1);
  EXPECT_EQ(ids.next(kNow), first + 2);
  EXPECT_EQ(ids.last(), first + 2);
}

TEST(IdSequence, AnIdTellsItsTimeAndPartition) {
  IdSequence ids(255, 0);
  const std::int64_t id = ids.next(kNow);
  EXPECT_EQ(time_of_id(id), kNow);
  EXPECT_EQ(partition_of(id), 255);
}

TEST(IdSequence, AClockThatStepsBackMakesNoEqualId) {
  IdSequence ids(0, 0);
  const std::int64_t before = ids.next(kNow);
  EXPECT_EQ(ids.next(kNow - std::chrono::hours(1)), before + 1);
}

TEST(IdSequence, AFullMillisecondBorrowsFromTheNextAndKeepsThePartition) {
  for (const std::uint8_t partition : {std::uint8_t{0}, std::uint8_t{7}, std::uint8_t{255}}) {
    IdSequence ids(partition, 0);
    std::int64_t last = ids.next(kNow);
    for (std::int64_t i = 0; i < kSequenceMax; ++i) last = ids.next(kNow);
    EXPECT_EQ(time_of_id(last), kNow);
    const std::int64_t borrowed = ids.next(kNow);
    EXPECT_EQ(time_of_id(borrowed), kNow + Duration(1));
    EXPECT_EQ(partition_of(borrowed), partition);
    // The real next millisecond continues after the borrowed id.
    EXPECT_EQ(ids.next(kNow + Duration(1)), borrowed + 1);
  }
}

TEST(IdSequence, ContinuesAfterTheLastIdOfAnEarlierLife) {
  const std::int64_t last = first_id_at(kNow + std::chrono::seconds(5)) + 41;
  IdSequence ids(0, last);
  EXPECT_EQ(ids.next(kNow), last + 1);
}

TEST(IdSequence, AscendsAlsoAfterAnIdOfAnotherPartition) {
  const std::int64_t last = IdSequence(9, 0).next(kNow);
  IdSequence ids(2, last);
  const std::int64_t id = ids.next(kNow);
  EXPECT_GT(id, last);
  EXPECT_EQ(partition_of(id), 2);
}

TEST(IdSequence, NeverMakesTheNumberThatMeansNone) {
  IdSequence ids(0, 0);
  EXPECT_EQ(ids.next(from_unix_ms(0)), 1);
}

// Holders keep the texts, so the same secret must give the same texts in every later version.
TEST(IdCodec, TextsOfAnIdNeverChange) {
  const IdCodec codec("secret");
  EXPECT_EQ(codec.wire(DeliveryId{1}), "msg_111111111117YVmMXGDiTFVp4Ypt");
  EXPECT_EQ(codec.wire(DeliveryId{3618265961655721991}), "msg_1haKKjDTEcq8WS91nCvjHPcrcWgv");
  EXPECT_EQ(codec.wire(DeliveryId{INT64_MAX}), "msg_2nRsUetjWAaYKwkcyAmGaUpBHscD");
}

TEST(IdCodec, ReadsBackWhatItWroteAtOneLength) {
  const IdCodec codec("secret");
  for (const std::int64_t value :
       {std::int64_t{1}, std::int64_t{255}, std::int64_t{256}, std::int64_t{58 * 58},
        first_id_at(kNow), first_id_at(kNow) + kSequenceMax, std::int64_t{INT64_MAX}}) {
    const std::string text = codec.wire(DeliveryId{value});
    EXPECT_EQ(text.size(), 32u);
    EXPECT_EQ(codec.parse_delivery(text), DeliveryId{value}) << text;
  }
}

TEST(IdCodec, AnIdOfAnotherServerIsNotRead) {
  const std::string text = IdCodec("secret").wire(DeliveryId{77});
  EXPECT_FALSE(IdCodec("another").parse_delivery(text));
  EXPECT_NE(text, IdCodec("another").wire(DeliveryId{77}));
}

TEST(IdCodec, ATextWithAnyCharacterChangedIsNotRead) {
  const IdCodec codec("secret");
  const std::string text = codec.wire(DeliveryId{first_id_at(kNow)});
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = changed[i] == '2' ? '3' : '2';
    EXPECT_FALSE(codec.parse_delivery(changed)) << changed;
  }
}

TEST(IdCodec, JunkIsNotRead) {
  const IdCodec codec("secret");
  const std::string text = codec.wire(DeliveryId{first_id_at(kNow)});
  const std::string junk[] = {"",
                              "msg_",
                              text.substr(4),
                              text.substr(0, text.size() - 1),
                              text + "1",
                              "msg_1" + text.substr(4),
                              "MSG_" + text.substr(4),
                              "scd_" + text.substr(4),
                              "msg_" + std::string(28, '1'),
                              "msg_" + std::string(28, 'z'),
                              "msg_" + std::string(28, '0'),
                              "msg_" + std::string(28, '\0'),
                              "msg_" + std::string(100'000, 'z')};
  for (const std::string& one : junk) {
    EXPECT_FALSE(codec.parse_delivery(one)) << one.substr(0, 40);
  }
}

TEST(IdCodec, AnEmptySecretStillMakesReadableIds) {
  const IdCodec codec("");
  EXPECT_EQ(codec.parse_delivery(codec.wire(DeliveryId{5})), DeliveryId{5});
}

TEST(DeadLetterId, ShowsTheMomentOfGivingUpAndTheRest) {
  EXPECT_EQ(wire_dead_letter_id(DeadLetterId{first_id_at(kNow)}), "1725323658779-0");
  EXPECT_EQ(wire_dead_letter_id(DeadLetterId{first_id_at(kNow) + 42}), "1725323658779-42");
  EXPECT_EQ(wire_dead_letter_id(DeadLetterId{IdSequence(1, 0).next(kNow)}), "1725323658779-8192");
}

TEST(DeadLetterId, ReadsBackWhatItWrote) {
  for (const std::int64_t value : {std::int64_t{1}, first_id_at(kNow),
                                   first_id_at(kNow) | ((1 << 21) - 1), std::int64_t{INT64_MAX}}) {
    const std::string text = wire_dead_letter_id(DeadLetterId{value});
    EXPECT_EQ(parse_dead_letter_id(text), DeadLetterId{value}) << text;
    EXPECT_LE(text.size(), kDeadLetterIdTextMax);
  }
  EXPECT_EQ(wire_dead_letter_id(DeadLetterId{INT64_MAX}).size(), kDeadLetterIdTextMax);
}

TEST(DeadLetterId, JunkIsNotRead) {
  for (const std::string_view text :
       {"", "-", "0-0", "1725323658779", "1725323658779-", "-5", "1725323658779-0x",
        "1725323658779-2097152", "01725323658779-0", "1725323658779-00", "+1-0", "1-+0", "1 -0",
        "--1-0", "1--0", "4398046511104-0", "99999999999999999999999-0", "msg_1-0"}) {
    EXPECT_FALSE(parse_dead_letter_id(text)) << text;
  }
}

TEST(Id, HashesOfNeighboursDiffer) {
  std::set<std::size_t> hashes;
  for (std::int64_t i = 0; i < 1000; ++i) hashes.insert(std::hash<DeliveryId>{}(DeliveryId{i}));
  EXPECT_EQ(hashes.size(), 1000u);
}

}  // namespace
}  // namespace ferry
