#include "app/io_thread.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "app/metrics_listener.h"
#include "base/log.h"
#include "base/random.h"
#include "dispatch/senders/senders.h"

namespace ferry::app {
namespace {

http::ClientOptions client_options(const IoThread::Parts& parts) {
  const Settings& settings = parts.settings;
  return {.connect_timeout = settings.connect_timeout,
          .idle_per_host_max = settings.host_in_flight_max,
          .ca_file = settings.ca_file,
          .proxy = settings.proxy,
          .connect_to = settings.connect_to,
          .guard = {.allow_all = settings.allow_private_targets,
                    .allowed_cidrs = settings.allowed_cidrs},
          .shared_addresses = settings.shared_addresses,
          .names = settings.names,
          .answers = parts.answers};
}

api::ApiDestinations api_destinations(const Settings& settings) {
  api::ApiDestinations made;
  for (const auto& [name, url] : settings.api_destinations) made[name].url = url;
  for (const auto& [key, value] : settings.api_destination_headers) {
    const std::size_t slash = key.find('/');
    const auto known = made.find(key.substr(0, slash));
    if (known != made.end()) known->second.headers.add(key.substr(slash + 1), value);
  }
  return made;
}

dispatch::Options dispatch_options(const Settings& settings) {
  return {.region = settings.region,
          .attempt_timeout_max = settings.attempt_timeout_max,
          .response_bytes_max = settings.response_bytes_max,
          .retry = retry_settings(settings),
          .hooks = {.misspelled_source_id = settings.compat_misspelled_source_id,
                    .seed_forms = settings.compat_seed,
                    .records = {.seed_status = settings.compat_seed},
                    .api_names = api::api_names_of(api_destinations(settings)),
                    .body_bytes_max = settings.body_bytes_max}};
}

dispatch::FunctionCallerOptions caller_options(const IoThread::Parts& parts) {
  return {.region = parts.settings.function_region,
          .lineage_key = parts.lineage_key,
          .response_bytes_max = parts.settings.response_bytes_max};
}

dispatch::PushOptions push_options(const IoThread::Parts& parts) {
  return {.connections = parts.settings.connections,
          .lineage_key = parts.lineage_key,
          .timeout = parts.settings.push_timeout};
}

api::Options api_options(const IoThread::Parts& parts) {
  const Settings& settings = parts.settings;
  api::Options options;
  options.function_region = settings.function_region;
  options.loop_reject = settings.function_loop_reject;
  options.lineage_key = parts.lineage_key;
  options.body_bytes_max = settings.body_bytes_max;
  options.batch_bytes_max = settings.batch_bytes_max;
  options.delay_max = settings.delay_max;
  options.retries_max = settings.retries_max;
  options.finished_visible = settings.finished_visible;
  options.trusted_proxies = settings.trusted_proxies;
  options.allow_loopback_targets = settings.allow_private_targets;
  options.allowed_cidrs = settings.allowed_cidrs;
  options.metrics_token = settings.metrics_token;
  options.default_retries = settings.default_retries;
  options.api_destinations = api_destinations(settings);
  return options;
}

// Synchronous calls hold their share of places while they run.
Awaitable<Result<Outcome>> call_in_share(dispatch::CallShares& calls,
                                         dispatch::FunctionCaller& functions, FunctionCall call,
                                         http::Asker asker) {
  CO_ASSIGN_OR_RETURN(const auto place, calls.take(asker.share_key, call.endpoint));
  Result<Outcome> outcome = co_await functions.call(std::move(call), std::move(asker));
  if (outcome) place->note_answer();
  co_return outcome;
}

Awaitable<Result<Bytes>> read_body(store::Store& store, http::BlockingPool& readers, MessageId id,
                                   std::uint64_t offset, std::size_t bytes_max) {
  Result<Bytes> piece = fail(ErrorCode::kInternal);
  co_await readers.run([&] { piece = store.read_body(id, offset, bytes_max); });
  co_return piece;
}

// The part of the memory for bodies that running attempts read into; the engine has the rest.
std::size_t stored_bodies_memory(const IoThread::Parts& parts) {
  return bodies_memory(parts.settings).attempts / parts.io_threads;
}

}  // namespace

IoThread::IoThread(const Parts& parts)
    : metrics_(parts.metrics), names_(parts.settings.names), calls_(parts.calls) {}
IoThread::~IoThread() { join(); }

Result<std::unique_ptr<IoThread>> IoThread::make(const Parts& parts,
                                                 const http::ServerOptions& listen,
                                                 TenantCatalogPtr catalog) {
  std::unique_ptr<IoThread> self(new IoThread(parts));
  const Settings& settings = parts.settings;
  const auto clock = [&time = parts.clock] { return time.now(); };
  ASSIGN_OR_RETURN(self->client_,
                   http::PooledClient::make(self->io_, client_options(parts), parts.metrics));
  http::ClientOptions trusted = client_options(parts);
  trusted.guard.allow_all = true;
  ASSIGN_OR_RETURN(self->operator_client_,
                   http::PooledClient::make(self->io_, std::move(trusted), parts.metrics));
  self->link_ = std::make_unique<api::EngineLink>(self->io_, parts.index, parts.inbox,
                                                  settings.accept_wait, parts.metrics);
  self->functions_ = std::make_unique<dispatch::FunctionCaller>(self->io_, *self->client_,
                                                                caller_options(parts), clock);
  self->pushes_ = std::make_unique<dispatch::Pushes>(
      push_options(parts), *parts.ids, self->make_sender(),
      [&link = *self->link_](engine::Invoke invoke) { return link.call(std::move(invoke)); },
      random_seed());
  self->api_ = std::make_unique<api::Api>(
      api::Context{.engine = *self->link_,
                   .store = parts.store,
                   .readers = parts.readers,
                   .metrics = parts.metrics,
                   .clock = clock,
                   .ready = parts.ready,
                   .ids = parts.ids,
                   .call_function = self->call_function(),
                   .options = api_options(parts),
                   .nonces = parts.nonces,
                   .answers = listen.budgets ? listen.budgets->answers : nullptr});
  self->api_->set_catalog(catalog);
  self->bodies_ = std::make_unique<dispatch::StoredBodies>(
      self->io_,
      [&store = parts.store, &readers = parts.body_readers](MessageId id, std::uint64_t offset,
                                                            std::size_t bytes_max) {
        return read_body(store, readers, id, offset, bytes_max);
      },
      stored_bodies_memory(parts));
  self->dispatcher_ = std::make_unique<dispatch::Dispatcher>(
      self->io_, *self->client_, *self->functions_, *self->pushes_, *self->bodies_, *parts.ids,
      dispatch_options(settings), clock,
      [&inbox = parts.inbox](engine::Command command) { inbox.push_always(std::move(command)); },
      parts.metrics);
  self->dispatcher_->set_catalog(std::move(catalog));
  ASSIGN_OR_RETURN(self->server_,
                   http::Server::listen(self->io_, self->with_proxies(listen), self->admit(),
                                        self->handle(), parts.metrics));
  return self;
}

dispatch::MakeSender IoThread::make_sender() {
  return [this](const dispatch::Connection& connection) {
    return dispatch::make_sender({.io = io_,
                                  .client = *client_,
                                  .operator_client = *operator_client_,
                                  .metrics = metrics_,
                                  .seed = random_seed(),
                                  .names = names_},
                                 connection);
  };
}

api::CallFunction IoThread::call_function() {
  return [this](FunctionCall call, http::Asker asker) {
    return call_in_share(*calls_, *functions_, std::move(call), std::move(asker));
  };
}

http::ServerOptions IoThread::with_proxies(http::ServerOptions listen) const {
  if (api_->trusts_proxies()) {
    listen.is_trusted_proxy = [&api = *api_](std::string_view ip) {
      return api.is_trusted_proxy(ip);
    };
  }
  return listen;
}

http::Server::Admit IoThread::admit() {
  return [this](const http::RequestHead& head) { return api_->admit(head); };
}

http::Server::Handle IoThread::handle() {
  return [this](http::Request request) { return api_->handle(std::move(request)); };
}

void IoThread::run() {
  work_ = std::make_unique<asio::executor_work_guard<Executor>>(io_.get_executor());
  thread_ = std::thread([this] { io_.run(); });
}

void IoThread::carry_out(std::vector<engine::Effect> effects) {
  for (engine::Effect& effect : effects) {
    if (auto* reply = std::get_if<engine::Reply>(&effect)) {
      link_->complete(std::move(*reply));
    } else if (auto* start = std::get_if<engine::StartAttempt>(&effect)) {
      dispatcher_->start(std::move(*start));
    } else if (auto* cut = std::get_if<engine::CutAttempt>(&effect)) {
      dispatcher_->cut(*cut);
    } else if (auto* changed = std::get_if<engine::CatalogChanged>(&effect)) {
      api_->set_catalog(changed->catalog);
      dispatcher_->set_catalog(changed->catalog);
    } else if (auto* usage = std::get_if<engine::UsageChanged>(&effect)) {
      api_->set_usage(usage->tenant, usage->usage);
    }
  }
}

void IoThread::reload_tls() {
  if (auto reloaded = server_->reload_tls(); !reloaded) {
    log::error("tls_reload_failed", {{"error", reloaded.error().text}});
  }
}

Result<void> IoThread::listen_also(const http::ServerOptions& listen) {
  ASSIGN_OR_RETURN(second_server_,
                   http::Server::listen(io_, with_proxies(listen), admit(), handle(), metrics_));
  return {};
}

Result<void> IoThread::listen_for_metrics(const HostAndPort& address) {
  ASSIGN_OR_RETURN(metrics_server_, app::listen_for_metrics(io_, address, metrics_));
  return {};
}

void IoThread::stop_listening(Duration grace, std::function<void()> stopped) {
  asio::post(io_, [this, grace, stopped = std::move(stopped)]() mutable {
    if (second_server_) second_server_->stop(Duration{0}, [] {});
    if (metrics_server_) metrics_server_->stop(Duration{0}, [] {});
    server_->stop(grace, std::move(stopped));
  });
}

void IoThread::stop_dispatching(std::function<void()> stopped) {
  asio::post(io_, [this, stopped = std::move(stopped)]() mutable {
    dispatcher_->stop(std::move(stopped));
    bodies_->stop();
    client_->stop();
    operator_client_->stop();
  });
}

void IoThread::join() {
  if (!thread_.joinable()) return;
  work_.reset();
  io_.stop();
  thread_.join();
}

}  // namespace ferry::app
