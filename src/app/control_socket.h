#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "app/operator_commands.h"
#include "base/metrics.h"
#include "base/result.h"

namespace ferry::app {

inline std::filesystem::path control_socket_path(const std::filesystem::path& data_folder) {
  return data_folder / "control.sock";
}

// Where the operator's routes (operator_routes.h) are served: HTTP on a unix socket in the data
// folder, for the user of the server and for root alone: by the file's mode (0600 from the moment
// that it is there) and by the uid of each peer. It has an event loop and a thread of its own, so
// it answers whatever the I/O threads do. Many clients are served at once, each with deadlines.
class ControlSocket {
 public:
  // The caller owns the data folder (it holds its lock), so a socket that a crash left behind is
  // replaced. kInvalidRequest when the name is too long for a socket, kNotFound without the folder,
  // kStoreIo when the system refuses.
  static Result<std::unique_ptr<ControlSocket>> open(const std::filesystem::path& path,
                                                     Operator commands, Metrics& metrics);
  // Lets running commands end and removes the file.
  ~ControlSocket();

 private:
  struct State;
  explicit ControlSocket(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ferry::app
