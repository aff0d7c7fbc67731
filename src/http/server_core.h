#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/metrics.h"
#include "http/admission_line.h"
#include "http/connection_book.h"
#include "http/request_log.h"
#include "http/server.h"
#include "http/tls.h"

namespace ferry::http {

class ServerConnection;

// What the connections of one server share: its settings, and the counts that bound them together.
// Each connection holds a reference, so it lives as long as the last of them. One thread.
struct ServerCore {
  ServerCore(asio::io_context& io, ServerOptions o, Server::Admit a, Server::Handle h, Metrics& m,
             std::uint64_t seed)
      : options(std::move(o)),
        admit(std::move(a)),
        handle(std::move(h)),
        metrics(m),
        ids(seed),
        budgets(options.budgets ? options.budgets
                                : std::make_shared<ServerBudgets>(options.reading_bytes_max,
                                                                  options.answer_bytes_max)),
        line(io) {}

  // The party's share of the connections: what is left for each caller when all want some.
  std::size_t connections_share() const;
  // This server's part of the limit.
  std::size_t connections_per_address() const;
  bool is_full() const { return budgets->connections.load() >= options.connections_max; }

  const ServerOptions options;
  const Server::Admit admit;
  const Server::Handle handle;
  Metrics& metrics;
  RequestIds ids;
  const std::shared_ptr<ServerBudgets> budgets;
  AdmissionLine line;
  TlsContext tls;                              // of new connections; null: plain
  std::string date;                            // of the last sweep
  std::vector<ServerConnection*> connections;  // all that live, in no order
  ConnectionBook book;                         // those that take a place
  bool stopping = false;
  std::function<void()> on_last_gone;  // called when the last connection has ended
};

}  // namespace ferry::http
