#include "store/journal_scan.h"

#include <utility>

namespace ferry::store {

BatchScanner::BatchScanner(const SegmentHeader& first, BatchSink sink)
    : sink_(std::move(sink)), next_position_(first.first_position), batch_(first.first_batch) {}

Result<std::size_t> BatchScanner::scan(const SegmentHeader& header, std::string_view bytes) {
  const std::uint32_t seed = fragment_seed(header.store_id, header.sequence);
  std::size_t offset = kSegmentHeaderBytes;
  while (offset < bytes.size()) {
    const auto fragment = read_fragment(bytes.substr(offset), seed);
    if (!fragment || !follows(*fragment)) break;
    const std::size_t end = offset + fragment_bytes(fragment->payload.size());
    take(*fragment, {header.sequence, offset});
    if ((fragment->flags & kBatchEnds) != 0) {
      RETURN_IF_ERROR(deliver({header.sequence, end}));
    }
    offset = end;
  }
  return offset;
}

bool BatchScanner::follows(const Fragment& fragment) const {
  if (fragment.batch != batch_) return false;
  if ((fragment.flags & kRecordBegins) != 0) {
    return !in_record_ && fragment.position == next_position_;
  }
  return (in_record_ || skipping_) && fragment.position == next_position_ - 1;
}

void BatchScanner::take(const Fragment& fragment, const JournalPlace& at) {
  if ((fragment.flags & kRecordBegins) != 0) {
    if (!begin_) begin_ = at;
    pieces_.push_back({fragment.position, gathered_.size()});
    ++next_position_;
    in_record_ = true;
    skipping_ = false;
  }
  if (in_record_) gathered_ += fragment.payload;
  if ((fragment.flags & kRecordEnds) != 0) in_record_ = skipping_ = false;
}

Result<void> BatchScanner::deliver(const JournalPlace& end) {
  std::vector<JournalRecord> records;
  records.reserve(pieces_.size());
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const std::size_t stop = i + 1 < pieces_.size() ? pieces_[i + 1].offset : gathered_.size();
    records.push_back({pieces_[i].position, std::string_view(gathered_).substr(
                                                pieces_[i].offset, stop - pieces_[i].offset)});
  }
  RETURN_IF_ERROR(sink_({batch_, begin_.value_or(end), end, records}));
  ++batch_;
  gathered_.clear();
  pieces_.clear();
  begin_.reset();
  return {};
}

std::optional<std::size_t> find_later_batch(std::string_view bytes, std::size_t offset,
                                            std::uint32_t seed, std::uint64_t batch) {
  for (; offset + kFragmentHeaderBytes <= bytes.size(); offset += kFragmentAlignment) {
    const std::string_view rest = bytes.substr(offset);
    if (claimed_batch(rest) > batch && read_fragment(rest, seed)) return offset;
  }
  return std::nullopt;
}

std::uint64_t count_appended_batches(std::string_view bytes, std::uint32_t seed) {
  std::uint64_t count = 0;
  std::uint64_t last = 0;
  std::size_t offset = kSegmentHeaderBytes;
  while (offset < bytes.size()) {
    const auto fragment = read_fragment(bytes.substr(offset), seed);
    if (!fragment) break;
    if ((fragment->flags & kCopied) == 0 && (count == 0 || fragment->batch != last)) ++count;
    last = fragment->batch;
    offset += fragment_bytes(fragment->payload.size());
  }
  return count;
}

}  // namespace ferry::store
