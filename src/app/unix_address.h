#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <filesystem>

#include "base/result.h"

namespace ferry::app {

// The address of a unix socket for bind() and connect(), from a path of any length: the system
// takes 107 bytes, so a longer path is named by a descriptor of its folder, in /proc/self/fd. The
// address is good while this object lives.
class UnixAddress {
 public:
  // kInvalidRequest when the file's own name is too long, kNotFound when there is no such folder,
  // kStoreIo when the folder cannot be opened.
  static Result<UnixAddress> of(const std::filesystem::path& path);

  UnixAddress(UnixAddress&& other) noexcept;
  UnixAddress& operator=(UnixAddress&&) = delete;
  ~UnixAddress();

  const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&address_); }
  static constexpr socklen_t kBytes = sizeof(sockaddr_un);

 private:
  UnixAddress() { address_.sun_family = AF_UNIX; }

  sockaddr_un address_{};
  int folder_ = -1;  // -1: the path is short enough
};

}  // namespace ferry::app
