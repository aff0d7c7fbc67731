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

// A preallocated, recycled, checksummed log of batches (format in journal_format.cc). It knows no
// tables: a record is a position and bytes. One batch is written and synced at a time by one
// thread; everything but `append` may be called by others meanwhile.
//
// `File` is the file it writes with (journal_file.h: PosixFile; tests bring one that tears, drops
// and forgets what was not synced). The definitions are in journal_impl.h.
template <class File>
class Journal {
 public:
  struct Options {
    std::filesystem::path folder;
    std::string store_id;  // of every segment (at most 64 bytes); another store's is refused
    std::size_t segment_bytes = 64u << 20;  // a multiple of 8, at least kSegmentBytesMin
    std::size_t bytes_max = 1u << 30;       // segments in use beyond it: kDiskFull
    // A journal that begins behind `from`, but not behind this, is replayed from its beginning:
    // what it gave up before that was synced in every table (recycle), even in one that last
    // changed long before and still says so.
    Position begins_by = 0;
    Duration sync_delay{0};  // added to every sync, to try a slow disk
  };

  // Called for every intact record with position >= `from`, ascending.
  using Replay = std::function<Result<void>(Position position, std::string_view record)>;

  // Opens the folder, which is made when it is not there, and replays it. `from` is one past the
  // lowest position applied to the tables; `last_position` is the highest, and where the journal
  // goes on when it holds nothing newer. A torn tail (an incomplete last batch) is dropped. New
  // batches go to a fresh segment, so nothing left of a torn batch can ever look valid again; what
  // the tables lack of the last segment is on the disk, synced anew, when this returns.
  //
  // kStoreCorrupt, naming file, offset and what to do: a bad record with an intact one of a later
  // batch behind it, a segment that is missing or another store's, tables that need what is not
  // there. kStoreTooNew; kDiskFull and kStoreIo from the system; any error of `replay`.
  static Result<std::unique_ptr<Journal>> open(Options options, Position from,
                                               Position last_position, const Replay& replay,
                                               std::shared_ptr<typename File::System> system);
  ~Journal();

  // Writes the records as one batch and syncs it. Returns the position of the last record; the
  // first got position() + 1. kDiskFull: nothing was written and the journal stays usable. Other
  // errors: the outcome is unknown, the journal is unusable and must be opened anew.
  Result<Position> append(std::span<const std::string_view> records);

  Position position() const;

  // Everything up to and including `position` is in tables that are synced: segments that hold
  // nothing newer may be written over. Also prepares the next segment when none is ready, so that
  // append() need not: call it now and then, from a thread that may wait for the disk.
  void recycle(Position position);

  // Bytes of segments that still hold something needed, and whether a record of `bytes` would fit.
  std::size_t bytes_in_use() const;
  bool has_room(std::size_t bytes) const;

  // Copies what is needed to replay from `from` into another folder (for backups), with every batch
  // that was complete when this began. kNotFound when records from `from` on have been recycled.
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
