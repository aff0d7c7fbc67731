#pragma once

#include <optional>
#include <string>

#include "base/errors.h"

namespace ferry::http {

// What the server itself lacks when a system call fails with `error_number` (errno) while a
// connection is opened: kOutOfDescriptors, kOutOfMemory, kOutOfPorts. Nothing when the failure is
// the network's or the peer's. EADDRNOTAVAIL also says that this machine has no address from which
// `ip` can be reached, so the kernel is asked; with an empty `ip` it is taken for a lack of ports.
std::optional<ErrorCode> own_lack_of(int error_number, const std::string& ip);

// Tries to open a file: kOutOfDescriptors or kOutOfMemory when that fails for a lack of the
// server's own. For libraries that do not tell why they failed.
std::optional<ErrorCode> own_lack_now();

}  // namespace ferry::http
