#include "store/faulty_file.h"

namespace ferry::store {

Result<std::size_t> FaultyFile::read(std::uint64_t offset, std::span<char> out) const {
  return disk_->read(file_, offset, out);
}

Result<void> FaultyFile::write(std::uint64_t offset, std::string_view bytes) {
  return disk_->write(file_, offset, bytes);
}

Result<void> FaultyFile::sync() { return disk_->sync(file_); }

Result<void> FaultyFile::preallocate(std::uint64_t bytes) {
  RETURN_IF_ERROR(disk_->resize(file_, bytes));
  return disk_->write(file_, 0, std::string(bytes, '\0'));
}

Result<std::uint64_t> FaultyFile::size() const { return disk_->size(file_); }

Result<std::vector<std::string>> FaultyFile::System::list(const std::filesystem::path& folder) {
  return disk_->list(folder.string());
}

Result<FaultyFile> FaultyFile::System::create(const std::filesystem::path& path) {
  ASSIGN_OR_RETURN(SimulatedDisk::File file, disk_->create(path.string()));
  return FaultyFile(disk_, std::move(file));
}

Result<FaultyFile> FaultyFile::System::open(const std::filesystem::path& path) {
  ASSIGN_OR_RETURN(SimulatedDisk::File file, disk_->open(path.string()));
  return FaultyFile(disk_, std::move(file));
}

Result<void> FaultyFile::System::rename(const std::filesystem::path& from,
                                        const std::filesystem::path& to) {
  return disk_->rename(from.string(), to.string());
}

Result<void> FaultyFile::System::remove(const std::filesystem::path& path) {
  return disk_->remove(path.string());
}

Result<void> FaultyFile::System::sync_folder(const std::filesystem::path& folder) {
  return disk_->sync_folder(folder.string());
}

}  // namespace ferry::store
