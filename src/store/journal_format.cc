#include "store/journal_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "base/check.h"
#include "base/digest.h"

// Integers are little-endian.
//
//   segment  = header-page fragment* anything      ;"anything": zeros or an earlier life
//   header-page = header padding                   ; 4096 bytes together
//   header   = magic version:u32 store-id sequence:u64 first-position:u64 first-batch:u64
//              previous:u64 previous-end:u64 crc:u32       ; 128 bytes
//   magic    = "FERRYJNL"
//   store-id = length:u8 bytes zeros               ; 72 bytes together
//   crc      = CRC-32C of all bytes of the header before it
//
//   fragment = crc:u32 size:u32 position:u64 batch:u64 payload padding   ; padded to 8 bytes
//   size     = payload length (24 bits) | flags << 24
//   crc      = CRC-32C of everything from `size` to the end of the payload, started from
//              CRC-32C(store-id sequence:u64)
//
//   record   = one fragment with kRecordBegins and kRecordEnds,
//            | one with kRecordBegins, any number with neither, one with kRecordEnds
//   batch    = record+                             ; the last fragment has kBatchEnds
//
// Positions ascend by one with every record and batch numbers by one with every batch, both across
// segments. A file whose header does not carry the sequence of its name is a spare: a recycled
// segment is renamed first, and its header is written when it is used.

namespace ferry::store {
namespace {

constexpr std::string_view kMagic = "FERRYJNL";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeaderFieldsBytes = 128;
constexpr std::size_t kStoreIdField = 72;
constexpr std::size_t kCrcBytes = 4;
constexpr std::uint32_t kPayloadMask = 0xFFFFFF;
constexpr unsigned kFlagsShift = 24;
constexpr std::uint32_t kKnownFlags = kRecordBegins | kRecordEnds | kBatchEnds | kCopied;

constexpr std::string_view kNamePrefix = "journal-";
constexpr std::string_view kNameSuffix = ".seg";
constexpr std::size_t kNameDigits = 16;

static_assert(kFragmentPayloadMax <= kPayloadMask);

}  // namespace

std::string encode_segment_header(const SegmentHeader& header) {
  CHECK(header.store_id.size() <= kJournalStoreIdMax);
  std::string out(kMagic);
  ByteWriter writer(out);
  writer.fixed32(kVersion);
  writer.u8(static_cast<std::uint8_t>(header.store_id.size()));
  out += header.store_id;
  out.resize(kMagic.size() + sizeof kVersion + kStoreIdField);
  writer.fixed64(header.sequence);
  writer.fixed64(header.first_position);
  writer.fixed64(header.first_batch);
  writer.fixed64(header.previous);
  writer.fixed64(header.previous_end);
  writer.fixed32(crc32c(out));
  CHECK(out.size() == kHeaderFieldsBytes);
  return out;
}

Result<std::optional<SegmentHeader>> decode_segment_header(std::string_view bytes) {
  if (bytes.size() < kHeaderFieldsBytes || !bytes.starts_with(kMagic)) return std::nullopt;
  const std::string_view body = bytes.substr(0, kHeaderFieldsBytes - kCrcBytes);
  if (ByteReader(bytes.substr(body.size())).fixed32() != crc32c(body)) return std::nullopt;
  ByteReader reader(body.substr(kMagic.size()));
  if (const auto version = reader.fixed32(); version > kVersion) {
    return fail(ErrorCode::kStoreTooNew,
                fmt::format("the journal has version {}, this program reads up to version {}",
                            version, kVersion));
  }
  const std::size_t id_length = reader.u8();
  if (id_length > kJournalStoreIdMax) return std::nullopt;
  constexpr std::size_t kIdAt = kMagic.size() + sizeof kVersion;
  SegmentHeader header;
  header.store_id = body.substr(kIdAt + 1, id_length);
  reader = ByteReader(body.substr(kIdAt + kStoreIdField));
  header.sequence = reader.fixed64();
  header.first_position = reader.fixed64();
  header.first_batch = reader.fixed64();
  header.previous = reader.fixed64();
  header.previous_end = reader.fixed64();
  return header;
}

std::uint32_t fragment_seed(std::string_view store_id, std::uint64_t sequence) {
  std::string bytes(store_id);
  ByteWriter(bytes).fixed64(sequence);
  return crc32c(bytes);
}

void append_fragment(std::string& out, const Fragment& fragment, std::uint32_t seed) {
  CHECK(fragment.payload.size() <= kFragmentPayloadMax);
  const std::size_t begin = out.size();
  ByteWriter writer(out);
  writer.fixed32(0);  // the checksum, known at the end
  writer.fixed32(static_cast<std::uint32_t>(fragment.payload.size()) |
                 static_cast<std::uint32_t>(fragment.flags) << kFlagsShift);
  writer.fixed64(fragment.position);
  writer.fixed64(fragment.batch);
  out += fragment.payload;
  std::uint32_t crc = crc32c(std::string_view(out).substr(begin + kCrcBytes), seed);
  for (std::size_t i = 0; i < kCrcBytes; ++i, crc >>= 8) out[begin + i] = static_cast<char>(crc);
  out.resize(begin + fragment_bytes(fragment.payload.size()));
}

std::optional<Fragment> read_fragment(std::string_view bytes, std::uint32_t seed) {
  if (bytes.size() < kFragmentHeaderBytes) return std::nullopt;
  ByteReader reader(bytes);
  const std::uint32_t crc = reader.fixed32();
  const std::uint32_t size = reader.fixed32();
  const std::size_t length = size & kPayloadMask;
  const std::uint32_t flags = size >> kFlagsShift;
  Fragment fragment{.position = reader.fixed64(),
                    .batch = reader.fixed64(),
                    .flags = static_cast<std::uint8_t>(flags),
                    .payload = {}};
  if (fragment.position == 0 || (flags & ~kKnownFlags) != 0) return std::nullopt;
  if ((flags & kBatchEnds) != 0 && (flags & kRecordEnds) == 0) return std::nullopt;
  if (length > kFragmentPayloadMax || fragment_bytes(length) > bytes.size()) return std::nullopt;
  const std::size_t checked = kFragmentHeaderBytes - kCrcBytes + length;
  if (crc32c(bytes.substr(kCrcBytes, checked), seed) != crc) return std::nullopt;
  fragment.payload = bytes.substr(kFragmentHeaderBytes, length);
  return fragment;
}

std::uint64_t claimed_batch(std::string_view bytes) {
  constexpr std::size_t kBatchAt = kFragmentHeaderBytes - sizeof(std::uint64_t);
  return bytes.size() < kFragmentHeaderBytes ? 0 : ByteReader(bytes.substr(kBatchAt)).fixed64();
}

std::optional<std::size_t> next_payload(std::size_t rest, std::size_t room) {
  const std::size_t least = fragment_bytes(std::min<std::size_t>(rest, 1));
  if (room < least) return std::nullopt;
  return std::min({rest, kFragmentPayloadMax, room - kFragmentHeaderBytes});
}

std::size_t record_bytes(std::size_t payload) {
  return payload / kFragmentPayloadMax * fragment_bytes(kFragmentPayloadMax) +
         (payload % kFragmentPayloadMax != 0 || payload == 0
              ? fragment_bytes(payload % kFragmentPayloadMax)
              : 0);
}

std::string segment_name(std::uint64_t sequence) {
  return fmt::format("{}{:016x}{}", kNamePrefix, sequence, kNameSuffix);
}

std::optional<std::uint64_t> segment_sequence(std::string_view name) {
  if (name.size() != kNamePrefix.size() + kNameDigits + kNameSuffix.size()) return std::nullopt;
  if (!name.starts_with(kNamePrefix) || !name.ends_with(kNameSuffix)) return std::nullopt;
  const std::string_view digits = name.substr(kNamePrefix.size(), kNameDigits);
  std::uint64_t sequence = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), sequence, 16);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (sequence == 0 || segment_name(sequence) != name) return std::nullopt;
  return sequence;
}

}  // namespace ferry::store
