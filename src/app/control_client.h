#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "app/operator_commands.h"
#include "base/result.h"

namespace ferry::app {

struct ControlAnswer {
  int status = 0;
  std::string body;  // JSON
};

// Asks the server of a data folder to run one command of its operator and waits for its answer, for
// as long as the command takes (a backup copies every file). kNotFound: no server has this socket
// open. kConnectFailed, kConnectionLost, kProtocolError otherwise. What the server refuses is an
// answer, not an error.
Result<ControlAnswer> ask_control_socket(const std::filesystem::path& path,
                                         const OperatorCommand& command,
                                         const OperatorArguments& arguments);

}  // namespace ferry::app
