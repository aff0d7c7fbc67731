#include "base/digest.h"

#include <gtest/gtest.h>

#include <numeric>
#include <set>
#include <string>
#include <utility>

#include "base/encoding.h"
#include "base/random.h"

namespace ferry {
namespace {

std::string hex_of(const Sha256Digest& digest) { return hex_encode(as_text(digest)); }

TEST(Sha256, AgreesWithTheVectorsOfFips180) {
  EXPECT_EQ(hex_of(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex_of(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_of(sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, AcceptsAViewOfNothing) { EXPECT_EQ(sha256(std::string_view()), sha256("")); }

TEST(HmacSha256, AgreesWithTheVectorsOfRfc4231) {
  EXPECT_EQ(hex_of(HmacSha256(std::string(20, '\x0b')).sign("Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex_of(HmacSha256("Jefe").sign("what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex_of(HmacSha256(std::string(131, '\xaa'))
                       .sign("Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacSha256, AnEmptyKeyIsAKey) {
  EXPECT_EQ(hex_of(HmacSha256(std::string_view()).sign("")),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(HmacSha256, EverySignatureStartsFromTheKeyAlone) {
  HmacSha256 hmac("Jefe");
  const Sha256Digest first = hmac.sign("what do ya want for nothing?");
  hmac.sign("something else in between");
  EXPECT_EQ(hmac.sign("what do ya want for nothing?"), first);
}

TEST(HmacSha256, KeepsItsKeyWhenMoved) {
  HmacSha256 first("Jefe");
  const Sha256Digest expected = first.sign("data");
  HmacSha256 second = std::move(first);
  EXPECT_EQ(second.sign("data"), expected);
  HmacSha256 third("other");
  EXPECT_NE(third.sign("data"), expected);
  third = std::move(second);
  EXPECT_EQ(third.sign("data"), expected);
}

// Stored in tables: a value that changes here would orphan every row that carries the old one.
TEST(StableHash, ValuesArePinned) {
  EXPECT_EQ(stable_hash(""), 0xEFD01F60BA992926u);
  EXPECT_EQ(stable_hash("a"), 0x82A2A958A9BECE5Bu);
  EXPECT_EQ(stable_hash("", 1), 0x6BCB9D63EB8EAB8Bu);
  EXPECT_EQ(stable_hash("https://example.com/hook"), 0x78BBE9BBFE46078Fu);
  EXPECT_EQ(stable_hash("https://example.com/hook", 7), 0x88E9B04A0EBCF78Bu);
  EXPECT_EQ(stable_hash(std::string_view("\xFF\0", 2)), 0x6697E69689E5177Au);
}

TEST(StableHash, ShortTextsAndSeedsDoNotCollide) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    for (int i = 0; i < 1000; ++i) seen.insert(stable_hash(std::to_string(i), seed));
  }
  EXPECT_EQ(seen.size(), 10'000u);
}

TEST(Crc32c, AgreesWithTheVectorsOfRfc3720) {
  std::string ascending;
  for (char c = 0; c < 32; ++c) ascending.push_back(c);
  for (const auto crc : {crc32c, crc32c_portable}) {
    EXPECT_EQ(crc("", 0), 0u);
    EXPECT_EQ(crc("123456789", 0), 0xE3069283u);
    EXPECT_EQ(crc(std::string(32, '\0'), 0), 0x8A9136AAu);
    EXPECT_EQ(crc(std::string(32, '\xFF'), 0), 0x62A8AB43u);
    EXPECT_EQ(crc(ascending, 0), 0x46DD794Eu);
  }
}

TEST(Crc32c, TheInstructionAndTheTableAgreeOnEveryLengthAndAlignment) {
  Random random(3);
  std::string data(100, '\0');
  for (char& c : data) c = static_cast<char>(random.below(256));
  for (std::size_t offset = 0; offset < 9; ++offset) {
    for (std::size_t size = 0; size < 80; ++size) {
      const std::string_view part = std::string_view(data).substr(offset, size);
      EXPECT_EQ(crc32c(part, 77), crc32c_portable(part, 77)) << offset << " " << size;
    }
  }
}

TEST(Crc32c, ContinuesWhereTheLastPartEnded) {
  const std::string data = "a record that was written in two parts";
  for (std::size_t cut = 0; cut <= data.size(); ++cut) {
    EXPECT_EQ(crc32c(data.substr(cut), crc32c(data.substr(0, cut))), crc32c(data));
  }
}

TEST(EqualsConstantTime, ComparesLengthAndContent) {
  EXPECT_TRUE(equals_constant_time("secret", "secret"));
  EXPECT_TRUE(equals_constant_time("", std::string_view()));
  EXPECT_FALSE(equals_constant_time("secret", "secreT"));
  EXPECT_FALSE(equals_constant_time("secret", "Secret"));
  EXPECT_FALSE(equals_constant_time("secret", "secre"));
  EXPECT_FALSE(equals_constant_time("", "s"));
}

}  // namespace

// Vectors of the reference implementation: key 00..0f, messages of ascending bytes.
TEST(Digest, SipHashMatchesTheReference) {
  SipKey key;
  std::iota(key.begin(), key.end(), std::uint8_t{0});
  const auto hex = [&key](std::string_view data) {
    const SipDigest digest = siphash128(key, data);
    return hex_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
  };
  EXPECT_EQ(hex(""), "a3817f04ba25a8e66df67214c7550293");
  EXPECT_EQ(hex(std::string_view("\0", 1)), "da87c1d86b99af44347659119b22fc45");
  EXPECT_EQ(hex(std::string_view("\0\1", 2)), "8177228da4a45dc7fca38bdef60affe4");
}

}  // namespace ferry
