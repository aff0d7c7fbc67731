#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/io_thread.h"
#include "budget/meter.h"
#include "budget/phased_store.h"
#include "engine/engine.h"
#include "http/blocking_pool.h"

namespace ferry::budget {

// The parts of a server with one I/O thread and the engine hosted inline, made as app::Server makes
// them, but moved on by the driver: the loop is polled, the engine stepped and the applier run when
// the driver says so, all on its thread, and time stands still between turns.
class ServerInTurns {
 public:
  ServerInTurns(const std::filesystem::path& folder, Meter& meter);
  ~ServerInTurns();
  ServerInTurns(const ServerInTurns&) = delete;
  ServerInTurns& operator=(const ServerInTurns&) = delete;

  std::uint16_t port() const { return io_->port(); }
  // Of a tenant that may do everything.
  const std::string& token() const { return token_; }

  void advance_time(Duration by) { now_ms_ += by.count(); }

  // Runs what the loop has ready.
  void poll_loop();
  // Runs the loop until that many commands wait for the engine.
  void wait_for_commands(std::size_t count);
  // One step with all commands that wait, then its effects. Returns the attempts it started.
  std::size_t step_engine(std::uint32_t attempts_max);
  void apply_rows();
  void checkpoint();

 private:
  std::size_t waited_for() const;

  void take_commands();

  Meter& meter_;
  app::Settings settings_;
  std::int64_t now_ms_;
  std::string token_;
  app::Clock clock_;
  Metrics metrics_;
  std::unique_ptr<PhasedStore> store_;
  std::unique_ptr<http::BlockingPool> readers_;
  engine::Inbox inbox_;
  std::vector<engine::Command> commands_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<app::IoThread> io_;
};

}  // namespace ferry::budget
