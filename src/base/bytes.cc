#include "base/bytes.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace ferry {

static_assert(std::endian::native == std::endian::little,
              "stored records are little-endian and copied as they are");

Bytes Bytes::take(std::string data) {
  Bytes bytes;
  bytes.owner_ = std::make_shared<const std::string>(std::move(data));
  bytes.view_ = *bytes.owner_;
  return bytes;
}

Bytes Bytes::together_with(std::shared_ptr<const void> companion) && {
  struct Pair {
    std::shared_ptr<const std::string> owner;
    std::shared_ptr<const void> companion;
  };
  const auto pair = std::make_shared<const Pair>(Pair{std::move(owner_), std::move(companion)});
  owner_ = std::shared_ptr<const std::string>(pair, pair->owner.get());
  return std::move(*this);
}

Bytes Bytes::slice(std::size_t offset, std::size_t count) const {
  Bytes part;
  part.owner_ = owner_;
  part.view_ = view_.substr(std::min(offset, view_.size()), count);
  return part;
}

namespace {

constexpr std::size_t kVarintBytesMax = 10;

template <class Integer>
void append_fixed(std::string& out, Integer value) {
  char raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);
  out.append(raw, sizeof value);
}

template <class Integer>
Integer load_fixed(std::string_view raw) {
  Integer value = 0;
  if (raw.size() == sizeof value) std::memcpy(&value, raw.data(), sizeof value);
  return value;
}

}  // namespace

// Most values are small, and most texts of a record empty: for those a call of append() is dear.
void ByteWriter::varint(std::uint64_t value) {
  if (value < 0x80) return u8(static_cast<std::uint8_t>(value));
  char raw[kVarintBytesMax];
  std::size_t count = 0;
  while (value >= 0x80) {
    raw[count++] = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  raw[count++] = static_cast<char>(value);
  out_.append(raw, count);
}

void ByteWriter::svarint(std::int64_t value) {
  varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
}

void ByteWriter::fixed32(std::uint32_t value) { append_fixed(out_, value); }

void ByteWriter::fixed64(std::uint64_t value) { append_fixed(out_, value); }

void ByteWriter::text(std::string_view value) {
  varint(value.size());
  if (!value.empty()) out_.append(value);
}

bool ByteReader::take(std::size_t count, std::string_view& out) {
  if (count > rest_.size()) {
    ok_ = false;
    rest_ = {};  // every later read of at least one byte fails as well
    return false;
  }
  out = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return true;
}

std::uint8_t ByteReader::u8() {
  std::string_view raw;
  return take(1, raw) ? static_cast<std::uint8_t>(raw[0]) : std::uint8_t{0};
}

std::uint64_t ByteReader::varint() {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < kVarintBytesMax && i < rest_.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(rest_[i]);
    if (i + 1 == kVarintBytesMax && byte > 1) break;  // beyond 64 bits
    value |= std::uint64_t{byte & 0x7Fu} << (7 * i);
    if (byte < 0x80) {
      rest_.remove_prefix(i + 1);
      return value;
    }
  }
  ok_ = false;
  rest_ = {};
  return 0;
}

std::int64_t ByteReader::svarint() {
  const std::uint64_t zigzag = varint();
  return static_cast<std::int64_t>((zigzag >> 1) ^ (~(zigzag & 1) + 1));
}

std::uint32_t ByteReader::fixed32() {
  std::string_view raw;
  take(sizeof(std::uint32_t), raw);
  return load_fixed<std::uint32_t>(raw);
}

std::uint64_t ByteReader::fixed64() {
  std::string_view raw;
  take(sizeof(std::uint64_t), raw);
  return load_fixed<std::uint64_t>(raw);
}

std::string_view ByteReader::text() {
  const std::uint64_t size = varint();
  std::string_view value;
  take(size, value);
  return value;
}

}  // namespace ferry
