#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "app/clock.h"
#include "app/engine_host.h"
#include "app/io_thread.h"
#include "app/settings.h"
#include "base/metrics.h"
#include "http/blocking_pool.h"
#include "store/embedded_store.h"

namespace ferry::app {

// The whole server of one process, and the only place that constructs its parts. Start order:
// store, engine (recovered), I/O threads, listening. Stop order: the other way round. One owner
// thread (main).
class Server {
 public:
  explicit Server(Settings settings);
  ~Server();

  // Opens the store, recovers, listens. Errors are fit to be shown to the operator.
  Result<void> start();

  // Refuses new calls and attempts, lets running ones end for up to drain_timeout, closes the
  // store. What was cut off stays due.
  void stop();

  std::uint16_t port() const;
  void reload_tls();

  // Runs a command of the operator and waits for its answer; any thread but the server's own.
  template <class C>
  engine::Answer call(C command) {
    const std::lock_guard one_at_a_time(call_mutex_);
    command.reply = engine::ReplyTo{.io_thread = operator_thread(), .slot = ++last_call_};
    return wait_for_answer(std::move(command));
  }

  // The tenants, with every change that was answered; any thread.
  TenantCatalogPtr catalog() const;

  store::Store& store() { return *store_; }
  store::EmbeddedStore* embedded() { return embedded_; }  // null: ephemeral
  Metrics& metrics() { return metrics_; }
  Clock& clock() { return clock_; }
  const Settings& settings() const { return settings_; }
  const IdCodec& ids() const { return *ids_; }

 private:
  Result<void> open_store();
  Result<void> start_threads(const TenantCatalogPtr& catalog);
  void route(std::uint32_t thread, std::vector<engine::Effect> effects);
  void take_operator_effects(std::vector<engine::Effect> effects);
  void fail_waiting(const Error& error);
  // The number of "I/O thread" that replies to the operator are addressed to: one past the real
  // ones.
  std::uint32_t operator_thread() const { return static_cast<std::uint32_t>(io_threads_.size()); }
  engine::Answer wait_for_answer(engine::Command command);

  Settings settings_;
  Clock clock_;
  Metrics metrics_;
  std::unique_ptr<store::Store> store_;
  store::EmbeddedStore* embedded_ = nullptr;
  std::shared_ptr<const IdCodec> ids_;
  std::string lineage_key_;
  std::unique_ptr<http::BlockingPool> readers_;
  std::unique_ptr<http::BlockingPool> body_readers_;
  std::unique_ptr<EngineHost> host_;
  std::vector<std::unique_ptr<IoThread>> io_threads_;
  std::atomic<bool> ready_{false};
  bool running_ = false;  // threads run, so stopping them is orderly
  bool stopped_ = false;

  // The operator's calls, one at a time. A call that failed may be answered late: its number tells.
  std::mutex call_mutex_;
  std::uint64_t last_call_ = 0;
  mutable std::mutex answer_mutex_;  // guards what follows
  std::condition_variable answered_;
  std::uint64_t waiting_call_ = 0;  // 0: none
  std::optional<engine::Answer> answer_;
  TenantCatalogPtr catalog_;
};

}  // namespace ferry::app
