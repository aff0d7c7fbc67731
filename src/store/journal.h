#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/store.h"

namespace ferry::store {

// A preallocated, recycled, checksummed log of batches (format in the source file). It knows no tables: a
// record is a position and bytes. One batch is written and synced at a time by one thread; `recycle`
// may be called by another.
//
// `File` is the file it writes with (journal_file.h: PosixFile; tests bring one that tears, drops and
// forgets what was not synced).
template <class File>
class Journal {
 public:
  struct Options {
    std::filesystem::path folder;
    std::string store_id;                     // of every segment; another store's segment is refused
    std::size_t segment_bytes = 64u << 20;
    std::size_t bytes_max = 1u << 30;         // segments in use beyond it: kDiskFull
    Duration sync_delay{0};
  };

  // Called for every intact record with position >= `from`, ascending.
  using Replay = std::function<Result<void>(Position position, std::string_view record)>;

  // Opens the folder and replays it. A torn tail (an incomplete last batch) is dropped; a bad record
  // with a valid record of a later batch behind it is kStoreCorrupt, naming segment and offset. New
  // batches go to a fresh segment, so nothing left of a torn batch can ever look valid again.
  // `last_position` is where the tables already are, when the journal holds nothing newer.
  static Result<std::unique_ptr<Journal>> open(Options options, Position from, Position last_position,
                                               const Replay& replay,
                                               std::shared_ptr<typename File::System> system);
  ~Journal();

  // Writes the records as one batch and syncs it. Returns the position of the last record; the first got
  // position() + 1. kDiskFull: nothing was written and the journal stays usable. Other errors: the
  // outcome is unknown, the journal is unusable and must be opened anew.
  Result<Position> append(std::span<const std::string_view> records);

  Position position() const;

  // Everything up to and including `position` is in tables that are synced: segments that hold nothing
  // newer may be written over.
  void recycle(Position position);

  // Bytes of segments that still hold something needed, and whether a batch of `bytes` would fit.
  std::size_t bytes_in_use() const;
  bool has_room(std::size_t bytes) const;

  // Copies what is needed to replay from `from` into another folder (for backups).
  Result<void> copy_to(const std::filesystem::path& folder, Position from) const;

 private:
  struct State;
  explicit Journal(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

struct JournalReport {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  Position first = 0, last = 0;
};

// Reads a whole journal without changing it; kStoreCorrupt as open() would say it.
Result<JournalReport> check_journal(const std::filesystem::path& folder);

}  // namespace ferry::store
