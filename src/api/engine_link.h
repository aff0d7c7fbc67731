#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <variant>

#include "base/check.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/inbox.h"
#include "engine/protocol.h"
#include "http/awaitable.h"

namespace ferry::api {

// One I/O thread's line to the engine: sends a command, waits for its reply. All calls on that
// thread. Before it goes every call must have been answered: fail_all(), then a turn of the loop.
class EngineLink {
 public:
  EngineLink(asio::io_context& io, std::uint32_t io_thread, engine::Inbox& inbox,
             Duration accept_wait, Metrics& metrics);
  ~EngineLink();
  EngineLink(EngineLink&&) = delete;

  // Fills in the command's `reply`, pushes it, waits for the answer. When the inbox is full it
  // waits in line, first come first served, up to accept_wait, then answers kOverloaded.
  template <class C>
  Awaitable<engine::Answer> call(C command) {
    const std::uint64_t slot = open_slot();
    command.reply = engine::ReplyTo{io_thread_, slot};
    return wait(engine::Command(std::move(command)), slot);
  }

  // Carries a reply to its waiter; called by app's effect routing. A waiter that is gone is no
  // error.
  void complete(engine::Reply reply);

  // Answers every waiter with `error` (the engine ended, or the server stops).
  void fail_all(const Error& error);

 private:
  struct State;
  std::uint64_t open_slot();
  Awaitable<engine::Answer> wait(engine::Command command, std::uint64_t slot);

  std::uint32_t io_thread_;
  std::shared_ptr<State> state_;  // shared, so that a late timer sees that it is gone
};

// The answer a command is bound to get, or the error in its place.
template <class T>
Result<T> answer_as(engine::Answer answer) {
  if (auto* error = std::get_if<Error>(&answer)) return std::unexpected(std::move(*error));
  CHECK(std::holds_alternative<T>(answer));
  return std::get<T>(std::move(answer));
}

}  // namespace ferry::api
