#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/metrics.h"
#include "http/request_log.h"
#include "http/server.h"
#include "http/tls.h"

namespace ferry::http {

class ServerConnection;

using SteadyTime = std::chrono::steady_clock::time_point;

// What the connections of one server share: its settings, and the counts that bound them together.
// Each connection holds a reference, so it lives as long as the last of them. One thread.
struct ServerCore {
  ServerCore(ServerOptions o, Server::Admit a, Server::Handle h, Metrics& m, std::uint64_t seed)
      : options(std::move(o)), admit(std::move(a)), handle(std::move(h)), metrics(m), ids(seed) {}

  const ServerOptions options;
  const Server::Admit admit;
  const Server::Handle handle;
  Metrics& metrics;
  RequestIds ids;
  TlsContext tls;                              // of new connections; null: plain
  std::string date;                            // of the last sweep
  std::vector<ServerConnection*> connections;  // all that live, in no order
  std::size_t reading_bytes = 0;
  bool stopping = false;
  std::function<void()> on_last_gone;  // called when the last connection has ended
};

// A share of `reading_bytes_max`, held while a body is read.
class ReadingShare {
 public:
  explicit ReadingShare(ServerCore& core) : core_(core) {}
  ~ReadingShare() { core_.reading_bytes -= bytes_; }
  ReadingShare(const ReadingShare&) = delete;
  ReadingShare& operator=(const ReadingShare&) = delete;

  // False when there is not that much left; the share stays as it was.
  bool grow_to(std::size_t bytes) {
    const std::size_t more = bytes - std::min(bytes, bytes_);
    if (more > core_.options.reading_bytes_max - core_.reading_bytes) return false;
    core_.reading_bytes += more;
    bytes_ += more;
    return true;
  }

 private:
  ServerCore& core_;
  std::size_t bytes_ = 0;
};

}  // namespace ferry::http
