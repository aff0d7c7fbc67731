#include "store/applier.h"

#include "base/log.h"

namespace ferry::store {
namespace {

constexpr Duration kRetryInterval{1'000};

}  // namespace

Applier::Applier(Tail& tail, SqliteTables& tables, Options options, Metrics& metrics)
    : tail_(tail), tables_(tables), options_(std::move(options)), metrics_(metrics) {}

Applier::~Applier() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  if (!thread_.joinable()) return;
  thread_.join();
  // What fails now is in the journal, and replayed by the next start.
  (void)apply_until([this] { return !has_rows(); });
}

void Applier::start() {
  if (options_.own_thread) thread_ = std::thread([this] { run(); });
}

void Applier::rows_arrived() {
  const std::lock_guard lock(mutex_);
  if (waiting_) wake_.notify_one();
}

Result<std::size_t> Applier::apply_oldest() {
  const std::lock_guard lock(apply_mutex_);
  const std::shared_ptr<const CommitRun> run = tail_.oldest();
  if (run == nullptr) return 0;
  RETURN_IF_ERROR(tables_.apply(*run));
  tail_.drop_oldest();
  return run->operations();
}

void Applier::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    const std::int64_t waiting_since = gather(lock);
    if (stopping_) return;
    lock.unlock();
    const Result<std::size_t> applied = apply_oldest();
    lock.lock();
    note(applied, waiting_since);
    if (!applied) wake_.wait_for(lock, kRetryInterval, [this] { return stopping_; });
  }
}

// Returns when there is something to apply and it has waited for company, or when stopping.
std::int64_t Applier::gather(std::unique_lock<std::mutex>& lock) {
  waiting_ = true;
  wake_.wait(lock, [this] { return stopping_ || has_rows(); });
  const std::int64_t waiting_since = now_micros();
  wake_.wait_for(lock, options_.interval,
                 [this] { return stopping_ || waiters_ > 0 || tail_.has_full_run(); });
  waiting_ = false;
  return waiting_since;
}

void Applier::note(const Result<std::size_t>& applied, std::int64_t waiting_since) {
  metrics_.applier_lag_positions.set(
      static_cast<std::int64_t>(tail_.position() - tables_.applied()));
  metrics_.applier_lag_ms.set((now_micros() - waiting_since) / 1'000);
  metrics_.tail_bytes.set(static_cast<std::int64_t>(tail_.bytes()));
  failure_.reset();
  if (!applied) {
    failure_ = applied.error();
    log::error("apply_failed", {{"error", applied.error().text},
                                {"position", static_cast<std::uint64_t>(tables_.applied())}});
  }
  applied_.notify_all();
}

Result<void> Applier::wait_for_room() {
  if (tail_.bytes() <= options_.tail_bytes_max) return {};
  const Result<void> room = wait_until([this] { return tail_.bytes() <= options_.tail_bytes_max; });
  if (room) return {};
  return fail(ErrorCode::kDiskFull,
              "the tables do not take what is committed: " + room.error().text);
}

Result<void> Applier::reach(Position position) {
  if (tables_.applied() >= position) return {};
  return wait_until([this, position] { return tables_.applied() >= position; });
}

Result<void> Applier::wait_until(const std::function<bool()>& reached) {
  if (!options_.own_thread) return apply_until(reached);
  std::unique_lock lock(mutex_);
  ++waiters_;
  wake_.notify_one();
  applied_.wait(lock, [&] { return reached() || failure_ || stopping_; });
  --waiters_;
  if (reached()) return {};
  if (failure_) return std::unexpected(*failure_);
  return fail(ErrorCode::kStopping, "the store is closing");
}

Result<void> Applier::apply_until(const std::function<bool()>& reached) {
  while (!reached()) {
    const Result<bool> more = apply_some(1);
    if (!more) return std::unexpected(more.error());
    if (!*more) break;
  }
  return {};
}

Result<bool> Applier::apply_some(std::size_t rows_max) {
  const std::int64_t began = now_micros();
  std::size_t rows = 0;
  do {
    const Result<std::size_t> applied = apply_oldest();
    {
      const std::lock_guard lock(mutex_);
      note(applied, began);
    }
    if (!applied) return std::unexpected(applied.error());
    if (*applied == 0) return false;
    rows += *applied;
  } while (rows < rows_max);
  return true;
}

bool Applier::failing() const {
  const std::lock_guard lock(mutex_);
  return failure_.has_value();
}

}  // namespace ferry::store
