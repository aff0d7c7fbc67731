#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "store/faulty_file.h"
#include "store/journal_impl.h"

// What the journal's tests stand on: a journal with tiny segments on a simulated disk.

namespace ferry::store {

using FaultyJournal = Journal<FaultyFile>;

struct JournalBed {
  static constexpr std::size_t kSegmentBytes = kSegmentHeaderBytes + 1024;

  std::shared_ptr<SimulatedDisk> disk = std::make_shared<SimulatedDisk>();
  std::shared_ptr<FaultyFile::System> system = std::make_shared<FaultyFile::System>(disk);
  FaultyJournal::Options options{.folder = "/journal",
                                 .store_id = "store-a",
                                 .segment_bytes = kSegmentBytes,
                                 .bytes_max = 1000 * kSegmentBytes};
  std::unique_ptr<FaultyJournal> journal;
  std::vector<std::string> replayed;  // by the last open()
  std::vector<Position> positions;    // of them

  Result<void> open(Position from = 1, Position last_position = 0) {
    journal.reset();
    replayed.clear();
    positions.clear();
    const auto take = [this](Position position, std::string_view record) -> Result<void> {
      positions.push_back(position);
      replayed.emplace_back(record);
      return {};
    };
    ASSIGN_OR_RETURN(journal, FaultyJournal::open(options, from, last_position, take, system));
    return {};
  }

  Result<Position> append(const std::vector<std::string>& records) {
    const std::vector<std::string_view> views(records.begin(), records.end());
    return journal->append(views);
  }

  std::string path(std::uint64_t sequence) const {
    return (options.folder / segment_name(sequence)).string();
  }
  // The segment with the highest sequence that has records.
  std::uint64_t last_written() const {
    std::uint64_t last = 0;
    for (const auto& [name, bytes] : disk->contents()) {
      const auto header = decode_segment_header(bytes);
      if (header && *header && path((*header)->sequence) == name) last = (*header)->sequence;
    }
    return last;
  }
};

// `count` records of `length` bytes that all differ.
inline std::vector<std::string> some_records(std::size_t count, std::size_t length,
                                             std::string_view tag = "r") {
  std::vector<std::string> records;
  for (std::size_t i = 0; i < count; ++i) {
    std::string record = std::string(tag) + std::to_string(i) + ":";
    while (record.size() < length) record += static_cast<char>('a' + (record.size() + i) % 26);
    record.resize(length);
    records.push_back(std::move(record));
  }
  return records;
}

inline std::vector<std::string> joined(std::vector<std::string> a,
                                       const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace ferry::store
