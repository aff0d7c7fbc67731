#include "store/data_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/time.h"

namespace ferry::store {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kFolderMode = 0700;
constexpr std::string_view kDatabaseSuffix = ".db";
constexpr std::string_view kTableSuffixes[] = {"", "-wal"};

std::unexpected<Error> failed(std::string_view what, const std::filesystem::path& path, int error) {
  return fail(
      error == ENOSPC || error == EDQUOT ? ErrorCode::kDiskFull : ErrorCode::kStoreIo,
      std::string(what) + " " + path.string() + ": " + std::generic_category().message(error));
}

Result<void> sync_folder(const std::filesystem::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return failed("opening folder", folder, errno);
  const int error = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  if (error != 0) return failed("syncing folder", folder, error);
  return {};
}

std::string pid_in(int descriptor) {
  char text[32];
  const ssize_t count = ::pread(descriptor, text, sizeof text, 0);
  std::string pid(text, count > 0 ? static_cast<std::size_t>(count) : 0);
  while (!pid.empty() && pid.back() == '\n') pid.pop_back();
  return pid.empty() ? "unknown" : pid;
}

std::filesystem::path with_suffix(const std::filesystem::path& file, std::string_view suffix) {
  std::filesystem::path out = file;
  out += suffix;
  return out;
}

}  // namespace

std::filesystem::path DataFolder::history_of(std::int64_t day) const {
  return history() / (format_day(day) + std::string(kDatabaseSuffix));
}

std::optional<std::int64_t> parse_history_name(std::string_view name) {
  if (!name.ends_with(kDatabaseSuffix)) return std::nullopt;
  const std::string_view text = name.substr(0, name.size() - kDatabaseSuffix.size());
  int year = 0;
  unsigned month = 0, day = 0;
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  std::from_chars(text.data(), text.data() + 4, year);
  std::from_chars(text.data() + 5, text.data() + 7, month);
  std::from_chars(text.data() + 8, text.data() + 10, day);
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!date.ok()) return std::nullopt;
  const std::int64_t number = std::chrono::sys_days(date).time_since_epoch().count();
  // Whatever does not read back as itself is not ours.
  return format_day(number) == text ? std::optional(number) : std::nullopt;
}

Result<std::vector<std::int64_t>> DataFolder::history_days() const {
  std::vector<std::int64_t> days;
  std::error_code error;
  for (std::filesystem::directory_iterator file(history(), error), end; !error && file != end;
       file.increment(error)) {
    const auto day = parse_history_name(file->path().filename().string());
    if (day) days.push_back(*day);
  }
  if (error) return failed("listing", history(), error.value());
  std::ranges::sort(days);
  return days;
}

Result<void> make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  const std::filesystem::path parent = folder.parent_path();
  if (!parent.empty() && !std::filesystem::exists(parent, error)) {
    std::filesystem::create_directories(parent, error);
    if (error) return failed("making folder", parent, error.value());
  }
  if (::mkdir(folder.c_str(), kFolderMode) == 0) return sync_folder(parent.empty() ? "." : parent);
  if (errno != EEXIST) return failed("making folder", folder, errno);
  if (!std::filesystem::is_directory(folder, error))
    return failed("making folder", folder, ENOTDIR);
  return {};
}

Result<void> make_file(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode);
  if (descriptor < 0) {
    if (errno == EEXIST) return {};
    return failed("making", file, errno);
  }
  ::close(descriptor);
  return sync_folder(file.parent_path());
}

Result<void> copy_private_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  RETURN_IF_ERROR(make_file(to));
  std::error_code error;
  std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing, error);
  if (error) return failed("copying to", to, error.value());
  const int descriptor = ::open(to.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return failed("opening", to, errno);
  const bool synced = ::fchmod(descriptor, kFileMode) == 0 && ::fsync(descriptor) == 0;
  const int reason = errno;
  ::close(descriptor);
  if (!synced) return failed("syncing", to, reason);
  return {};
}

std::uint64_t bytes_of_tables(const std::filesystem::path& file) {
  std::uint64_t bytes = 0;
  for (const std::string_view suffix : kTableSuffixes) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(with_suffix(file, suffix), error);
    if (!error) bytes += size;
  }
  return bytes;
}

std::optional<std::uint64_t> free_bytes(const std::filesystem::path& folder) {
  struct statvfs facts{};
  if (::statvfs(folder.c_str(), &facts) != 0) return std::nullopt;
  return static_cast<std::uint64_t>(facts.f_bavail) * facts.f_frsize;
}

Result<FolderLock> FolderLock::take(const DataFolder& folder) {
  const std::filesystem::path path = folder.lock();
  FolderLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode));
  if (lock.descriptor_ < 0) return failed("opening", path, errno);
  if (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failed("locking", path, errno);
    return fail(ErrorCode::kStoreLocked, "data folder " + folder.root.string() +
                                             " is in use by process " + pid_in(lock.descriptor_));
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(lock.descriptor_, 0) != 0 ||
      ::pwrite(lock.descriptor_, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return failed("writing", path, errno);
  }
  return lock;
}

FolderLock::FolderLock(FolderLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace ferry::store
