#pragma once

#include <algorithm>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/log.h"
#include "store/journal_recovery.h"

namespace ferry::store {

// The segment files of an open journal: those in use, oldest first, and a few prepared ones
// (spares). The appending thread reserves, takes and publishes; another one may retire and copy
// meanwhile. `mutex_` guards the lists and is held for moments only; `folder_mutex_` is held by
// whoever makes, renames or removes files, and the appending thread waits for it only when it has
// no spare.
template <class File>
class SegmentPool {
 public:
  using System = typename File::System;

  struct Options {
    std::filesystem::path folder;
    std::string store_id;
    std::uint64_t segment_bytes = 0;
    std::uint64_t bytes_max = 0;
  };

  struct Segment {
    std::uint64_t sequence = 0;
    Position first_position = 0;
    std::uint64_t file_bytes = 0;
    std::uint64_t end = 0;  // what counts of them
  };

  struct Spare {
    std::uint64_t sequence = 0;
    std::uint64_t file_bytes = 0;
    File file;
  };

  SegmentPool(Options options, std::shared_ptr<System> system, std::uint64_t sequence_max)
      : options_(std::move(options)),
        system_(std::move(system)),
        next_sequence_(sequence_max + 1) {}

  std::filesystem::path path(std::uint64_t sequence) const {
    return options_.folder / segment_name(sequence);
  }

  // Makes `count` spares ready. kDiskFull when they would not fit the disk or `bytes_max`.
  Result<void> reserve(std::size_t count);
  // One that reserve() made ready.
  Spare take();
  // At opening: one of at least `file_bytes`. `files`, no part of the journal, become spares.
  Result<Spare> first(std::uint64_t file_bytes, std::span<const FoundSegment> files);
  // The last segment as it is now, and those begun after it. Until then nobody else sees the
  // change, so a copy never holds a part of a batch.
  void publish(std::span<const Segment> written);
  // At opening: the segments found, the last one up to `end`, and the one begun behind them.
  void adopt(std::span<const FoundSegment> chain, std::uint64_t end, const Segment& begun);

  // Turns segments that hold nothing above `position` into spares, and sees to it that one is
  // there.
  void retire(Position position);
  // Turns files that no segment in use links to into spares; one of another size is removed.
  void reuse(std::span<const FoundSegment> files);

  std::uint64_t bytes_in_use() const;
  // How many segments may still begin before `bytes_max`.
  std::uint64_t segments_to_begin() const;

  // The segments in use at a moment; none is retired while the pin lives.
  class Pin {
   public:
    explicit Pin(SegmentPool& pool) : pool_(pool) {
      const std::lock_guard lock(pool_.mutex_);
      ++pool_.pins_;
      segments_.assign(pool_.in_use_.begin(), pool_.in_use_.end());
    }
    Pin(const Pin&) = delete;
    Pin& operator=(const Pin&) = delete;
    ~Pin() {
      const std::lock_guard lock(pool_.mutex_);
      --pool_.pins_;
    }
    const std::vector<Segment>& segments() const { return segments_; }

   private:
    SegmentPool& pool_;
    std::vector<Segment> segments_;
  };

 private:
  // Beyond this many a retired segment is removed: the disk space of a burst is given back.
  static constexpr std::size_t kSparesMax = 4;

  Result<void> fill_spares(std::size_t count);
  Result<Spare> make(std::uint64_t file_bytes);
  std::uint64_t next_sequence();
  std::uint64_t bytes_in_use_locked() const;
  std::vector<Segment> drop_needless(Position position);
  void recycle(std::span<const FoundSegment> files);
  Result<void> recycle_into(std::vector<Spare>& spares, const FoundSegment& file,
                            std::size_t spares_max);
  void prepare_ahead();

  const Options options_;
  const std::shared_ptr<System> system_;
  std::mutex folder_mutex_;
  mutable std::mutex mutex_;
  std::deque<Segment> in_use_;
  std::deque<Spare> spares_;
  std::uint64_t next_sequence_;
  int pins_ = 0;
};

template <class File>
std::uint64_t SegmentPool<File>::next_sequence() {
  const std::lock_guard lock(mutex_);
  return next_sequence_++;
}

template <class File>
Result<void> SegmentPool<File>::reserve(std::size_t count) {
  {
    const std::lock_guard lock(mutex_);
    if (count == 0) return {};
    if (bytes_in_use_locked() + count * options_.segment_bytes > options_.bytes_max) {
      return fail(ErrorCode::kDiskFull,
                  fmt::format("the journal holds {} bytes that the tables do not have yet, and "
                              "may hold {}",
                              bytes_in_use_locked(), options_.bytes_max));
    }
    if (spares_.size() >= count) return {};
  }
  const std::lock_guard folder_lock(folder_mutex_);
  return fill_spares(count);
}

template <class File>
auto SegmentPool<File>::take() -> Spare {
  const std::lock_guard lock(mutex_);
  CHECK(!spares_.empty());
  Spare spare = std::move(spares_.front());
  spares_.pop_front();
  return spare;
}

template <class File>
auto SegmentPool<File>::first(std::uint64_t file_bytes, std::span<const FoundSegment> files)
    -> Result<Spare> {
  const std::lock_guard folder_lock(folder_mutex_);
  if (file_bytes > options_.segment_bytes) {
    // Made before the spares get their names: sequences ascend in the order of use.
    auto spare = make(file_bytes);
    if (spare) recycle(files);
    return spare;
  }
  recycle(files);
  RETURN_IF_ERROR(fill_spares(1));
  return take();
}

template <class File>
Result<void> SegmentPool<File>::fill_spares(std::size_t count) {
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (spares_.size() >= count) return {};
    }
    ASSIGN_OR_RETURN(Spare spare, make(options_.segment_bytes));
    const std::lock_guard lock(mutex_);
    spares_.push_back(std::move(spare));
  }
}

template <class File>
auto SegmentPool<File>::make(std::uint64_t file_bytes) -> Result<Spare> {
  const std::uint64_t sequence = next_sequence();
  ASSIGN_OR_RETURN(File file, system_->create(path(sequence)));
  const auto prepare = [&]() -> Result<void> {
    RETURN_IF_ERROR(file.preallocate(file_bytes));
    // The mark of a file that is prepared to its end.
    RETURN_IF_ERROR(file.write(0, encode_segment_header({.store_id = options_.store_id})));
    RETURN_IF_ERROR(file.sync());
    return system_->sync_folder(options_.folder);
  };
  if (auto prepared = prepare(); !prepared) {
    // What cannot be removed now is removed by the next open().
    (void)system_->remove(path(sequence));
    return std::unexpected(std::move(prepared.error()));
  }
  return Spare{sequence, file_bytes, std::move(file)};
}

template <class File>
void SegmentPool<File>::publish(std::span<const Segment> written) {
  const std::lock_guard lock(mutex_);
  in_use_.back() = written.front();
  in_use_.insert(in_use_.end(), written.begin() + 1, written.end());
}

template <class File>
void SegmentPool<File>::adopt(std::span<const FoundSegment> chain, std::uint64_t end,
                              const Segment& begun) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const SegmentHeader& header = chain[i].header;
    const bool last = i + 1 == chain.size();
    in_use_.push_back({.sequence = header.sequence,
                       .first_position = header.first_position,
                       .file_bytes = chain[i].bytes,
                       .end = last ? end : chain[i + 1].header.previous_end});
  }
  in_use_.push_back(begun);
}

template <class File>
auto SegmentPool<File>::drop_needless(Position position) -> std::vector<Segment> {
  const std::lock_guard lock(mutex_);
  std::vector<Segment> dropped;
  if (pins_ > 0) return dropped;
  // A record that ends in the next segment is the one before that segment's first.
  while (in_use_.size() > 1 && in_use_[1].first_position - 1 <= position) {
    dropped.push_back(in_use_.front());
    in_use_.pop_front();
  }
  return dropped;
}

template <class File>
void SegmentPool<File>::retire(Position position) {
  const std::lock_guard folder_lock(folder_mutex_);
  std::vector<FoundSegment> files;
  for (const Segment& segment : drop_needless(position)) {
    files.push_back({.header = {}, .path = path(segment.sequence), .bytes = segment.file_bytes});
  }
  recycle(files);
  prepare_ahead();
}

template <class File>
void SegmentPool<File>::reuse(std::span<const FoundSegment> files) {
  const std::lock_guard folder_lock(folder_mutex_);
  recycle(files);
}

// A failure costs disk space and nothing else: a file that keeps its name is still a sound old
// segment, and the next open() tidies up.
template <class File>
void SegmentPool<File>::recycle(std::span<const FoundSegment> files) {
  if (files.empty()) return;
  std::size_t spares_max = 0;
  {
    const std::lock_guard lock(mutex_);
    spares_max = kSparesMax - std::min(kSparesMax, spares_.size());
  }
  std::vector<Spare> recycled;
  const auto recycle_all = [&]() -> Result<void> {
    for (const FoundSegment& file : files) {
      RETURN_IF_ERROR(recycle_into(recycled, file, spares_max));
    }
    // Before any of them is written: a new header under the old name would be a lost segment.
    return system_->sync_folder(options_.folder);
  };
  if (auto done = recycle_all(); !done) {
    log::warn("journal_segment_not_recycled", {{"error", done.error().text}});
    return;
  }
  const std::lock_guard lock(mutex_);
  std::ranges::move(recycled, std::back_inserter(spares_));
}

template <class File>
Result<void> SegmentPool<File>::recycle_into(std::vector<Spare>& spares, const FoundSegment& file,
                                             std::size_t spares_max) {
  if (file.bytes != options_.segment_bytes || spares.size() >= spares_max) {
    return system_->remove(file.path);
  }
  const std::uint64_t sequence = next_sequence();
  RETURN_IF_ERROR(system_->rename(file.path, path(sequence)));
  ASSIGN_OR_RETURN(File opened, system_->open(path(sequence)));
  spares.push_back({sequence, file.bytes, std::move(opened)});
  return {};
}

template <class File>
void SegmentPool<File>::prepare_ahead() {
  {
    const std::lock_guard lock(mutex_);
    const std::uint64_t wanted = bytes_in_use_locked() + options_.segment_bytes;
    if (!spares_.empty() || wanted > options_.bytes_max) return;
  }
  // A full disk is news only for the append that needs the segment, and that one says so.
  auto filled = fill_spares(1);
  if (!filled && filled.error().code != ErrorCode::kDiskFull) {
    log::warn("journal_segment_not_prepared", {{"error", filled.error().text}});
  }
}

template <class File>
std::uint64_t SegmentPool<File>::bytes_in_use_locked() const {
  std::uint64_t bytes = 0;
  for (const Segment& segment : in_use_) bytes += segment.file_bytes;
  return bytes;
}

template <class File>
std::uint64_t SegmentPool<File>::bytes_in_use() const {
  const std::lock_guard lock(mutex_);
  return bytes_in_use_locked();
}

template <class File>
std::uint64_t SegmentPool<File>::segments_to_begin() const {
  const std::uint64_t used = bytes_in_use();
  return used >= options_.bytes_max ? 0 : (options_.bytes_max - used) / options_.segment_bytes;
}

}  // namespace ferry::store
