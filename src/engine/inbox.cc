#include "engine/inbox.h"

#include <utility>

namespace ferry::engine {

Inbox::Inbox(Options options, Metrics& metrics, std::function<void()> wake)
    : options_(options), metrics_(metrics), wake_(std::move(wake)) {}

Result<void> Inbox::push(Command& command) {
  const std::size_t bytes = memory_of(command);
  bool was_empty = false;
  {
    const std::lock_guard lock(mutex_);
    // A single command larger than the budget still enters an empty inbox, or it never could.
    const bool full = commands_.size() >= options_.commands_max ||
                      (bytes_ + bytes > options_.bytes_max && !commands_.empty());
    if (full) return fail(ErrorCode::kOverloaded);
    was_empty = commands_.empty();
    commands_.push_back(std::move(command));
    bytes_ += bytes;
  }
  if (was_empty) wake_();
  return {};
}

void Inbox::push_always(Command command) {
  bool was_empty = false;
  {
    const std::lock_guard lock(mutex_);
    was_empty = commands_.empty();
    bytes_ += memory_of(command);
    commands_.push_back(std::move(command));
  }
  if (was_empty) wake_();
}

void Inbox::push_always(std::vector<Command> commands) {
  if (commands.empty()) return;
  bool was_empty = false;
  {
    const std::lock_guard lock(mutex_);
    was_empty = commands_.empty();
    for (Command& command : commands) {
      bytes_ += memory_of(command);
      commands_.push_back(std::move(command));
    }
  }
  if (was_empty) wake_();
}

std::vector<Command> Inbox::take() {
  std::vector<Command> taken;
  const std::lock_guard lock(mutex_);
  metrics_.inbox_commands.set(static_cast<std::int64_t>(commands_.size()));
  metrics_.inbox_bytes.set(static_cast<std::int64_t>(bytes_));
  taken.swap(commands_);
  bytes_ = 0;
  return taken;
}

bool Inbox::empty() const {
  const std::lock_guard lock(mutex_);
  return commands_.empty();
}

}  // namespace ferry::engine
