#include "base/bytes.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace ferry {
namespace {

std::string varint_of(std::uint64_t value) {
  std::string out;
  ByteWriter(out).varint(value);
  return out;
}

std::string svarint_of(std::int64_t value) {
  std::string out;
  ByteWriter(out).svarint(value);
  return out;
}

TEST(Bytes, TakeKeepsTheBufferItWasGiven) {
  std::string data(1000, 'x');
  const char* before = data.data();
  const Bytes bytes = Bytes::take(std::move(data));
  EXPECT_EQ(bytes.view().data(), before);
  EXPECT_EQ(bytes.size(), 1000u);
}

TEST(Bytes, ACopyAndASliceShareTheBufferAndOutliveTheFirstOwner) {
  Bytes part;
  const char* first = nullptr;
  {
    const Bytes whole = Bytes::copy("a body that is longer than the small-string buffer");
    const Bytes copy = whole;
    EXPECT_EQ(copy.view().data(), whole.view().data());
    part = copy.slice(2, 4);
    first = whole.view().data() + 2;
  }
  EXPECT_EQ(part.view(), "body");
  EXPECT_EQ(part.view().data(), first);
}

TEST(Bytes, AShortTextSurvivesAMoveOfItsOwner) {
  Bytes a = Bytes::copy("hi");
  const Bytes b = std::move(a);
  EXPECT_EQ(b.view(), "hi");
}

TEST(Bytes, SliceClampsItsBounds) {
  const Bytes bytes = Bytes::copy("0123456789");
  EXPECT_EQ(bytes.slice(0, 10).view(), "0123456789");
  EXPECT_EQ(bytes.slice(8, 100).view(), "89");
  EXPECT_EQ(bytes.slice(10, 1).view(), "");
  EXPECT_EQ(bytes.slice(11, 1).view(), "");
  EXPECT_EQ(bytes.slice(std::string::npos, std::string::npos).view(), "");
  EXPECT_TRUE(Bytes().slice(3, 3).empty());
}

TEST(Bytes, EqualityComparesContent) {
  EXPECT_EQ(Bytes::copy("abc"), Bytes::copy("xabc").slice(1, 3));
  EXPECT_EQ(Bytes(), Bytes::copy(""));
  EXPECT_NE(Bytes::copy("abc"), Bytes::copy("abd"));
}

TEST(ByteWriter, VarintBytesArePinned) {
  using namespace std::string_literals;
  EXPECT_EQ(varint_of(0), "\0"s);
  EXPECT_EQ(varint_of(127), "\x7F");
  EXPECT_EQ(varint_of(128), "\x80\x01");
  EXPECT_EQ(varint_of(300), "\xAC\x02");
  EXPECT_EQ(varint_of(16383), "\xFF\x7F");
  EXPECT_EQ(varint_of(16384), "\x80\x80\x01");
  EXPECT_EQ(varint_of(std::numeric_limits<std::uint64_t>::max()),
            "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01");
}

TEST(ByteWriter, SvarintKeepsSmallNegativeNumbersShort) {
  using namespace std::string_literals;
  EXPECT_EQ(svarint_of(0), "\0"s);
  EXPECT_EQ(svarint_of(-1), "\x01");
  EXPECT_EQ(svarint_of(1), "\x02");
  EXPECT_EQ(svarint_of(-64), "\x7F");
  EXPECT_EQ(svarint_of(64), "\x80\x01");
}

TEST(ByteWriter, FixedIntegersAreLittleEndian) {
  std::string out;
  ByteWriter writer(out);
  writer.u8(0xFE);
  writer.fixed32(0x01020304u);
  writer.fixed64(0x0102030405060708u);
  EXPECT_EQ(out, "\xFE\x04\x03\x02\x01\x08\x07\x06\x05\x04\x03\x02\x01");
}

TEST(ByteWriter, AppendsToWhatIsThere) {
  std::string out = "head";
  ByteWriter(out).text("tail");
  EXPECT_EQ(out, "head\x04tail");
}

TEST(ByteReader, ReadsBackEveryVarintAtTheEdgeOfALength) {
  for (int bit = 0; bit < 64; ++bit) {
    const std::uint64_t power = std::uint64_t{1} << bit;
    for (const std::uint64_t value : {power - 1, power, power + 1}) {
      const std::string encoded = varint_of(value);
      ByteReader reader(encoded);
      EXPECT_EQ(reader.varint(), value);
      EXPECT_TRUE(reader.ok() && reader.at_end()) << value;
    }
  }
}

TEST(ByteReader, ReadsBackSignedNumbersToTheirLimits) {
  constexpr std::int64_t kValues[] = {0,
                                      -1,
                                      1,
                                      -300,
                                      300,
                                      std::numeric_limits<std::int64_t>::min(),
                                      std::numeric_limits<std::int64_t>::max()};
  for (const std::int64_t value : kValues) {
    const std::string encoded = svarint_of(value);
    ByteReader reader(encoded);
    EXPECT_EQ(reader.svarint(), value);
    EXPECT_TRUE(reader.ok() && reader.at_end());
  }
}

TEST(ByteReader, ReadsBackARecordOfEveryKind) {
  std::string out;
  ByteWriter writer(out);
  writer.u8(7);
  writer.fixed32(0xDEADBEEFu);
  writer.text(std::string("a\0b", 3));
  writer.fixed64(0xFFFFFFFFFFFFFFFFu);
  writer.text("");
  writer.svarint(-5);

  ByteReader reader(out);
  EXPECT_EQ(reader.remaining(), out.size());
  EXPECT_EQ(reader.u8(), 7);
  EXPECT_EQ(reader.fixed32(), 0xDEADBEEFu);
  EXPECT_EQ(reader.text(), std::string_view("a\0b", 3));
  EXPECT_EQ(reader.fixed64(), 0xFFFFFFFFFFFFFFFFu);
  EXPECT_EQ(reader.text(), "");
  EXPECT_EQ(reader.svarint(), -5);
  EXPECT_TRUE(reader.ok());
  EXPECT_TRUE(reader.at_end());
}

TEST(ByteReader, AfterTheFirstReadBeyondTheEndEverythingIsEmpty) {
  const std::string data = "\x01\x02\x03";
  ByteReader reader(data);
  EXPECT_EQ(reader.fixed32(), 0u);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.u8(), 0);
  EXPECT_EQ(reader.varint(), 0u);
  EXPECT_EQ(reader.svarint(), 0);
  EXPECT_EQ(reader.fixed64(), 0u);
  EXPECT_EQ(reader.text(), "");
  EXPECT_FALSE(reader.ok());
}

TEST(ByteReader, ATextLongerThanTheDataFailsHoweverLarge) {
  for (const std::uint64_t claimed :
       {std::uint64_t{4}, std::numeric_limits<std::uint64_t>::max()}) {
    std::string data = varint_of(claimed) + "abc";
    ByteReader reader(data);
    EXPECT_EQ(reader.text(), "");
    EXPECT_FALSE(reader.ok());
  }
}

TEST(ByteReader, AVarintOfMoreThan64BitsIsMalformed) {
  for (const std::string& data : {std::string(9, '\xFF') + '\x02', std::string(10, '\x80') + '\x01',
                                  std::string(3, '\x80'), std::string()}) {
    ByteReader reader(data);
    EXPECT_EQ(reader.varint(), 0u);
    EXPECT_FALSE(reader.ok()) << data.size();
  }
}

}  // namespace
}  // namespace ferry
