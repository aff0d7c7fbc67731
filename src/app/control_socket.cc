#include "app/control_socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>
#include <thread>
#include <utility>

#include "base/json_writer.h"

namespace ferry::app {
namespace {

constexpr mode_t kSocketMode = 0600;
constexpr int kBacklog = 16;
// A client that says nothing keeps the next one waiting.
constexpr int kIdleMs = 10'000;
// accept() failed for want of descriptors: some may be free again after this.
constexpr int kPauseMs = 100;
constexpr std::size_t kChunkBytes = 4096;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  bool is_open() const { return number_ >= 0; }
  int number() const { return number_; }

 private:
  int number_;
};

std::string reason(int error) { return std::strerror(error); }

std::optional<sockaddr_un> address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& text = path.native();
  if (text.size() >= sizeof(address.sun_path)) return std::nullopt;
  std::ranges::copy(text, address.sun_path);
  return address;
}

Error too_long(const std::filesystem::path& path) {
  return Error{ErrorCode::kInvalidRequest, path.string() + ": the path of a socket has at most " +
                                               std::to_string(sizeof(sockaddr_un::sun_path) - 1) +
                                               " bytes; use a data folder with a shorter path"};
}

Descriptor new_socket() { return Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

bool send_all(const Descriptor& connection, std::string_view data) {
  while (!data.empty()) {
    const ssize_t sent = ::send(connection.number(), data.data(), data.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    data.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// Appends what has arrived; false at the end of the connection.
bool receive_some(const Descriptor& connection, std::string& buffer) {
  std::array<char, kChunkBytes> chunk;
  while (true) {
    const ssize_t received = ::recv(connection.number(), chunk.data(), chunk.size(), 0);
    if (received < 0 && errno == EINTR) continue;
    if (received <= 0) return false;
    buffer.append(chunk.data(), static_cast<std::size_t>(received));
    return true;
  }
}

std::string too_large() {
  JsonWriter json;
  json.begin_object()
      .field("error", "a request has at most " + std::to_string(kControlRequestBytesMax) + " bytes")
      .field("code", error_info(ErrorCode::kTooLarge).slug)
      .end_object();
  return std::move(json).take();
}

}  // namespace

struct ControlSocket::State {
  State(std::filesystem::path p, Answer a, Descriptor l)
      : path(std::move(p)),
        answer(std::move(a)),
        listener(std::move(l)),
        stop(::eventfd(0, EFD_CLOEXEC)) {}

  enum class Wait : std::uint8_t { kReadable, kStopped, kTimedOut };
  Wait wait(const Descriptor& descriptor, int timeout_ms) const;
  void run() const;
  void serve(const Descriptor& connection) const;

  std::filesystem::path path;
  Answer answer;
  Descriptor listener;
  Descriptor stop;  // readable once the socket is to end
  std::thread thread;
};

ControlSocket::State::Wait ControlSocket::State::wait(const Descriptor& descriptor,
                                                      int timeout_ms) const {
  std::array<pollfd, 2> watched{pollfd{.fd = stop.number(), .events = POLLIN, .revents = 0},
                                pollfd{.fd = descriptor.number(), .events = POLLIN, .revents = 0}};
  while (true) {
    const int ready = ::poll(watched.data(), watched.size(), timeout_ms);
    if (ready < 0 && errno == EINTR) continue;
    if (watched[0].revents != 0) return Wait::kStopped;
    return ready > 0 ? Wait::kReadable : Wait::kTimedOut;
  }
}

void ControlSocket::State::run() const {
  while (wait(listener, -1) == Wait::kReadable) {
    const Descriptor connection(::accept4(listener.number(), nullptr, nullptr, SOCK_CLOEXEC));
    if (connection.is_open()) {
      serve(connection);
    } else if (wait(Descriptor(-1), kPauseMs) == Wait::kStopped) {
      return;
    }
  }
}

void ControlSocket::State::serve(const Descriptor& connection) const {
  const timeval patience{.tv_sec = kIdleMs / 1'000, .tv_usec = 0};
  ::setsockopt(connection.number(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  std::string received;
  while (true) {
    const std::size_t end = received.find('\n');
    if (std::min(end, received.size()) > kControlRequestBytesMax) {
      send_all(connection, too_large() + "\n");
      return;
    }
    if (end == std::string::npos) {
      if (wait(connection, kIdleMs) != Wait::kReadable) return;
      if (!receive_some(connection, received)) return;
      continue;
    }
    const std::string text = answer(std::string_view(received).substr(0, end));
    received.erase(0, end + 1);
    if (!send_all(connection, text + "\n")) return;
  }
}

ControlSocket::ControlSocket(std::unique_ptr<State> state) : state_(std::move(state)) {
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

Result<std::unique_ptr<ControlSocket>> ControlSocket::open(const std::filesystem::path& path,
                                                           Answer answer) {
  const auto address = address_of(path);
  if (!address) return std::unexpected(too_long(path));
  auto state = std::make_unique<State>(path, std::move(answer), new_socket());
  ::unlink(path.c_str());
  // Nobody can connect before listen(), so the mode is never wider than it should be.
  if (!state->listener.is_open() || !state->stop.is_open() ||
      ::bind(state->listener.number(), reinterpret_cast<const sockaddr*>(&*address),
             sizeof *address) != 0 ||
      ::chmod(path.c_str(), kSocketMode) != 0 ||
      ::listen(state->listener.number(), kBacklog) != 0) {
    return fail(ErrorCode::kStoreIo,
                "opening the control socket " + path.string() + ": " + reason(errno));
  }
  return std::unique_ptr<ControlSocket>(new ControlSocket(std::move(state)));
}

ControlSocket::~ControlSocket() {
  ::eventfd_write(state_->stop.number(), 1);
  state_->thread.join();
  ::unlink(state_->path.c_str());
}

Result<std::string> ask_control_socket(const std::filesystem::path& path,
                                       std::string_view request) {
  const auto address = address_of(path);
  if (!address) return std::unexpected(too_long(path));
  const Descriptor connection = new_socket();
  if (::connect(connection.number(), reinterpret_cast<const sockaddr*>(&*address),
                sizeof *address) != 0) {
    const bool nobody = errno == ENOENT || errno == ECONNREFUSED;
    return fail(nobody ? ErrorCode::kNotFound : ErrorCode::kConnectFailed,
                "connecting to " + path.string() + ": " + reason(errno));
  }
  std::string answer;
  // A server that refuses a long request may answer before it has read all of it.
  send_all(connection, std::string(request) + "\n");
  while (!answer.contains('\n')) {
    if (!receive_some(connection, answer)) {
      return fail(ErrorCode::kConnectionLost,
                  "the server ended before it answered on " + path.string());
    }
  }
  answer.resize(answer.find('\n'));
  return answer;
}

}  // namespace ferry::app
