#include "store/checkpointer.h"

#include "base/log.h"

namespace ferry::store {
namespace {

constexpr Duration kTick{250};
constexpr int kTicksBetweenCheckpoints = 4;
// Beyond it a log is moved at the next tick: what it takes to fill is written once, not again and
// again.
constexpr std::uint64_t kLogBytesWanted = 32u << 20;

}  // namespace

Checkpointer::Checkpointer(SqliteTables& tables, Synced synced, std::function<void()> tick)
    : tables_(tables), synced_(std::move(synced)), tick_(std::move(tick)) {}

Checkpointer::~Checkpointer() { stop(); }

void Checkpointer::start() {
  thread_ = std::thread([this] { run(); });
}

void Checkpointer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

Result<void> Checkpointer::checkpoint() {
  RETURN_IF_ERROR(tables_.checkpoint());
  synced_(tables_.synced());
  return {};
}

bool Checkpointer::is_due(int ticks) const {
  if (tables_.log_bytes() > kLogBytesWanted) return true;
  return ticks % kTicksBetweenCheckpoints == 0 && tables_.synced() < tables_.applied();
}

void Checkpointer::run() {
  std::unique_lock lock(mutex_);
  for (int ticks = 1; !wake_.wait_for(lock, kTick, [this] { return stopping_; }); ++ticks) {
    lock.unlock();
    tick_();
    if (is_due(ticks)) {
      const Result<void> done = checkpoint();
      if (!done) log::error("checkpoint_failed", {{"error", done.error().text}});
    }
    lock.lock();
  }
}

}  // namespace ferry::store
