#include "app/server_operator.h"

#include <utility>

namespace ferry::app {
namespace {

engine::Answer change(Server& server, OperatorChange command) {
  return std::visit([&server](auto&& c) { return server.call(std::move(c)); }, std::move(command));
}

ServerStatus status(const Metrics& metrics) {
  return {.running = true,
          .pending = metrics.pending.value(),
          .in_flight = metrics.in_flight.value(),
          .dead_letters = metrics.dead_letters.value(),
          .applier_lag = Duration(metrics.applier_lag_ms.value())};
}

Result<void> backup(Server& server, const std::filesystem::path& folder) {
  if (server.embedded() == nullptr) {
    return fail(ErrorCode::kInvalidRequest, "an ephemeral server has no files to copy");
  }
  return server.embedded()->backup(folder);
}

}  // namespace

Operator operator_of(Server& server) {
  return {.change = [&server](OperatorChange c) { return change(server, std::move(c)); },
          .catalog = [&server] { return server.catalog(); },
          .status = [&server]() -> Result<ServerStatus> { return status(server.metrics()); },
          .backup = [&server](const std::filesystem::path& to) { return backup(server, to); },
          .clock = [&server] { return server.clock().now(); }};
}

}  // namespace ferry::app
