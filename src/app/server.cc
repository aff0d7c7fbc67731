#include "app/server.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <latch>
#include <thread>
#include <utility>

#include "api/fc/nonces.h"
#include "app/descriptor_limit.h"
#include "app/memory_budgets.h"
#include "base/check.h"
#include "base/digest.h"
#include "base/encoding.h"
#include "base/log.h"
#include "domain/tenant.h"
#include "store/memory_store.h"

namespace ferry::app {
namespace {

constexpr Duration kPollDrain{20};
constexpr std::size_t kBodyReaders = 2;

engine::Options engine_options(const Settings& settings) {
  return {.retry = retry_settings(settings),
          .defaults = {.max_retries = settings.default_retries},
          .dedup_window = settings.dedup_window,
          .dead_letter_retention = settings.dead_letter_retention,
          .delay_max = settings.delay_max,
          .retries_max = settings.retries_max,
          .in_flight_max = settings.in_flight_max,
          .host_in_flight_max = settings.host_in_flight_max,
          .slow_after = settings.slow_after,
          .window_rows_max = settings.window_rows_max,
          .window_bytes_max = bodies_memory(settings).window,
          .function_region = settings.function_region};
}

// Half for what endpoints answer, half for what callers read.
std::size_t endpoint_answer_memory(const Settings& settings) { return settings.answer_memory / 2; }

http::ServerOptions listen_options(const Settings& settings) {
  return {.host = settings.listen_host,
          .port = settings.listen_port,
          .tls_certificate_file = settings.tls_certificate_file,
          .tls_key_file = settings.tls_key_file,
          .connections_max = settings.connections_max,
          .connections_per_address_max = settings.connections_per_address_max,
          .reading_bytes_max = settings.reading_memory,
          .answer_bytes_max = settings.answer_memory - endpoint_answer_memory(settings),
          .admission_wait = settings.accept_wait};
}

std::uint32_t io_thread_count(const Settings& settings) {
  if (settings.io_threads > 0) return settings.io_threads;
  return std::max(1u, std::thread::hardware_concurrency() / 2);
}

std::vector<engine::Command> missing_development_users(const TenantCatalog& catalog) {
  std::vector<engine::Command> commands;
  for (DevelopmentUser& user : development_users()) {
    if (catalog.find(user.tenant.name)) continue;
    user.tenant.id = TenantId{};
    commands.emplace_back(engine::SaveTenant{.reply = {}, .tenant = std::move(user.tenant)});
  }
  return commands;
}

}  // namespace

Server::Server(Settings settings)
    : settings_(with_memory_budgets(std::move(settings), usable_memory())) {}

Server::~Server() { stop(); }

Result<void> Server::open_store() {
  if (settings_.ephemeral) {
    store_ = store::make_memory_store();
  } else {
    store::EmbeddedOptions options = store_options(settings_);
    options.steady_micros = &Clock::steady_micros;
    ASSIGN_OR_RETURN(auto embedded, store::EmbeddedStore::open(std::move(options), metrics_));
    embedded_ = embedded.get();
    store_ = std::move(embedded);
  }
  ASSIGN_OR_RETURN(const store::Catalog catalog, store_->catalog(clock_.now()));
  ids_ = std::make_shared<const IdCodec>(catalog.id_secret);
  // A key of its own, made of the store's secret: the same after every start, and not that secret.
  lineage_key_ = hex_encode(as_text(HmacSha256(catalog.id_secret).sign("lineage")));
  return {};
}

Result<void> Server::start() {
  DescriptorPlan descriptors = plan_descriptors(settings_, raise_descriptor_limit());
  if (!descriptors.warning.empty()) {
    log::warn("too_few_descriptors", {{"reason", descriptors.warning}});
  }
  settings_.connections_max = descriptors.connections_max;
  RETURN_IF_ERROR(open_store());
  readers_ = std::make_unique<http::BlockingPool>(settings_.reader_threads);
  body_readers_ = std::make_unique<http::BlockingPool>(kBodyReaders);
  host_ = std::make_unique<EngineHost>(*store_, engine_options(settings_),
                                       engine::Inbox::Options{.bytes_max = settings_.inbox_memory},
                                       *readers_, clock_, metrics_);
  ASSIGN_OR_RETURN(TenantCatalogPtr catalog, host_->recover());
  if (settings_.development) {
    ASSIGN_OR_RETURN(catalog, host_->prepare(missing_development_users(*catalog)));
  }
  catalog_ = catalog;  // no other thread yet
  ready_ = true;       // whoever connects is answered from the moment the threads run
  return start_threads(catalog);
}

Result<void> Server::start_threads(const TenantCatalogPtr& catalog) {
  const std::uint32_t count = io_thread_count(settings_);
  http::ServerOptions listen = listen_options(settings_);
  listen.reuse_port = count > 1;
  listen.servers = count;
  listen.budgets =
      std::make_shared<http::ServerBudgets>(listen.reading_bytes_max, listen.answer_bytes_max);
  const auto nonces = std::make_shared<api::fc::NonceBook>();
  const auto answers = http::ByteBudget::make(endpoint_answer_memory(settings_));
  const auto calls = std::make_shared<dispatch::CallShares>(
      settings_.function_calls_max, [] { return std::chrono::steady_clock::now(); });
  for (std::uint32_t index = 0; index < count; ++index) {
    const IoThread::Parts parts{.index = index,
                                .io_threads = count,
                                .settings = settings_,
                                .inbox = host_->inbox(),
                                .store = *store_,
                                .readers = *readers_,
                                .body_readers = *body_readers_,
                                .clock = clock_,
                                .metrics = metrics_,
                                .ids = ids_,
                                .lineage_key = lineage_key_,
                                .ready = [this] { return ready_.load(); },
                                .nonces = nonces,
                                .calls = calls,
                                .answers = answers};
    ASSIGN_OR_RETURN(auto thread, IoThread::make(parts, listen, catalog));
    listen.port = thread->port();
    io_threads_.push_back(std::move(thread));
  }
  if (settings_.log_port != 0) {
    http::ServerOptions log_listen = listen;
    log_listen.reuse_port = false;
    log_listen.servers = 1;
    log_listen.port = settings_.log_port;
    RETURN_IF_ERROR(io_threads_.front()->listen_also(log_listen));
  }
  if (!settings_.metrics_listen.empty()) {
    ASSIGN_OR_RETURN(const HostAndPort address, read_host_and_port({settings_.metrics_listen}));
    RETURN_IF_ERROR(io_threads_.front()->listen_for_metrics(address));
  }
  for (const auto& thread : io_threads_) thread->run();
  const EngineHosting hosting = count > 1 ? EngineHosting::kThread : settings_.engine_host;
  host_->start(
      io_threads_.front()->io(), hosting,
      {.io_threads = count,
       .to_io = [this](std::uint32_t thread,
                       std::vector<engine::Effect> effects) { route(thread, std::move(effects)); },
       .fail_waiting = [this](Error error) { fail_waiting(error); }});
  running_ = true;
  return {};
}

void Server::route(std::uint32_t thread, std::vector<engine::Effect> effects) {
  if (thread == operator_thread()) return take_operator_effects(std::move(effects));
  IoThread& io = *io_threads_.at(thread);
  if (io.io().get_executor().running_in_this_thread()) return io.carry_out(std::move(effects));
  asio::post(io.io(),
             [&io, effects = std::move(effects)]() mutable { io.carry_out(std::move(effects)); });
}

void Server::take_operator_effects(std::vector<engine::Effect> effects) {
  const std::lock_guard lock(answer_mutex_);
  for (engine::Effect& effect : effects) {
    if (auto* reply = std::get_if<engine::Reply>(&effect)) {
      if (reply->to.slot == waiting_call_) answer_ = std::move(reply->answer);
    } else if (auto* changed = std::get_if<engine::CatalogChanged>(&effect)) {
      catalog_ = changed->catalog;
    }
  }
  answered_.notify_one();
}

void Server::fail_waiting(const Error& error) {
  {
    const std::lock_guard lock(answer_mutex_);
    if (waiting_call_ != 0) answer_ = error;
    answered_.notify_one();
  }
  for (const auto& thread : io_threads_) {
    std::latch done(1);
    if (thread->io().get_executor().running_in_this_thread()) {
      thread->fail_waiting(error);
      continue;
    }
    asio::post(thread->io(), [&thread, &error, &done] {
      thread->fail_waiting(error);
      done.count_down();
    });
    done.wait();
  }
}

engine::Answer Server::wait_for_answer(engine::Command command) {
  std::unique_lock lock(answer_mutex_);
  answer_.reset();
  waiting_call_ = last_call_;
  host_->inbox().push_always(std::move(command));
  answered_.wait(lock, [this] { return answer_.has_value(); });
  waiting_call_ = 0;
  return std::move(*answer_);
}

TenantCatalogPtr Server::catalog() const {
  const std::lock_guard lock(answer_mutex_);
  return catalog_;
}

std::uint16_t Server::port() const { return io_threads_.front()->port(); }

void Server::reload_tls() {
  for (const auto& thread : io_threads_) {
    asio::post(thread->io(), [&io = *thread] { io.reload_tls(); });
  }
}

void Server::stop() {
  if (stopped_) return;
  stopped_ = true;
  ready_ = false;
  if (running_) {
    const TimePoint deadline = clock_.now() + settings_.drain_timeout;
    std::latch closed(static_cast<std::ptrdiff_t>(io_threads_.size()));
    for (const auto& thread : io_threads_) {
      thread->stop_listening(settings_.drain_timeout, [&closed] { closed.count_down(); });
    }
    host_->drain();
    closed.wait();
    while (host_->in_flight() > 0 && clock_.now() < deadline)
      std::this_thread::sleep_for(kPollDrain);
    std::latch idle(static_cast<std::ptrdiff_t>(io_threads_.size()));
    for (const auto& thread : io_threads_) {
      thread->stop_dispatching([&idle] { idle.count_down(); });
    }
    idle.wait();
    host_->stop();
  }
  body_readers_.reset();
  readers_.reset();  // answers loads into the inbox that the host still owns
  for (const auto& thread : io_threads_) thread->join();
  host_.reset();  // its timer belongs to an event loop of the threads
  io_threads_.clear();
  store_.reset();
}

}  // namespace ferry::app
