#include "app/control_client.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "app/operator_routes.h"
#include "app/unix_address.h"
#include "base/encoding.h"
#include "base/json_writer.h"
#include "http/response_reader.h"

namespace ferry::app {
namespace {

constexpr std::size_t kAnswerBytesMax = 256u << 20;

// A blocking socket that is closed at the end of its scope.
class Connection {
 public:
  Connection() : descriptor_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ~Connection() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // 0, or the error of the system.
  int connect(const UnixAddress& address) const {
    const bool connected = ::connect(descriptor_, address.address(), UnixAddress::kBytes) == 0;
    return connected ? 0 : errno;
  }

  // A server that refuses a long request may answer before it has read all of it.
  void send(std::string_view data) const {
    while (!data.empty()) {
      const ssize_t sent = ::send(descriptor_, data.data(), data.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent <= 0) return;
      data.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  // Appends what has arrived; false at the end of the connection.
  bool receive(std::string& buffer) const {
    std::array<char, 16u << 10> chunk;
    while (true) {
      const ssize_t received = ::recv(descriptor_, chunk.data(), chunk.size(), 0);
      if (received < 0 && errno == EINTR) continue;
      if (received <= 0) return false;
      buffer.append(chunk.data(), static_cast<std::size_t>(received));
      return true;
    }
  }

 private:
  int descriptor_;
};

std::string target_of(const OperatorCommand& command, const OperatorArguments& arguments) {
  std::string target(kOperatorPrefix);
  target += command.name;
  std::ranges::replace(target, ' ', '/');
  if (command.lane != OperatorLane::kReading) return target;
  char separator = '?';
  for (const auto& [name, text] : arguments) {
    target.append(1, std::exchange(separator, '&')).append(percent_encode(name));
    target.append("=").append(percent_encode(text));
  }
  return target;
}

std::string body_of(const OperatorArguments& arguments) {
  JsonWriter json;
  json.begin_object();
  for (const auto& [name, text] : arguments) json.field(name, text);
  json.end_object();
  return std::move(json).take();
}

std::string request_of(const OperatorCommand& command, const OperatorArguments& arguments) {
  const bool reads = command.lane == OperatorLane::kReading;
  std::string text = (reads ? "GET " : "POST ") + target_of(command, arguments) +
                     " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
  if (reads) return text + "\r\n";
  const std::string body = body_of(arguments);
  return text + "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

Result<ControlAnswer> receive_answer(const Connection& connection,
                                     const std::filesystem::path& path) {
  http::ResponseReader reader({.body_bytes_max = kAnswerBytesMax});
  std::string received;
  while (!reader.done()) {
    const bool more = connection.receive(received);
    ASSIGN_OR_RETURN(const std::size_t taken, reader.put(received));
    received.erase(0, taken);
    if (more || reader.done()) continue;
    if (reader.put_end()) break;
    return fail(ErrorCode::kConnectionLost,
                "the server ended before it answered on " + path.string());
  }
  http::ClientResponse response = reader.take();
  return ControlAnswer{.status = response.status, .body = std::string(response.body.view())};
}

}  // namespace

Result<ControlAnswer> ask_control_socket(const std::filesystem::path& path,
                                         const OperatorCommand& command,
                                         const OperatorArguments& arguments) {
  ASSIGN_OR_RETURN(const UnixAddress address, UnixAddress::of(path));
  const Connection connection;
  if (const int error = connection.connect(address); error != 0) {
    const bool nobody = error == ENOENT || error == ECONNREFUSED;
    return fail(nobody ? ErrorCode::kNotFound : ErrorCode::kConnectFailed,
                "connecting to " + path.string() + ": " + std::generic_category().message(error));
  }
  connection.send(request_of(command, arguments));
  return receive_answer(connection, path);
}

}  // namespace ferry::app
