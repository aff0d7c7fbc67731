#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "base/digest.h"
#include "store/faulty_file.h"
#include "store/journal_impl.h"

// Opens a journal folder of arbitrary segment files. Whatever they hold, open() replays or refuses;
// and what it accepted once, it accepts again, together with what was appended in between.
//
//   input   = from:u8 segment*
//   segment = kind:u8 length:u16 bytes
//   kind 0: the bytes are the file; else: five bytes make a valid header, the rest are fragments
//   whose checksums are put right, so that the fuzzer gets past them.

namespace {

using namespace ferry;         // NOLINT: a program of one file
using namespace ferry::store;  // NOLINT

constexpr std::string_view kStoreId = "fuzz";
constexpr std::size_t kSegmentsMax = 8;

void correct_checksums(std::string& bytes, std::uint32_t seed) {
  std::size_t offset = kSegmentHeaderBytes;
  while (offset + kFragmentHeaderBytes <= bytes.size()) {
    const std::size_t length =
        ByteReader(std::string_view(bytes).substr(offset + 4)).fixed32() & 0xFFFFFF;
    if (fragment_bytes(length) > bytes.size() - offset) return;
    const std::string_view checked =
        std::string_view(bytes).substr(offset + 4, kFragmentHeaderBytes - 4 + length);
    std::string crc;
    ByteWriter(crc).fixed32(crc32c(checked, seed));
    bytes.replace(offset, crc.size(), crc);
    offset += fragment_bytes(length);
  }
}

std::string plausible_segment(std::uint64_t sequence, std::string_view bytes) {
  ByteReader reader(bytes);
  const SegmentHeader header{.store_id = std::string(kStoreId),
                             .sequence = sequence - reader.u8() / 200u,
                             .first_position = reader.u8(),
                             .first_batch = reader.u8(),
                             .previous = reader.u8() % (kSegmentsMax + 2),
                             .previous_end = kSegmentHeaderBytes + reader.u8() * 8u};
  std::string file = encode_segment_header(header);
  file.resize(kSegmentHeaderBytes);
  if (reader.ok()) file += bytes.substr(bytes.size() - reader.remaining());
  correct_checksums(file, fragment_seed(kStoreId, sequence));
  return file;
}

void put_file(SimulatedDisk& disk, const std::string& name, std::string_view bytes) {
  auto file = disk.create(name);
  CHECK(file && disk.write(*file, 0, bytes) && disk.sync(*file));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteReader input(std::string_view(reinterpret_cast<const char*>(data), size));
  auto disk = std::make_shared<SimulatedDisk>();
  const auto system = std::make_shared<FaultyFile::System>(disk);
  const Journal<FaultyFile>::Options options{.folder = "/journal",
                                             .store_id = std::string(kStoreId),
                                             .segment_bytes = 2 * kSegmentHeaderBytes};
  const Position from = input.u8();
  std::string_view rest(reinterpret_cast<const char*>(data) + (size - input.remaining()),
                        input.remaining());
  for (std::uint64_t sequence = 1; sequence <= kSegmentsMax && rest.size() >= 3; ++sequence) {
    ByteReader reader(rest);
    const bool raw = reader.u8() == 0;
    const std::size_t length = reader.u8() + 256u * reader.u8();
    const std::string_view bytes = rest.substr(3, length);
    put_file(*disk, "/journal/" + segment_name(sequence),
             raw ? std::string(bytes) : plausible_segment(sequence, bytes));
    rest.remove_prefix(3 + bytes.size());
  }
  (void)check_journal_in<FaultyFile>("/journal", *system);

  std::vector<std::string> replayed;
  const auto take = [&](Position, std::string_view record) -> Result<void> {
    replayed.emplace_back(record);
    return {};
  };
  const Position applied = from == 0 ? 0 : from - 1;
  auto journal = Journal<FaultyFile>::open(options, from, applied, take, system);
  if (!journal) return 0;
  const std::vector<std::string_view> appended{"appended"};
  CHECK((*journal)->append(appended));
  auto expected = std::move(replayed);
  expected.emplace_back("appended");
  replayed.clear();
  journal->reset();
  journal = Journal<FaultyFile>::open(options, from, applied, take, system);
  CHECK(journal);
  CHECK(replayed == expected);
  return 0;
}
