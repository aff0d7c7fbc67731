#include "app/offline_engine.h"

#include <utility>

namespace ferry::app {
namespace {

constexpr engine::ReplyTo kAsker{.io_thread = 0, .slot = 1};

engine::Command addressed(OperatorChange change) {
  return std::visit(
      [](auto command) -> engine::Command {
        command.reply = kAsker;
        return command;
      },
      std::move(change));
}

}  // namespace

OfflineEngine::OfflineEngine(store::Store& store, Clock& clock,
                             std::unique_ptr<engine::Engine> engine)
    : store_(store), clock_(clock), engine_(std::move(engine)) {}

Result<std::unique_ptr<OfflineEngine>> OfflineEngine::recover(store::Store& store, Metrics& metrics,
                                                              Clock& clock) {
  ASSIGN_OR_RETURN(auto engine, engine::Engine::recover(store, {}, metrics, clock.now()));
  return std::unique_ptr<OfflineEngine>(new OfflineEngine(store, clock, std::move(engine)));
}

engine::Answer OfflineEngine::change(OperatorChange command) {
  if (failure_) return *failure_;
  std::vector<engine::Command> inbox;
  inbox.push_back(addressed(std::move(command)));
  auto step = engine_->step(clock_.now(), std::move(inbox), {.attempts = 0});
  if (!step) {
    failure_ = step.error();
    return *failure_;
  }
  for (engine::Effect& effect : step->effects) {
    if (auto* reply = std::get_if<engine::Reply>(&effect)) return std::move(reply->answer);
  }
  return Error{ErrorCode::kInternal, "the engine did not answer"};
}

Result<ServerStatus> OfflineEngine::status() {
  ASSIGN_OR_RETURN(const store::Totals totals, store_.totals());
  return ServerStatus{
      .running = false, .pending = totals.deliveries, .dead_letters = totals.dead_letters};
}

Operator OfflineEngine::as_operator(store::EmbeddedStore* embedded) {
  return {.change = [this](OperatorChange command) { return change(std::move(command)); },
          .catalog = [this] { return engine_->catalog(); },
          .status = [this] { return status(); },
          .backup = [embedded](const std::filesystem::path& folder) -> Result<void> {
            if (embedded == nullptr) {
              return fail(ErrorCode::kInvalidRequest, "a store in memory has no files to copy");
            }
            return embedded->backup(folder);
          },
          .clock = [this] { return clock_.now(); }};
}

}  // namespace ferry::app
