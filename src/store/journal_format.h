#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/store.h"

// The bytes of a journal segment; the grammar is at the top of the source file.

namespace ferry::store {

// The header has a page of its own, so that writing records never touches the sector it is in.
inline constexpr std::size_t kSegmentHeaderBytes = 4096;
inline constexpr std::size_t kFragmentHeaderBytes = 24;
inline constexpr std::size_t kFragmentAlignment = 8;
inline constexpr std::size_t kFragmentPayloadMax = 1u << 20;
inline constexpr std::size_t kSegmentBytesMin = kSegmentHeaderBytes + 512;
inline constexpr std::size_t kJournalStoreIdMax = 64;

struct SegmentHeader {
  std::string store_id;            // at most kJournalStoreIdMax bytes
  std::uint64_t sequence = 0;      // of this life of the file; 0: prepared, never written
  Position first_position = 0;     // of the first record that begins here
  std::uint64_t first_batch = 0;   // of the first fragment, also when it continues a batch
  std::uint64_t previous = 0;      // sequence of the segment before; 0: the journal begins here
  std::uint64_t previous_end = 0;  // how many bytes of that segment count

  friend bool operator==(const SegmentHeader&, const SegmentHeader&) = default;
};

// The fields of the header; the rest of its page is not looked at.
std::string encode_segment_header(const SegmentHeader& header);

// Nothing when the bytes are no header: never written, torn or damaged. kStoreTooNew when a newer
// version wrote it.
Result<std::optional<SegmentHeader>> decode_segment_header(std::string_view bytes);

enum FragmentFlag : std::uint8_t {
  kRecordBegins = 1,
  kRecordEnds = 2,
  kBatchEnds = 4,
  kCopied = 8,  // written by open() from an older segment
};

// A record, or a part of one that is large or continues in the next segment.
struct Fragment {
  Position position = 0;    // of the record
  std::uint64_t batch = 0;  // one append
  std::uint8_t flags = 0;
  std::string_view payload;
};

// What the checksums of one segment start from: a fragment of another store, or of an earlier life
// of the same file, is never valid in this one.
std::uint32_t fragment_seed(std::string_view store_id, std::uint64_t sequence);

void append_fragment(std::string& out, const Fragment& fragment, std::uint32_t seed);

// The fragment at the start of `bytes`, if an intact one is there.
std::optional<Fragment> read_fragment(std::string_view bytes, std::uint32_t seed);

// The batch number that stands where a fragment would have it, right or not: a quick look.
std::uint64_t claimed_batch(std::string_view bytes);

// What a fragment takes in a segment.
constexpr std::size_t fragment_bytes(std::size_t payload) {
  const std::size_t bytes = kFragmentHeaderBytes + payload;
  return (bytes + kFragmentAlignment - 1) / kFragmentAlignment * kFragmentAlignment;
}

// How much of `rest` goes into the next fragment of a segment with `room` bytes left (a multiple of
// the alignment); nothing when a new segment must begin.
std::optional<std::size_t> next_payload(std::size_t rest, std::size_t room);

// What a record takes where no segment ends in it.
std::size_t record_bytes(std::size_t payload);

// "journal-00000000000000a3.seg", and back.
std::string segment_name(std::uint64_t sequence);
std::optional<std::uint64_t> segment_sequence(std::string_view name);

}  // namespace ferry::store
