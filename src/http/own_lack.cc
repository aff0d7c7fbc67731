#include "http/own_lack.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/udp.hpp>
#include <cerrno>

namespace ferry::http {

namespace {

// A datagram socket has ports of its own, so connecting one fails only without an address of ours
// or a route. Nothing is sent.
bool has_source_address(const std::string& ip) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(ip, error);
  if (error) return true;
  const boost::asio::ip::udp::endpoint endpoint(address, 9);
  const int descriptor = ::socket(endpoint.protocol().family(), SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return true;
  const int failed =
      ::connect(descriptor, endpoint.data(), static_cast<socklen_t>(endpoint.size()));
  ::close(descriptor);
  return failed == 0;
}

}  // namespace

std::optional<ErrorCode> own_lack_of(int error_number, const std::string& ip) {
  switch (error_number) {
    case EMFILE:
    case ENFILE:
      return ErrorCode::kOutOfDescriptors;
    case ENOBUFS:
    case ENOMEM:
    case ENOSPC:  // epoll_ctl(2): too many watches of this user
      return ErrorCode::kOutOfMemory;
    case EADDRNOTAVAIL:
    case EADDRINUSE:
      if (!has_source_address(ip)) return std::nullopt;
      return ErrorCode::kOutOfPorts;
    default:
      return std::nullopt;
  }
}

std::optional<ErrorCode> own_lack_now() {
  const int descriptor = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return own_lack_of(errno, "");
  ::close(descriptor);
  return std::nullopt;
}

}  // namespace ferry::http
