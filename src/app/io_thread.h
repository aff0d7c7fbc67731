#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "api/api.h"
#include "api/engine_link.h"
#include "app/clock.h"
#include "app/setting_values.h"
#include "app/settings.h"
#include "dispatch/call_shares.h"
#include "dispatch/dispatcher.h"
#include "dispatch/stored_bodies.h"
#include "engine/inbox.h"
#include "http/pooled_client.h"
#include "http/server.h"

namespace ferry::app {

// One I/O thread: an event loop with a listener, the API, a client and a dispatcher of its own, so
// a connection never changes thread and nothing in here needs a lock. Constructed and destroyed by
// app::Server; everything else happens on its thread.
class IoThread {
 public:
  struct Parts {
    std::uint32_t index = 0;
    std::uint32_t io_threads = 1;  // of the server
    bool share_port = false;       // several I/O threads listen on one port
    const Settings& settings;
    engine::Inbox& inbox;
    store::Store& store;
    http::BlockingPool& readers;
    http::BlockingPool& body_readers;  // their own, so that no list delays what is being sent
    Clock& clock;
    Metrics& metrics;
    std::shared_ptr<const IdCodec> ids;
    std::string lineage_key;  // signs the chains of invocations that leave this server
    std::function<bool()> ready;
    std::shared_ptr<api::fc::NonceBook> nonces;   // of signed calls, one for all threads
    std::shared_ptr<dispatch::CallShares> calls;  // synchronous ones, likewise
    std::shared_ptr<http::ByteBudget> answers;    // of endpoints, likewise
  };

  // Opens the listener; kConnectFailed or kInvalidRequest with the reason when it cannot.
  static Result<std::unique_ptr<IoThread>> make(const Parts& parts,
                                                const http::ServerOptions& listen,
                                                TenantCatalogPtr catalog);
  ~IoThread();

  void run();  // starts the thread
  asio::io_context& io() { return io_; }
  std::uint16_t port() const { return server_->port(); }

  // On this thread: carries out effects in order.
  void carry_out(std::vector<engine::Effect> effects);
  void fail_waiting(const Error& error) { link_->fail_all(error); }
  void reload_tls();

  // Before run(): a second listener of the same API (development's log port), and one for metrics.
  Result<void> listen_also(const http::ServerOptions& listen);
  Result<void> listen_for_metrics(const HostAndPort& address);

  // Any thread; each calls back on this thread when it is done.
  void stop_listening(Duration grace, std::function<void()> stopped);
  void stop_dispatching(std::function<void()> stopped);
  // Ends the loop and joins the thread.
  void join();

 private:
  explicit IoThread(const Parts& parts);
  api::CallFunction call_function();
  dispatch::MakeSender make_sender();
  http::ServerOptions with_proxies(http::ServerOptions listen) const;
  http::Server::Admit admit();
  http::Server::Handle handle();

  asio::io_context io_{1};
  Metrics& metrics_;
  const http::NameOptions names_;
  const std::shared_ptr<dispatch::CallShares> calls_;
  std::unique_ptr<http::PooledClient> client_;
  // For connections: the operator chose their addresses, private ones among them.
  std::unique_ptr<http::PooledClient> operator_client_;
  std::unique_ptr<api::EngineLink> link_;
  std::unique_ptr<api::Api> api_;
  std::unique_ptr<dispatch::FunctionCaller> functions_;
  std::unique_ptr<dispatch::Pushes> pushes_;
  std::unique_ptr<dispatch::StoredBodies> bodies_;
  std::unique_ptr<dispatch::Dispatcher> dispatcher_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<http::Server> second_server_;
  std::unique_ptr<http::Server> metrics_server_;
  std::unique_ptr<asio::executor_work_guard<Executor>> work_;
  std::thread thread_;
};

}  // namespace ferry::app
