#pragma once

#include <memory>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/time.h"
#include "store/journal_segments.h"

namespace ferry::store {

// Puts fragments into segments, beginning the next where one is full. Everything goes through one
// buffer, which is written when a segment ends, at a sync, or when it has grown large. Belongs to
// the appending thread.
template <class File>
class JournalWriter {
 public:
  using Pool = SegmentPool<File>;

  JournalWriter(Pool& pool, std::string store_id, std::uint64_t segment_bytes, Duration sync_delay)
      : pool_(pool),
        store_id_(std::move(store_id)),
        segment_bytes_(segment_bytes),
        sync_delay_(sync_delay) {}

  // How many segments the records need beyond the one written to.
  std::size_t segments_needed(std::span<const std::string_view> records) const;

  // Goes on in `spare`, behind the page of its header.
  void begin(typename Pool::Spare spare, const SegmentHeader& header);
  // Writes the header of the segment begun last and syncs it.
  Result<void> seal(const SegmentHeader& header);

  Result<void> write(Position position, std::uint64_t batch, std::string_view record,
                     std::uint8_t flags);
  Result<void> sync();

  // Since the last call: the segment written to, after those that were filled.
  std::vector<typename Pool::Segment> take_written();
  std::uint64_t room() const { return written_.back().file_bytes - offset(); }

 private:
  static constexpr std::size_t kBufferBytesMax = 4u << 20;

  std::uint64_t offset() const { return buffer_begin_ + buffer_.size(); }
  Result<void> flush();
  Result<void> roll_over(Position first_position, std::uint64_t batch);

  Pool& pool_;
  const std::string store_id_;
  const std::uint64_t segment_bytes_;
  const Duration sync_delay_;
  File file_;
  std::uint32_t seed_ = 0;
  std::string buffer_;              // what follows what is in the file
  std::uint64_t buffer_begin_ = 0;  // its offset in the file
  bool unsynced_ = false;
  std::vector<typename Pool::Segment> written_;
};

template <class File>
std::size_t JournalWriter<File>::segments_needed(std::span<const std::string_view> records) const {
  std::size_t segments = 0;
  std::size_t left = room();
  for (const std::string_view record : records) {
    std::size_t rest = record.size();
    do {
      auto payload = next_payload(rest, left);
      if (!payload) {
        ++segments;
        left = segment_bytes_ - kSegmentHeaderBytes;
        payload = next_payload(rest, left);
      }
      left -= fragment_bytes(*payload);
      rest -= *payload;
    } while (rest > 0);
  }
  return segments;
}

template <class File>
void JournalWriter<File>::begin(typename Pool::Spare spare, const SegmentHeader& header) {
  file_ = std::move(spare.file);
  seed_ = fragment_seed(header.store_id, header.sequence);
  written_.push_back({.sequence = header.sequence,
                      .first_position = header.first_position,
                      .file_bytes = spare.file_bytes,
                      .end = kSegmentHeaderBytes});
  buffer_begin_ = kSegmentHeaderBytes;
}

template <class File>
Result<void> JournalWriter<File>::seal(const SegmentHeader& header) {
  RETURN_IF_ERROR(file_.write(0, encode_segment_header(header)));
  unsynced_ = true;
  return sync();
}

template <class File>
Result<void> JournalWriter<File>::write(Position position, std::uint64_t batch,
                                        std::string_view record, std::uint8_t flags) {
  std::uint8_t begins = kRecordBegins;
  do {
    auto payload = next_payload(record.size(), room());
    if (!payload) {
      RETURN_IF_ERROR(roll_over(begins != 0 ? position : position + 1, batch));
      payload = next_payload(record.size(), room());
    }
    const bool ends = *payload == record.size();
    const int all = begins | (ends ? flags | kRecordEnds : flags & ~kBatchEnds);
    append_fragment(buffer_,
                    {.position = position,
                     .batch = batch,
                     .flags = static_cast<std::uint8_t>(all),
                     .payload = record.substr(0, *payload)},
                    seed_);
    if (buffer_.size() >= kBufferBytesMax) RETURN_IF_ERROR(flush());
    record.remove_prefix(*payload);
    begins = 0;
  } while (!record.empty());
  return {};
}

template <class File>
Result<void> JournalWriter<File>::flush() {
  if (buffer_.empty()) return {};
  RETURN_IF_ERROR(file_.write(buffer_begin_, buffer_));
  buffer_begin_ += buffer_.size();
  buffer_.clear();
  unsynced_ = true;
  return {};
}

template <class File>
Result<void> JournalWriter<File>::sync() {
  RETURN_IF_ERROR(flush());
  if (!unsynced_) return {};
  RETURN_IF_ERROR(file_.sync());
  unsynced_ = false;
  if (sync_delay_ > Duration::zero()) std::this_thread::sleep_for(sync_delay_);
  return {};
}

// What is in the full segment is synced before the next one begins, so recovery may take any damage
// in front of another segment for what it is.
template <class File>
Result<void> JournalWriter<File>::roll_over(Position first_position, std::uint64_t batch) {
  RETURN_IF_ERROR(sync());
  written_.back().end = offset();
  auto spare = pool_.take();
  const SegmentHeader header{.store_id = store_id_,
                             .sequence = spare.sequence,
                             .first_position = first_position,
                             .first_batch = batch,
                             .previous = written_.back().sequence,
                             .previous_end = written_.back().end};
  begin(std::move(spare), header);
  buffer_ = encode_segment_header(header);  // goes out with the first fragments
  buffer_.resize(kSegmentHeaderBytes);
  buffer_begin_ = 0;
  return {};
}

template <class File>
auto JournalWriter<File>::take_written() -> std::vector<typename Pool::Segment> {
  written_.back().end = offset();
  auto taken = std::move(written_);
  written_ = {taken.back()};
  return taken;
}

}  // namespace ferry::store
