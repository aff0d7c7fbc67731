#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

// How the command line talks to a running server: a socket in its data folder, for the owner of
// the folder alone (mode 0600). A request is one line, its answer is one line
// (operator_commands.h); a connection may ask again after each answer.

namespace ferry::app {

inline constexpr std::size_t kControlRequestBytesMax = 64u << 10;

inline std::filesystem::path control_socket_path(const std::filesystem::path& data_folder) {
  return data_folder / "control.sock";
}

// Serves the socket on a thread of its own, one connection after the other: commands of the
// operator never overlap. The caller owns the data folder (it holds its lock), so a socket that a
// crash left behind is replaced.
class ControlSocket {
 public:
  using Answer = std::function<std::string(std::string_view request)>;

  // `answer` is called on the socket's thread. kInvalidRequest when the path is too long for a
  // socket, kStoreIo when the system refuses.
  static Result<std::unique_ptr<ControlSocket>> open(const std::filesystem::path& path,
                                                     Answer answer);
  // Lets a running command end and removes the file.
  ~ControlSocket();

 private:
  struct State;
  explicit ControlSocket(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Sends one request and waits for its answer, for as long as the command takes (a backup copies
// every file). kNotFound: nobody serves this socket. kConnectFailed, kConnectionLost otherwise.
Result<std::string> ask_control_socket(const std::filesystem::path& path, std::string_view request);

}  // namespace ferry::app
