#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/journal_format.h"

namespace ferry::store {

// A byte of the journal.
struct JournalPlace {
  std::uint64_t segment = 0;  // its sequence
  std::uint64_t offset = 0;
};

struct JournalRecord {
  Position position = 0;
  std::string_view payload;
};

// A batch of which every fragment was intact. Records that began before the scan are not in it.
struct ScannedBatch {
  std::uint64_t number = 0;
  JournalPlace begin;  // of its first record here
  JournalPlace end;
  std::span<const JournalRecord> records;  // valid during the call that is given the batch
};

using BatchSink = std::function<Result<void>(const ScannedBatch&)>;

// Puts fragments together to records and batches, segment after segment. Bytes in, batches out.
class BatchScanner {
 public:
  // Starts where a segment with this header starts.
  BatchScanner(const SegmentHeader& first, BatchSink sink);

  // Reads one segment, given with its header page, as far as each fragment is the one that must
  // follow. Returns the offset where it stopped; an error only when the sink failed.
  Result<std::size_t> scan(const SegmentHeader& header, std::string_view bytes);

  // What the next record must have as position and batch.
  Position next_position() const { return next_position_; }
  std::uint64_t batch() const { return batch_; }

 private:
  struct Piece {  // of gathered_
    Position position;
    std::size_t offset;
  };

  bool follows(const Fragment& fragment) const;
  void take(const Fragment& fragment, const JournalPlace& at);
  Result<void> deliver(const JournalPlace& end);

  BatchSink sink_;
  Position next_position_;
  std::uint64_t batch_;
  bool in_record_ = false;  // its end is still to come
  bool skipping_ = true;    // the rest of a record that began before the scan
  std::string gathered_;    // payloads of the records of this batch
  std::vector<Piece> pieces_;
  std::optional<JournalPlace> begin_;
};

// Where, at or after `offset`, an intact fragment of a batch later than `batch` is: the proof that
// `batch` was synced.
std::optional<std::size_t> find_later_batch(std::string_view bytes, std::size_t offset,
                                            std::uint32_t seed, std::uint64_t batch);

// How many batches that were appended (not copied by open()) stand at the start of a segment whose
// header is gone. More than one: the header was synced once and has been damaged since.
std::uint64_t count_appended_batches(std::string_view bytes, std::uint32_t seed);

}  // namespace ferry::store
