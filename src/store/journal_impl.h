#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "store/journal.h"
#include "store/journal_writer.h"

// The definitions of Journal, for whoever instantiates it with a file of its own (journal.cc,
// tests, the simulation).

namespace ferry::store {

// The batches that open() writes again: those that end in the last segment and that the tables do
// not have. Their last sync may have failed, and then the page cache shows what the disk never got.
struct JournalRewrite {
  JournalPlace begin;
  Position first_position = 0;
  std::uint64_t first_batch = 0;  // 0: nothing to write again
  std::uint64_t last_segment = 0;
  std::uint64_t bytes = 0;

  void add(const ScannedBatch& batch) {
    if (first_batch == 0 || last_segment != batch.end.segment) {
      *this = {.begin = batch.begin,
               .first_position = batch.records.front().position,
               .first_batch = batch.number,
               .last_segment = batch.end.segment};
    }
    for (const JournalRecord& record : batch.records) bytes += record_bytes(record.payload.size());
  }
};

// What a new segment links to so that it follows `place`. Never a segment of which nothing counts:
// its header may be one that only the page cache has.
inline JournalPlace link_before(const std::vector<FoundSegment>& chain, JournalPlace place) {
  for (auto segment = chain.rbegin(); segment != chain.rend(); ++segment) {
    const SegmentHeader& header = segment->header;
    if (header.sequence == place.segment && place.offset == kSegmentHeaderBytes) {
      place = {header.previous, header.previous_end};
    }
  }
  return place;
}

// Owned by the appending thread, but for the pool and the atomics.
template <class File>
struct Journal<File>::State {
  const Options options;
  const std::shared_ptr<typename File::System> system;
  SegmentPool<File> pool;
  JournalWriter<File> writer;
  std::uint64_t batch = 1;  // the number of the next
  bool broken = false;
  std::atomic<Position> position = 0;
  std::atomic<std::uint64_t> room_left = 0;  // in the segment written to

  State(Options o, std::shared_ptr<typename File::System> s, std::uint64_t sequence_max)
      : options(std::move(o)),
        system(std::move(s)),
        pool({options.folder, options.store_id, options.segment_bytes, options.bytes_max}, system,
             sequence_max),
        writer(pool, options.store_id, options.segment_bytes, options.sync_delay) {}

  Result<void> begin_life(JournalFolder found, const JournalEnd& end, JournalRewrite rewrite);
  Result<void> write_again(const JournalFolder& found, const JournalEnd& end,
                           const JournalRewrite& rewrite);
  Result<void> write_batch(std::span<const std::string_view> records);
  Result<void> copy_segment(std::uint64_t sequence, std::uint64_t bytes,
                            const std::filesystem::path& folder);
};

// Begins the segment of this life. Its header is written when all it stands for is on the disk:
// until then the old segments count, from then on only their part before `previous_end` does.
template <class File>
Result<void> Journal<File>::State::begin_life(JournalFolder found, const JournalEnd& end,
                                              JournalRewrite rewrite) {
  // Tables ahead of the journal need none of it (open() has made sure): the chain begins anew.
  const bool ahead = position > end.position;
  if (ahead) rewrite = {};
  const bool copies = rewrite.first_batch != 0;
  const JournalPlace link =
      ahead ? JournalPlace{} : link_before(found.chain, copies ? rewrite.begin : end.place);
  pool.reuse(found.unfinished);
  ASSIGN_OR_RETURN(auto spare, pool.first(kSegmentHeaderBytes + rewrite.bytes, found.spares));
  const SegmentHeader header{.store_id = options.store_id,
                             .sequence = spare.sequence,
                             .first_position = copies ? rewrite.first_position : position + 1,
                             .first_batch = copies ? rewrite.first_batch : end.batch,
                             .previous = link.segment,
                             .previous_end = link.offset};
  writer.begin(std::move(spare), header);
  if (copies) RETURN_IF_ERROR(write_again(found, end, rewrite));
  RETURN_IF_ERROR(writer.seal(header));
  batch = end.batch;
  room_left = writer.room();

  while (!found.chain.empty() && found.chain.back().header.sequence > link.segment) {
    found.superseded.push_back(std::move(found.chain.back()));
    found.chain.pop_back();
  }
  pool.adopt(found.chain, link.offset, writer.take_written().back());
  pool.reuse(found.superseded);
  return {};
}

// Copies the batches of `rewrite` into the segment just begun and syncs them.
template <class File>
Result<void> Journal<File>::State::write_again(const JournalFolder& found, const JournalEnd& end,
                                               const JournalRewrite& rewrite) {
  const auto copy = [&](const ScannedBatch& scanned) -> Result<void> {
    for (const JournalRecord& record : scanned.records) {
      if (record.position < rewrite.first_position) continue;
      const int last = &record == &scanned.records.back() ? kBatchEnds : 0;
      RETURN_IF_ERROR(writer.write(record.position, scanned.number, record.payload,
                                   static_cast<std::uint8_t>(kCopied | last)));
    }
    return {};
  };
  ASSIGN_OR_RETURN(const JournalEnd read_again,
                   read_chain<File>(found.chain, rewrite.first_position, copy, *system));
  // Pages that a failed sync left behind may go at any time; the caller opens anew and finds out.
  if (read_again.position != end.position || read_again.batch != end.batch) {
    return fail(ErrorCode::kStoreIo,
                fmt::format("{}: the journal changed while it was read", options.folder.string()));
  }
  return writer.sync();
}

template <class File>
Result<void> Journal<File>::State::write_batch(std::span<const std::string_view> records) {
  Position at = position.load(std::memory_order_relaxed);
  for (const std::string_view& record : records) {
    const bool last = &record == &records.back();
    RETURN_IF_ERROR(writer.write(++at, batch, record, last ? kBatchEnds : 0));
  }
  RETURN_IF_ERROR(writer.sync());
  ++batch;
  pool.publish(writer.take_written());
  room_left.store(writer.room(), std::memory_order_relaxed);
  position.store(at, std::memory_order_release);
  return {};
}

template <class File>
Result<void> Journal<File>::State::copy_segment(std::uint64_t sequence, std::uint64_t bytes,
                                                const std::filesystem::path& folder) {
  constexpr std::size_t kChunkBytes = 1u << 20;
  ASSIGN_OR_RETURN(const File from, system->open_to_read(pool.path(sequence)));
  ASSIGN_OR_RETURN(File to, system->create(folder / segment_name(sequence)));
  std::string chunk;
  for (std::uint64_t done = 0; done < bytes; done += chunk.size()) {
    chunk.resize(std::min<std::uint64_t>(kChunkBytes, bytes - done));
    ASSIGN_OR_RETURN(const std::size_t count, from.read(done, chunk));
    if (count != chunk.size()) return journal_corrupt(pool.path(sequence), "the file is too short");
    RETURN_IF_ERROR(to.write(done, chunk));
  }
  return to.sync();
}

template <class File>
Journal<File>::Journal(std::unique_ptr<State> state) : state_(std::move(state)) {}

template <class File>
Journal<File>::~Journal() = default;

template <class File>
auto Journal<File>::open(Options options, Position from, Position last_position,
                         const Replay& replay, std::shared_ptr<typename File::System> system)
    -> Result<std::unique_ptr<Journal>> {
  CHECK(options.segment_bytes >= kSegmentBytesMin &&
        options.segment_bytes % kFragmentAlignment == 0);
  RETURN_IF_ERROR(system->make_folder(options.folder));
  ASSIGN_OR_RETURN(JournalFolder found,
                   survey_journal<File>(options.folder, options.store_id, *system));
  if (!found.chain.empty()) {
    const Position begins = found.chain.front().header.first_position;
    if (begins > from && begins <= options.begins_by) from = begins;
  }
  JournalRewrite rewrite;
  const auto take = [&](const ScannedBatch& batch) -> Result<void> {
    for (const JournalRecord& record : batch.records) {
      if (record.position >= from) RETURN_IF_ERROR(replay(record.position, record.payload));
    }
    if (!batch.records.empty() && batch.records.back().position > last_position) rewrite.add(batch);
    return {};
  };
  JournalEnd end;
  if (!found.chain.empty()) {
    ASSIGN_OR_RETURN(end, read_chain<File>(found.chain, from, take, *system));
  }
  if (end.position < last_position && from <= last_position) {
    return journal_corrupt(options.folder,
                           fmt::format("the journal ends at position {}, but the tables are at {} "
                                       "and need it from {}",
                                       end.position, last_position, from));
  }
  auto state = std::make_unique<State>(std::move(options), std::move(system), found.sequence_max);
  state->position = std::max(end.position, last_position);
  RETURN_IF_ERROR(state->begin_life(std::move(found), end, rewrite));
  return std::unique_ptr<Journal>(new Journal(std::move(state)));
}

template <class File>
Result<Position> Journal<File>::append(std::span<const std::string_view> records) {
  State& state = *state_;
  if (state.broken) {
    return fail(ErrorCode::kStoreIo, "appending to a journal after a failed write or sync");
  }
  if (records.empty()) return position();
  auto done = state.pool.reserve(state.writer.segments_needed(records));
  if (!done && done.error().code == ErrorCode::kDiskFull) {
    return std::unexpected(std::move(done.error()));
  }
  if (done) done = state.write_batch(records);
  if (done) return position();
  state.broken = true;
  // A disk found full after something was written is not the kDiskFull that promises the opposite.
  return fail(ErrorCode::kStoreIo, std::move(done.error().text));
}

template <class File>
Position Journal<File>::position() const {
  return state_->position.load(std::memory_order_acquire);
}

template <class File>
void Journal<File>::recycle(Position position) {
  state_->pool.retire(position);
}

template <class File>
std::size_t Journal<File>::bytes_in_use() const {
  return state_->pool.bytes_in_use();
}

template <class File>
bool Journal<File>::has_room(std::size_t bytes) const {
  const std::uint64_t each = state_->options.segment_bytes - kSegmentHeaderBytes;
  const std::uint64_t left = state_->room_left.load(std::memory_order_relaxed);
  return record_bytes(bytes) <= left + state_->pool.segments_to_begin() * each;
}

template <class File>
Result<void> Journal<File>::copy_to(const std::filesystem::path& folder, Position from) const {
  State& state = *state_;
  RETURN_IF_ERROR(state.system->make_folder(folder));
  const typename SegmentPool<File>::Pin pin(state.pool);
  const auto& segments = pin.segments();
  if (segments.front().first_position > std::max<Position>(from, 1)) {
    return fail(ErrorCode::kNotFound,
                fmt::format("copying the journal from position {}: it begins at {}", from,
                            segments.front().first_position));
  }
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const bool last = i + 1 == segments.size();
    if (!last && segments[i + 1].first_position <= from) continue;
    RETURN_IF_ERROR(state.copy_segment(segments[i].sequence, segments[i].end, folder));
  }
  return state.system->sync_folder(folder);
}

// check_journal() with the files of a system.
template <class File>
Result<JournalReport> check_journal_in(const std::filesystem::path& folder,
                                       typename File::System& system) {
  ASSIGN_OR_RETURN(const JournalFolder found, survey_journal<File>(folder, {}, system));
  JournalReport report;
  if (found.chain.empty()) return report;
  const auto count = [&](const ScannedBatch& batch) -> Result<void> {
    for (const JournalRecord& record : batch.records) {
      if (report.records++ == 0) report.first = record.position;
      report.last = record.position;
      report.bytes += record.payload.size();
    }
    return {};
  };
  RETURN_IF_ERROR(read_chain<File>(found.chain, std::nullopt, count, system));
  return report;
}

}  // namespace ferry::store
