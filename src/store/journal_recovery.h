#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/journal_scan.h"

// What both open() and check_journal() know: which files of a folder are the journal, and how
// it is read. Templates over the file; the rules that need no file are in journal_scan.

namespace ferry::store {

struct FoundSegment {
  SegmentHeader header;
  std::filesystem::path path;
  std::uint64_t bytes = 0;  // 0: not prepared to its end
};

// The files of a journal folder by what they are worth.
struct JournalFolder {
  std::string store_id;
  std::vector<FoundSegment> chain;       // the journal: ascending, each the `previous` of the next
  std::vector<FoundSegment> superseded;  // written once, but nothing links to them any more
  std::vector<FoundSegment> spares;      // prepared to be written
  std::vector<FoundSegment> unfinished;  // without a header: a crash met their making
  std::uint64_t sequence_max = 0;        // of all names
};

// Where reading ended.
struct JournalEnd {
  Position position = 0;    // of the last record of the last complete batch
  std::uint64_t batch = 1;  // the number of the batch after it
  JournalPlace place;       // behind it
};

inline std::unexpected<Error> journal_corrupt(const std::filesystem::path& path,
                                              std::string_view what) {
  return fail(ErrorCode::kStoreCorrupt,
              fmt::format("{}: {}; restore a backup, or run `ferry check` to see the extent",
                          path.string(), what));
}

template <class File>
Result<std::string> read_whole(const File& file, std::uint64_t bytes_max) {
  ASSIGN_OR_RETURN(const std::uint64_t size, file.size());
  std::string bytes(std::min(size, bytes_max), '\0');
  ASSIGN_OR_RETURN(const std::size_t count, file.read(0, bytes));
  bytes.resize(count);
  return bytes;
}

template <class File>
Result<std::string> read_whole(typename File::System& system, const std::filesystem::path& path,
                               std::uint64_t bytes_max = UINT64_MAX) {
  ASSIGN_OR_RETURN(const File file, system.open_to_read(path));
  return read_whole(file, bytes_max);
}

// Sorts the segments of the newest life into `chain`; the others are superseded.
inline Result<void> link_chain(std::map<std::uint64_t, FoundSegment> written,
                               JournalFolder& folder) {
  std::uint64_t sequence = written.empty() ? 0 : written.rbegin()->first;
  while (sequence != 0) {
    auto node = written.extract(sequence);
    if (node.empty()) break;  // recycled: what it held is in the tables
    FoundSegment& segment = node.mapped();
    const SegmentHeader& header = segment.header;
    if (header.first_position == 0 || header.first_batch == 0 || header.previous >= sequence) {
      return journal_corrupt(segment.path, "the header contradicts itself");
    }
    sequence = header.previous;
    folder.chain.push_back(std::move(segment));
  }
  std::ranges::reverse(folder.chain);
  for (auto& [_, segment] : written) folder.superseded.push_back(std::move(segment));
  return {};
}

// Looks at every segment file of the folder. An empty `store_id` takes that of the first header.
// kStoreCorrupt for a segment of another store and for one that lost its header but not its
// records.
template <class File>
Result<JournalFolder> survey_journal(const std::filesystem::path& path, std::string store_id,
                                     typename File::System& system) {
  JournalFolder folder;
  folder.store_id = std::move(store_id);
  std::map<std::uint64_t, FoundSegment> written;
  ASSIGN_OR_RETURN(std::vector<std::string> names, system.list(path));
  std::ranges::sort(names);
  for (const std::string& name : names) {
    const auto sequence = segment_sequence(name);
    if (!sequence) continue;
    folder.sequence_max = *sequence;
    FoundSegment segment;
    segment.path = path / name;
    ASSIGN_OR_RETURN(const File file, system.open_to_read(segment.path));
    ASSIGN_OR_RETURN(segment.bytes, file.size());
    ASSIGN_OR_RETURN(const std::string page, read_whole(file, kSegmentHeaderBytes));
    ASSIGN_OR_RETURN(auto header, decode_segment_header(page));
    if (!header) {
      segment.header.sequence = *sequence;
      segment.bytes = 0;
      folder.unfinished.push_back(std::move(segment));
      continue;
    }
    if (folder.store_id.empty()) folder.store_id = header->store_id;
    if (header->store_id != folder.store_id) {
      return journal_corrupt(segment.path, fmt::format("the segment is of store {}, not of {}",
                                                       header->store_id, folder.store_id));
    }
    segment.header = std::move(*header);
    if (segment.header.sequence == *sequence) {
      written.emplace(*sequence, std::move(segment));
    } else {
      folder.spares.push_back(std::move(segment));
    }
  }
  for (const FoundSegment& segment : folder.unfinished) {
    ASSIGN_OR_RETURN(const std::string bytes, read_whole<File>(system, segment.path));
    const auto seed = fragment_seed(folder.store_id, segment.header.sequence);
    if (count_appended_batches(bytes, seed) > 1) {
      return journal_corrupt(segment.path, "the header is damaged and intact batches follow it");
    }
  }
  RETURN_IF_ERROR(link_chain(std::move(written), folder));
  return folder;
}

// Reads one segment of the chain; `next` is the one behind it, null for the last.
template <class File>
Result<void> read_segment(const FoundSegment& segment, const FoundSegment* next,
                          BatchScanner& scanner, typename File::System& system) {
  const std::uint64_t end = next ? next->header.previous_end : UINT64_MAX;
  ASSIGN_OR_RETURN(const std::string bytes, read_whole<File>(system, segment.path, end));
  ASSIGN_OR_RETURN(const std::size_t stop, scanner.scan(segment.header, bytes));
  const auto damaged = [&] {
    return journal_corrupt(segment.path,
                           fmt::format("the record at byte {} is damaged and intact batches "
                                       "follow it",
                                       stop));
  };
  if (!next) {
    const auto seed = fragment_seed(segment.header.store_id, segment.header.sequence);
    if (find_later_batch(bytes, stop, seed, scanner.batch())) return damaged();
    return {};
  }
  // The next segment began only after everything in front of `end` was synced.
  if (stop != end) return damaged();
  if (next->header.first_batch != scanner.batch() ||
      next->header.first_position != scanner.next_position()) {
    return journal_corrupt(next->path, "the segment does not continue the one before it");
  }
  return {};
}

// Gives every complete batch from the segment that holds `from` on (nothing: from the beginning) to
// the sink, ascending. A torn last batch is left out; kStoreCorrupt for any other damage.
template <class File>
Result<JournalEnd> read_chain(const std::vector<FoundSegment>& chain, std::optional<Position> from,
                              const BatchSink& sink, typename File::System& system) {
  auto first = chain.begin();
  if (from) {
    first = std::ranges::upper_bound(chain, std::max<Position>(*from, 1), {},
                                     [](const auto& s) { return s.header.first_position; });
    if (first == chain.begin()) {
      return journal_corrupt(first->path, fmt::format("the journal begins at position {}, but the "
                                                      "tables need it from {}",
                                                      first->header.first_position, *from));
    }
    --first;
  }
  const SegmentHeader& header = first->header;
  JournalEnd end{.position = header.first_position - 1,
                 .batch = header.first_batch,
                 .place = {header.sequence, kSegmentHeaderBytes}};
  BatchScanner scanner(header, [&](const ScannedBatch& batch) -> Result<void> {
    end.batch = batch.number + 1;
    end.place = batch.end;
    if (!batch.records.empty()) end.position = batch.records.back().position;
    return sink(batch);
  });
  for (auto segment = first; segment != chain.end(); ++segment) {
    const auto next = std::next(segment);
    RETURN_IF_ERROR(
        read_segment<File>(*segment, next == chain.end() ? nullptr : &*next, scanner, system));
  }
  return end;
}

}  // namespace ferry::store
