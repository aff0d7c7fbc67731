#include "store/journal_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

namespace ferry::store {
namespace {

constexpr std::size_t kZeroChunkBytes = 1u << 20;
constexpr mode_t kFileMode = 0600;

ErrorCode code_of(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return ErrorCode::kDiskFull;
    case ENOENT:
      return ErrorCode::kNotFound;
    default:
      return ErrorCode::kStoreIo;
  }
}

std::unexpected<Error> io_error(std::string_view attempt, const std::filesystem::path& path,
                                int error) {
  return fail(code_of(error), fmt::format("{} {}: {}", attempt, path.string(),
                                          std::generic_category().message(error)));
}

}  // namespace

PosixFile::PosixFile(PosixFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

PosixFile& PosixFile::operator=(PosixFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  return *this;
}

PosixFile::~PosixFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::size_t> PosixFile::read(std::uint64_t offset, std::span<char> out) const {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t count = ::pread(descriptor_, out.data() + done, out.size() - done,
                                  static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return io_error("reading", path_, errno);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

Result<void> PosixFile::write(std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count =
        ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return io_error("writing", path_, errno);
    bytes.remove_prefix(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
  return {};
}

Result<void> PosixFile::sync() {
  if (::fdatasync(descriptor_) != 0) return io_error("syncing", path_, errno);
  return {};
}

Result<void> PosixFile::preallocate(std::uint64_t bytes) {
  // Asked for first: it takes neighbouring blocks, and a full disk is known before any write.
  if (const int error = ::posix_fallocate(descriptor_, 0, static_cast<off_t>(bytes)); error != 0) {
    return io_error("preallocating", path_, error);
  }
  const std::string zeros(kZeroChunkBytes, '\0');
  for (std::uint64_t done = 0; done < bytes; done += zeros.size()) {
    const auto count = std::min<std::uint64_t>(zeros.size(), bytes - done);
    RETURN_IF_ERROR(write(done, std::string_view(zeros).substr(0, count)));
  }
  return {};
}

Result<std::uint64_t> PosixFile::size() const {
  struct stat status{};
  if (::fstat(descriptor_, &status) != 0) return io_error("examining", path_, errno);
  return static_cast<std::uint64_t>(status.st_size);
}

Result<void> PosixFile::System::make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  const bool made = std::filesystem::create_directories(folder, error);
  if (error) return io_error("making the folder", folder, error.value());
  if (!made) return {};
  return sync_folder(std::filesystem::absolute(folder).parent_path());
}

Result<std::vector<std::string>> PosixFile::System::list(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<std::string> names;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error) return io_error("listing", folder, error.value());
  return names;
}

Result<PosixFile> PosixFile::System::open_with(const std::filesystem::path& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, kFileMode);
  if (descriptor < 0) return io_error("opening", path, errno);
  return PosixFile(descriptor, path);
}

Result<PosixFile> PosixFile::System::create(const std::filesystem::path& path) {
  return open_with(path, O_RDWR | O_CREAT | O_EXCL);
}

Result<PosixFile> PosixFile::System::open(const std::filesystem::path& path) {
  return open_with(path, O_RDWR);
}

Result<PosixFile> PosixFile::System::open_to_read(const std::filesystem::path& path) {
  return open_with(path, O_RDONLY);
}

Result<void> PosixFile::System::rename(const std::filesystem::path& from,
                                       const std::filesystem::path& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) return io_error("renaming", from, errno);
  return {};
}

Result<void> PosixFile::System::remove(const std::filesystem::path& path) {
  if (::unlink(path.c_str()) != 0) return io_error("removing", path, errno);
  return {};
}

Result<void> PosixFile::System::sync_folder(const std::filesystem::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return io_error("opening", folder, errno);
  const int error = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  if (error != 0) return io_error("syncing", folder, error);
  return {};
}

Result<std::uint64_t> PosixFile::System::free_bytes(const std::filesystem::path& folder) {
  struct statvfs status{};
  if (::statvfs(folder.c_str(), &status) != 0) return io_error("examining", folder, errno);
  return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

}  // namespace ferry::store
