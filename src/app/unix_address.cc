#include "app/unix_address.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace ferry::app {
namespace {

constexpr std::size_t kPathBytesMax = sizeof(sockaddr_un::sun_path) - 1;

}  // namespace

Result<UnixAddress> UnixAddress::of(const std::filesystem::path& path) {
  UnixAddress made;
  std::string text = path.native();
  if (text.size() > kPathBytesMax) {
    const std::filesystem::path folder = path.parent_path();
    made.folder_ = ::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (made.folder_ < 0) {
      const int error = errno;
      return fail(
          error == ENOENT ? ErrorCode::kNotFound : ErrorCode::kStoreIo,
          "opening folder " + folder.string() + ": " + std::generic_category().message(error));
    }
    text = "/proc/self/fd/" + std::to_string(made.folder_) + "/" + path.filename().string();
  }
  if (text.size() > kPathBytesMax) {
    return fail(ErrorCode::kInvalidRequest, path.string() + ": the name of a socket is too long");
  }
  std::ranges::copy(text, made.address_.sun_path);
  return made;
}

UnixAddress::UnixAddress(UnixAddress&& other) noexcept
    : address_(other.address_), folder_(std::exchange(other.folder_, -1)) {}

UnixAddress::~UnixAddress() {
  if (folder_ >= 0) ::close(folder_);
}

}  // namespace ferry::app
