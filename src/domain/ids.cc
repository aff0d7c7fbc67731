#include "domain/ids.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/encoding.h"

namespace ferry {
namespace {

constexpr int kTimeBits = 42;
constexpr int kLowBits = kIdSequenceBits + kIdPartitionBits;

constexpr std::string_view kDeliveryPrefix = "msg_";
constexpr std::size_t kIdBytes = 8;
constexpr std::size_t kHashBytes = 12;
constexpr std::size_t kPackedBytes = kIdBytes + kHashBytes;
constexpr std::size_t kDigits = 28;  // base58 digits of the largest kPackedBytes-byte number
constexpr char kZeroDigit = '1';     // of base58

std::string to_big_endian(std::int64_t value) {
  std::string out(kIdBytes, '\0');
  auto rest = static_cast<std::uint64_t>(value);
  for (std::size_t i = kIdBytes; i-- > 0; rest >>= 8) out[i] = static_cast<char>(rest & 0xFF);
  return out;
}

std::int64_t from_big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return static_cast<std::int64_t>(value);
}

// A number of at most `bits` bits.
std::optional<std::int64_t> parse_bits(std::string_view text, int bits) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || value >> bits != 0) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

}  // namespace

std::int64_t IdSequence::next(TimePoint now) {
  const std::int64_t own = static_cast<std::int64_t>(partition_) << kIdSequenceBits;
  const auto partition_bits = [](std::int64_t id) {
    return id & ((std::int64_t{1} << kLowBits) - (std::int64_t{1} << kIdSequenceBits));
  };
  if (const std::int64_t fresh = first_id_at(now) | own; fresh > last_) {
    last_ = fresh;
  } else if (partition_bits(last_ + 1) == own) {
    ++last_;
  } else {  // the sequence of this millisecond is used up: borrow from the next one
    last_ = first_id_at(time_of_id(last_) + Duration(1)) | own;
  }
  return last_;
}

IdCodec::IdCodec(std::string_view secret) {
  const Sha256Digest digest = sha256(secret);
  std::copy_n(digest.begin(), key_.size(), key_.begin());
}

std::string IdCodec::wire(DeliveryId id) const {
  const std::string bytes = to_big_endian(id.value);
  const SipDigest hash = siphash128(key_, bytes);
  std::array<char, kPackedBytes> packed;
  std::copy_n(hash.begin(), kHashBytes, std::ranges::copy(bytes, packed.begin()).out);
  const std::string digits = base58_encode({packed.data(), packed.size()});
  std::string text;
  text.reserve(kDeliveryPrefix.size() + kDigits);
  return text.append(kDeliveryPrefix).append(kDigits - digits.size(), kZeroDigit).append(digits);
}

std::optional<DeliveryId> IdCodec::parse_delivery(std::string_view text) const {
  if (text.size() != kDeliveryPrefix.size() + kDigits || !text.starts_with(kDeliveryPrefix)) {
    return std::nullopt;
  }
  const auto packed = base58_decode(text.substr(kDeliveryPrefix.size()));
  if (!packed || packed->size() < kPackedBytes) return std::nullopt;
  // Padding digits decode to further zero bytes in front.
  const std::string_view tail = std::string_view(*packed).substr(packed->size() - kPackedBytes);
  const DeliveryId id{from_big_endian(tail.substr(0, kIdBytes))};
  // Comparing whole texts verifies the hash and that there is one spelling only.
  if (id.value <= 0 || !equals_constant_time(wire(id), text)) return std::nullopt;
  return id;
}

std::string wire_dead_letter_id(DeadLetterId id) {
  const std::int64_t low = id.value & ((std::int64_t{1} << kLowBits) - 1);
  return std::to_string(id.value >> kLowBits) + "-" + std::to_string(low);
}

std::optional<DeadLetterId> parse_dead_letter_id(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto time = parse_bits(text.substr(0, dash), kTimeBits);
  const auto low = parse_bits(text.substr(dash + 1), kLowBits);
  if (!time || !low) return std::nullopt;
  const DeadLetterId id{*time << kLowBits | *low};
  if (!id || wire_dead_letter_id(id) != text) return std::nullopt;  // no leading zeros
  return id;
}

}  // namespace ferry
