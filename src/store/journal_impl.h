#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"
#include "store/journal.h"
#include "store/journal_segments.h"

// The definitions of Journal, for whoever instantiates it with a file of its own (journal.cc, tests,
// the simulation).

namespace ferry::store {

// The batches that open() writes again: those that end in the last segment and that the tables do not
// have. Their last sync may have failed, and then the page cache shows what the disk never got.
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

// Owned by the appending thread, but for `pool` and the atomics.
template <class File>
struct Journal<File>::State {
  using Pool = SegmentPool<File>;

  // Beyond this much a large batch is written in several calls (still under one sync).
  static constexpr std::size_t kBufferBytesMax = 4u << 20;

  const Options options;
  const std::shared_ptr<typename File::System> system;
  Pool pool;
  std::uint64_t batch = 1;  // the number of the next
  bool broken = false;

  // The segment written to, and those that the batch in flight has filled before it.
  File file;
  std::uint32_t seed = 0;
  std::vector<typename Pool::Segment> written;
  std::string buffer;              // what follows what is in the file
  std::uint64_t buffer_begin = 0;  // its offset in the file
  bool unsynced = false;

  std::atomic<Position> position = 0;
  std::atomic<std::uint64_t> room_left = 0;  // in the segment written to

  State(Options o, std::shared_ptr<typename File::System> s, std::uint64_t sequence_max)
      : options(std::move(o)),
        system(std::move(s)),
        pool({options.folder, options.store_id, options.segment_bytes, options.bytes_max}, system,
             sequence_max) {}

  std::uint64_t offset() const { return buffer_begin + buffer.size(); }
  std::uint64_t room() const { return written.back().file_bytes - offset(); }

  std::size_t segments_needed(std::span<const std::string_view> records) const;
  Result<void> write_record(Position at, std::string_view record, std::uint8_t flags);
  Result<void> roll_over(Position first_position);
  Result<void> write_batch(std::span<const std::string_view> records);
  Result<void> flush();
  Result<void> sync();
  void begin_segment(typename Pool::Spare spare, const SegmentHeader& header);

  Result<void> copy_segment(const typename Pool::Segment& segment,
                            const std::filesystem::path& folder);

  Result<void> begin_life(JournalFolder found, const JournalEnd& end, const JournalRewrite& rewrite);
  Result<void> write_again(const JournalFolder& found, const JournalRewrite& rewrite);
};

template <class File>
std::size_t Journal<File>::State::segments_needed(std::span<const std::string_view> records) const {
  std::size_t segments = 0;
  std::size_t left = room();
  for (const std::string_view record : records) {
    std::size_t rest = record.size();
    for (;;) {
      const auto payload = next_payload(rest, left);
      if (!payload) {
        ++segments;
        left = options.segment_bytes - kSegmentHeaderBytes;
        continue;
      }
      left -= fragment_bytes(*payload);
      rest -= *payload;
      if (rest == 0) break;
    }
  }
  return segments;
}

template <class File>
Result<void> Journal<File>::State::write_record(Position at, std::string_view record,
                                                std::uint8_t flags) {
  std::uint8_t begins = kRecordBegins;
  for (;;) {
    const auto payload = next_payload(record.size(), room());
    if (!payload) {
      RETURN_IF_ERROR(roll_over(begins != 0 ? at : at + 1));
      continue;
    }
    const bool ends = *payload == record.size();
    const int all = begins | (ends ? flags | kRecordEnds : flags & ~kBatchEnds);
    append_fragment(buffer,
                    {.position = at,
                     .batch = batch,
                     .flags = static_cast<std::uint8_t>(all),
                     .payload = record.substr(0, *payload)},
                    seed);
    if (buffer.size() >= kBufferBytesMax) RETURN_IF_ERROR(flush());
    if (ends) return {};
    record.remove_prefix(*payload);
    begins = 0;
  }
}

template <class File>
Result<void> Journal<File>::State::flush() {
  if (buffer.empty()) return {};
  RETURN_IF_ERROR(file.write(buffer_begin, buffer));
  buffer_begin += buffer.size();
  buffer.clear();
  unsynced = true;
  return {};
}

template <class File>
Result<void> Journal<File>::State::sync() {
  RETURN_IF_ERROR(flush());
  if (!unsynced) return {};
  RETURN_IF_ERROR(file.sync());
  unsynced = false;
  if (options.sync_delay > Duration::zero()) std::this_thread::sleep_for(options.sync_delay);
  return {};
}

// What is in the full segment is synced before the next one begins, so recovery may take every
// damage in front of another segment for what it is.
template <class File>
Result<void> Journal<File>::State::roll_over(Position first_position) {
  RETURN_IF_ERROR(sync());
  written.back().end = offset();
  auto spare = pool.take();
  const SegmentHeader header{.store_id = options.store_id,
                             .sequence = spare.sequence,
                             .first_position = first_position,
                             .first_batch = batch,
                             .previous = written.back().sequence,
                             .previous_end = written.back().end};
  begin_segment(std::move(spare), header);
  buffer = encode_segment_header(header);  // goes out with the first records
  buffer.resize(kSegmentHeaderBytes);
  buffer_begin = 0;
  return {};
}

template <class File>
void Journal<File>::State::begin_segment(typename Pool::Spare spare, const SegmentHeader& header) {
  file = std::move(spare.file);
  seed = fragment_seed(header.store_id, header.sequence);
  written.push_back({.sequence = header.sequence,
                     .first_position = header.first_position,
                     .file_bytes = spare.file_bytes,
                     .end = kSegmentHeaderBytes});
  buffer_begin = kSegmentHeaderBytes;
}

template <class File>
Result<void> Journal<File>::State::write_batch(std::span<const std::string_view> records) {
  Position at = position.load(std::memory_order_relaxed);
  for (const std::string_view& record : records) {
    const bool last = &record == &records.back();
    RETURN_IF_ERROR(write_record(++at, record, last ? kBatchEnds : 0));
  }
  RETURN_IF_ERROR(sync());
  ++batch;
  written.back().end = offset();
  pool.publish(written);
  written.erase(written.begin(), written.end() - 1);
  room_left.store(room(), std::memory_order_relaxed);
  position.store(at, std::memory_order_release);
  return {};
}

// Copies the batches of `rewrite` behind the header of the segment just begun.
template <class File>
Result<void> Journal<File>::State::write_again(const JournalFolder& found,
                                               const JournalRewrite& rewrite) {
  const auto copy = [&](const ScannedBatch& scanned) -> Result<void> {
    if (scanned.number < rewrite.first_batch) return {};
    batch = scanned.number;
    for (const JournalRecord& record : scanned.records) {
      if (record.position < rewrite.first_position) continue;
      const bool last = &record == &scanned.records.back();
      RETURN_IF_ERROR(write_record(record.position, record.payload,
                                   static_cast<std::uint8_t>(kCopied | (last ? kBatchEnds : 0))));
    }
    return {};
  };
  RETURN_IF_ERROR(read_chain<File>(found.chain, rewrite.first_position, copy, *system));
  return sync();
}

// Begins the segment of this life. Its header is written when all it stands for is on the disk:
// until then the old segments count, from then on only their part before `previous_end` does.
template <class File>
Result<void> Journal<File>::State::begin_life(JournalFolder found, const JournalEnd& end,
                                              const JournalRewrite& rewrite) {
  const bool copies = rewrite.first_batch != 0;
  // Tables ahead of the journal need none of it (open() has made sure): the chain begins anew.
  const bool ahead = position.load() > end.position;
  const JournalPlace link = ahead ? JournalPlace{} : copies ? rewrite.begin : end.place;
  pool.reuse(found.unfinished);
  pool.reuse(found.spares);
  ASSIGN_OR_RETURN(auto spare, pool.take_or_make(kSegmentHeaderBytes + rewrite.bytes));
  const SegmentHeader header{
      .store_id = options.store_id,
      .sequence = spare.sequence,
      .first_position = copies ? rewrite.first_position : position.load() + 1,
      .first_batch = copies ? rewrite.first_batch : end.batch,
      .previous = link.segment,
      .previous_end = link.offset};
  begin_segment(std::move(spare), header);
  if (copies) RETURN_IF_ERROR(write_again(found, rewrite));
  RETURN_IF_ERROR(file.write(0, encode_segment_header(header)));
  RETURN_IF_ERROR(file.sync());
  batch = end.batch;
  written.back().end = offset();
  room_left = room();
  while (!found.chain.empty() && found.chain.back().header.sequence > link.segment) {
    found.superseded.push_back(std::move(found.chain.back()));
    found.chain.pop_back();
  }
  pool.adopt(found.chain, link.offset, written.back());
  pool.reuse(found.superseded);
  return {};
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
                                       "and need it from {}", end.position, last_position, from));
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
  const auto done = [&]() -> Result<void> {
    RETURN_IF_ERROR(state.pool.reserve(state.segments_needed(records)));
    state.broken = true;  // unless all goes well
    RETURN_IF_ERROR(state.write_batch(records));
    state.broken = false;
    return {};
  }();
  if (done) return position();
  if (!state.broken && done.error().code == ErrorCode::kDiskFull) {
    return std::unexpected(done.error());
  }
  state.broken = true;
  return fail(ErrorCode::kStoreIo, done.error().text);
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
  const auto segments = state.pool.pin();
  const auto copy = [&]() -> Result<void> {
    if (segments.front().first_position > std::max<Position>(from, 1)) {
      return fail(ErrorCode::kNotFound,
                  fmt::format("copying the journal from position {}: it begins at {}", from,
                              segments.front().first_position));
    }
    for (std::size_t i = 0; i < segments.size(); ++i) {
      const bool last = i + 1 == segments.size();
      if (!last && segments[i + 1].first_position <= from) continue;
      RETURN_IF_ERROR(state.copy_segment(segments[i], folder));
    }
    return state.system->sync_folder(folder);
  }();
  state.pool.unpin();
  return copy;
}

template <class File>
Result<void> Journal<File>::State::copy_segment(const typename Pool::Segment& segment,
                                                const std::filesystem::path& folder) {
  ASSIGN_OR_RETURN(const File from, system->open_to_read(pool.path(segment.sequence)));
  ASSIGN_OR_RETURN(File to, system->create(folder / segment_name(segment.sequence)));
  std::string bytes;
  for (std::uint64_t done = 0; done < segment.end; done += bytes.size()) {
    bytes.resize(std::min<std::uint64_t>(kBufferBytesMax, segment.end - done));
    ASSIGN_OR_RETURN(const std::size_t count, from.read(done, bytes));
    if (count != bytes.size()) {
      return journal_corrupt(pool.path(segment.sequence), "the segment is too short");
    }
    RETURN_IF_ERROR(to.write(done, bytes));
  }
  return to.sync();
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
