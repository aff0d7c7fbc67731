#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace ferry::store {

// The file that a journal writes with, on a POSIX system. Reads and writes name their offset, so
// one thread may write while another reads. Errors: kDiskFull when there is no space, kNotFound for
// a file that is not there, else kStoreIo; the text says what was attempted on which path.
class PosixFile {
 public:
  class System;

  PosixFile() = default;
  PosixFile(PosixFile&& other) noexcept;
  PosixFile& operator=(PosixFile&& other) noexcept;
  ~PosixFile();

  // Fills `out` from `offset`; less only where the file ends.
  Result<std::size_t> read(std::uint64_t offset, std::span<char> out) const;
  Result<void> write(std::uint64_t offset, std::string_view bytes);
  // Returns when everything written is on the disk. After an error nothing is known about any write
  // since the last success, and another sync proves nothing: the kernel has dropped the pages.
  Result<void> sync();
  // Reserves `bytes` and writes zeros over all of them, so that later writes change neither length
  // nor extents and their sync is of data alone. Durable after the next sync.
  Result<void> preallocate(std::uint64_t bytes);
  Result<std::uint64_t> size() const;

 private:
  PosixFile(int descriptor, std::filesystem::path path)
      : descriptor_(descriptor), path_(std::move(path)) {}

  int descriptor_ = -1;
  std::filesystem::path path_;
};

// The folder around the files. Names are durable only after sync_folder.
class PosixFile::System {
 public:
  Result<void> make_folder(const std::filesystem::path& folder);
  // The names of the files in it, in no order.
  Result<std::vector<std::string>> list(const std::filesystem::path& folder);
  Result<PosixFile> create(const std::filesystem::path& path);  // must not be there yet
  Result<PosixFile> open(const std::filesystem::path& path);
  Result<PosixFile> open_to_read(const std::filesystem::path& path);
  Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to);
  Result<void> remove(const std::filesystem::path& path);
  Result<void> sync_folder(const std::filesystem::path& folder);
  Result<std::uint64_t> free_bytes(const std::filesystem::path& folder);

 private:
  Result<PosixFile> open_with(const std::filesystem::path& path, int flags);
};

}  // namespace ferry::store
