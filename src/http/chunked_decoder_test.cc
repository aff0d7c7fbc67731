#include "http/chunked_decoder.h"

#include <gtest/gtest.h>

#include <string>

#include "base/cuts.h"

namespace ferry::http {
namespace {

constexpr ChunkedDecoder::Limits kLimits{.body_bytes_max = 40, .trailer_bytes_max = 64};

struct Decoded {
  ChunkedDecoder::Status status = ChunkedDecoder::Status::kNeedsMore;
  int refusal = 0;
  std::string_view refusal_text;
  std::size_t taken = 0;
  std::string body;

  friend bool operator==(const Decoded&, const Decoded&) = default;
};

Decoded decode_in_pieces(std::string_view text, cuts::Ends ends, ChunkedDecoder::Of of) {
  ChunkedDecoder decoder(kLimits, of);
  Decoded decoded;
  decoded.taken = cuts::put_in_pieces(
      text, ends,
      [&](std::string_view piece) {
        const auto progress = decoder.put(piece, decoded.body);
        decoded.status = progress.status;
        return progress.taken;
      },
      [&] { return decoded.status != ChunkedDecoder::Status::kNeedsMore; });
  decoded.refusal = decoder.refusal().status;
  decoded.refusal_text = decoder.refusal().text;
  return decoded;
}

// What a body is must not depend on how its bytes arrive.
Decoded decode(std::string_view text, ChunkedDecoder::Of of = ChunkedDecoder::Of::kRequest) {
  const auto read = [&](cuts::Ends ends) { return decode_in_pieces(text, ends, of); };
  EXPECT_EQ(cuts::first_difference(text, read), "") << text;
  return read({});
}

TEST(ChunkedDecoder, JoinsTheChunks) {
  const Decoded decoded = decode("5\r\nhello\r\nB\r\n, wide\r\nwor\r\n2\r\nld\r\n0\r\n\r\n");
  EXPECT_EQ(decoded.status, ChunkedDecoder::Status::kDone);
  EXPECT_EQ(decoded.body, "hello, wide\r\nworld");
}

TEST(ChunkedDecoder, LeavesTheBytesBehindTheBody) { EXPECT_EQ(decode("0\r\n\r\nGET /").taken, 5u); }

TEST(ChunkedDecoder, DropsExtensionsAndTrailers) {
  const Decoded decoded = decode("1;a=\"b\"\r\nx\r\n000;c\r\nDigest: 1\r\nX-Y:\r\n\r\n");
  EXPECT_EQ(decoded.status, ChunkedDecoder::Status::kDone);
  EXPECT_EQ(decoded.body, "x");
}

TEST(ChunkedDecoder, RefusesMalformedSizes) {
  for (const char* line : {"", ";a", "-1", "+1", "0x1", "1 ", " 1", "g", "1g", "1 ;a", "1\t",
                           "00000000000000001", "10000000000000000", "1;\x01"}) {
    const Decoded decoded = decode(std::string(line) + "\r\nx\r\n0\r\n\r\n");
    EXPECT_EQ(decoded.refusal, 400) << line;
  }
}

// What is smuggled through two readers of one request must not be; an answer has one reader.
TEST(ChunkedDecoder, PaddedSizesAreAnAnswersAlone) {
  for (const std::string& line :
       {std::string("1 "), std::string("1\t"), std::string("1 ;a"), std::string(100, '0') + "1"}) {
    EXPECT_EQ(decode(line + "\r\nx\r\n0\r\n\r\n").refusal, 400) << line;
    EXPECT_EQ(decode(line + "\r\nx\r\n0\r\n\r\n", ChunkedDecoder::Of::kResponse).body, "x") << line;
  }
  for (const char* line : {"", ";a", "-1", "+1", "0x1", " 1", "g", "1 1", "10000000000000000"}) {
    const std::string text = std::string(line) + "\r\nx\r\n0\r\n\r\n";
    EXPECT_EQ(decode(text, ChunkedDecoder::Of::kResponse).refusal, 400) << line;
  }
}

TEST(ChunkedDecoder, SizesMayHaveSixteenDigits) {
  EXPECT_EQ(decode("0000000000000001\r\nx\r\n0000000000000000\r\n\r\n").body, "x");
  EXPECT_EQ(decode("00000000000000001\r\nx\r\n0\r\n\r\n").refusal, 400);
}

TEST(ChunkedDecoder, RefusesLinesWithoutCarriageReturn) {
  EXPECT_EQ(decode("1\nx\r\n0\r\n\r\n").refusal, 400);
  EXPECT_EQ(decode("1\r\nx\n0\r\n\r\n").refusal, 400);
  EXPECT_EQ(decode("0\n\r\n").refusal, 400);
  EXPECT_EQ(decode("0\r\n\n").refusal, 400);
  EXPECT_EQ(decode("0\r\nA: b\n\r\n").refusal, 400);
}

TEST(ChunkedDecoder, RefusesAChunkThatIsNotAsLongAsItSays) {
  EXPECT_EQ(decode("1\r\nxy\r\n0\r\n\r\n").refusal, 400);
  EXPECT_EQ(decode("3\r\nxy\r\n0\r\n\r\n").refusal, 400);
}

TEST(ChunkedDecoder, RefusesMalformedTrailers) {
  for (const char* line : {"no colon", " folded: a", "A : b", ": a", "A: \x01"}) {
    EXPECT_EQ(decode("0\r\n" + std::string(line) + "\r\n\r\n").refusal, 400) << line;
  }
}

TEST(ChunkedDecoder, TheBodyMayBeAsLargeAsItsLimit) {
  const std::string most(kLimits.body_bytes_max - 1, 'x');
  const std::string first = "27\r\n" + most + "\r\n";
  EXPECT_EQ(decode(first + "1\r\ny\r\n0\r\n\r\n").body, most + "y");
  // Refused by the announcement already, before a byte too many is stored.
  const Decoded decoded = decode(first + "2\r\n");
  EXPECT_EQ(decoded.refusal, 413);
  EXPECT_EQ(decoded.body, most);
  EXPECT_EQ(decode("ffffffffffffffff\r\n").refusal, 413);
}

TEST(ChunkedDecoder, TheTrailersMayBeAsLargeAsTheirLimit) {
  const auto with_trailers = [](std::size_t bytes) {
    return "0\r\nA: 1\r\nB: " + std::string(bytes - 11, 'b') + "\r\n\r\n";
  };
  EXPECT_EQ(decode(with_trailers(kLimits.trailer_bytes_max)).status, ChunkedDecoder::Status::kDone);
  EXPECT_EQ(decode(with_trailers(kLimits.trailer_bytes_max + 1)).refusal, 431);
}

TEST(ChunkedDecoder, RefusesALineWithoutEnd) {
  EXPECT_EQ(decode("1;" + std::string(300, 'a')).refusal, 400);
  EXPECT_EQ(decode("0\r\nA: " + std::string(100, 'a')).refusal, 400);
}

}  // namespace
}  // namespace ferry::http
