#include "app/control_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <latch>
#include <system_error>
#include <thread>
#include <utility>

#include "app/operator_routes.h"
#include "app/unix_address.h"
#include "http/server.h"

namespace ferry::app {
namespace {

constexpr mode_t kSocketMode = 0600;
constexpr int kBacklog = 64;
constexpr std::size_t kConnectionsMax = 64;
constexpr std::size_t kMemoryMax = 16u << 20;  // of bodies and of answers, each
constexpr Duration kPatience = std::chrono::seconds(10);
constexpr Duration kUntilCommandsEnd = std::chrono::hours(24);

std::unexpected<Error> cannot_open(const std::filesystem::path& path, int error) {
  return fail(ErrorCode::kStoreIo, "opening the control socket " + path.string() + ": " +
                                       std::generic_category().message(error));
}

// Root, or the user that the server runs as.
bool may_operate(int peer) {
  ucred credentials{};
  socklen_t bytes = sizeof credentials;
  if (::getsockopt(peer, SOL_SOCKET, SO_PEERCRED, &credentials, &bytes) != 0) return false;
  return credentials.uid == 0 || credentials.uid == ::geteuid();
}

// The listening descriptor. Its mode is set before bind() makes the file, which takes it over: a
// umask would do the same, but for all threads.
Result<int> listen_at(const std::filesystem::path& path) {
  ASSIGN_OR_RETURN(const UnixAddress address, UnixAddress::of(path));
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return cannot_open(path, errno);
  ::unlink(path.c_str());
  if (::fchmod(descriptor, kSocketMode) != 0 ||
      ::bind(descriptor, address.address(), UnixAddress::kBytes) != 0 ||
      ::chmod(path.c_str(), kSocketMode) != 0 || ::listen(descriptor, kBacklog) != 0) {
    const int error = errno;
    ::close(descriptor);
    return cannot_open(path, error);
  }
  return descriptor;
}

http::ServerOptions server_options(int descriptor) {
  return {.listening_descriptor = descriptor,
          .serves_peer = may_operate,
          .connections_max = kConnectionsMax,
          .reading_bytes_max = kMemoryMax,
          .answer_bytes_max = kMemoryMax,
          .head_timeout = kPatience,
          .body_timeout = kPatience,
          .idle_timeout = kPatience,
          .write_timeout = kPatience};
}

}  // namespace

// Ends from the last to the first: the thread has ended then, and calls on the routes' threads may
// refer to the loop.
struct ControlSocket::State {
  State(std::filesystem::path p, Operator commands) : path(std::move(p)), routes(commands) {}

  std::filesystem::path path;
  asio::io_context io{1};
  OperatorRoutes routes;
  std::unique_ptr<http::Server> server;
  std::thread thread;
};

Result<std::unique_ptr<ControlSocket>> ControlSocket::open(const std::filesystem::path& path,
                                                           Operator commands, Metrics& metrics) {
  ASSIGN_OR_RETURN(const int descriptor, listen_at(path));
  auto state = std::make_unique<State>(path, std::move(commands));
  OperatorRoutes& routes = state->routes;
  ASSIGN_OR_RETURN(
      state->server,
      http::Server::listen(
          state->io, server_options(descriptor),
          [&routes](const http::RequestHead& head) { return routes.admit(head); },
          [&routes](http::Request request) { return routes.answer(std::move(request)); }, metrics));
  return std::unique_ptr<ControlSocket>(new ControlSocket(std::move(state)));
}

ControlSocket::ControlSocket(std::unique_ptr<State> state) : state_(std::move(state)) {
  state_->thread = std::thread([&io = state_->io] { io.run(); });
}

ControlSocket::~ControlSocket() {
  std::latch stopped(1);
  asio::post(state_->io, [this, &stopped] {
    state_->server->stop(kUntilCommandsEnd, [&stopped] { stopped.count_down(); });
  });
  stopped.wait();
  state_->io.stop();
  state_->thread.join();
  ::unlink(state_->path.c_str());
}

}  // namespace ferry::app
