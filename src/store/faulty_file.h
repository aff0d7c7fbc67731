#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/simulated_disk.h"

namespace ferry::store {

// A file on a simulated disk, for Journal<FaultyFile> (see PosixFile for what each function
// promises).
class FaultyFile {
 public:
  class System;

  FaultyFile() = default;

  Result<std::size_t> read(std::uint64_t offset, std::span<char> out) const;
  Result<void> write(std::uint64_t offset, std::string_view bytes);
  Result<void> sync();
  Result<void> preallocate(std::uint64_t bytes);
  Result<std::uint64_t> size() const;

 private:
  FaultyFile(std::shared_ptr<SimulatedDisk> disk, SimulatedDisk::File file)
      : disk_(std::move(disk)), file_(std::move(file)) {}

  std::shared_ptr<SimulatedDisk> disk_;
  SimulatedDisk::File file_;
};

class FaultyFile::System {
 public:
  explicit System(std::shared_ptr<SimulatedDisk> disk) : disk_(std::move(disk)) {}

  Result<void> make_folder(const std::filesystem::path&) { return {}; }
  Result<std::vector<std::string>> list(const std::filesystem::path& folder);
  Result<FaultyFile> create(const std::filesystem::path& path);
  Result<FaultyFile> open(const std::filesystem::path& path);
  Result<FaultyFile> open_to_read(const std::filesystem::path& path) { return open(path); }
  Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to);
  Result<void> remove(const std::filesystem::path& path);
  Result<void> sync_folder(const std::filesystem::path& folder);
  Result<std::uint64_t> free_bytes(const std::filesystem::path&) { return disk_->free_bytes(); }

  SimulatedDisk& disk() { return *disk_; }

 private:
  std::shared_ptr<SimulatedDisk> disk_;
};

}  // namespace ferry::store
