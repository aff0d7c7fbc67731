#include "dispatch/dispatcher.h"

#include <boost/asio/co_spawn.hpp>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "base/random.h"
#include "dispatch/outcome_classifier.h"
#include "dispatch/own_lack_pause.h"
#include "dispatch/request_builder.h"
#include "dispatch/request_signing.h"
#include "dispatch/signer.h"

namespace ferry::dispatch {

struct Dispatcher::State {
  asio::io_context& io;
  http::Client& client;
  FunctionCaller& functions;
  Pushes& pushes;
  StoredBodies& bodies;
  IdCodec ids;
  Options options;
  Clock clock;
  Report report;
  Metrics& metrics;
  Signer signer;
  OwnLackPause pause;
  TenantCatalogPtr catalog;
  std::unique_ptr<http::Link> running =
      std::make_unique<http::Link>();  // every RunningAttempt that was not cut
  std::uint32_t in_flight = 0;         // how many those are
  std::uint32_t coroutines = 0;        // those that were cut and have not ended yet included
  bool stopping = false;
  std::function<void()> stopped;
};

namespace {

// An attempt from its start to the end of its coroutine, which owns it.
struct RunningAttempt : http::Link {
  RunningAttempt(Dispatcher::State& of, engine::StartAttempt started)
      : state(of), attempt(std::move(started)) {
    join(*state.running);
    ++state.in_flight;
  }
  ~RunningAttempt() { leave(); }

  // Gives its place back.
  void leave() {
    if (!std::exchange(counts, false)) return;
    unlink();
    --state.in_flight;
  }

  Dispatcher::State& state;
  engine::StartAttempt attempt;
  http::Cut cut;
  bool counts = true;
};

// The place is free at once; the coroutine ends in the next turns of the event loop.
void cut_attempt(RunningAttempt& running) {
  running.leave();
  running.cut.cut();
}

void report_address(const RunningAttempt& running, const std::string& ip) {
  running.state.report(engine::AttemptAddress{.delivery = running.attempt.delivery.id,
                                              .attempt = running.attempt.delivery.retried,
                                              .start = running.attempt.start,
                                              .address = ip});
}

http::Asker asker_of(RunningAttempt& running) {
  return {.share_key = static_cast<std::uint64_t>(running.attempt.delivery.tenant.value),
          .cut = &running.cut,
          .connecting = [&running](const std::string& ip) { report_address(running, ip); }};
}

// Of one attempt, by the quota of its tenant.
Duration timeout_max_of(const TenantPtr& tenant) {
  return tenant ? tenant->quotas.timeout_max.value_or(Duration::max()) : Duration::max();
}

// A tenant that was deleted a moment ago signs nothing; the engine ends the delivery by itself.
SigningFacts signing_facts(const RunningAttempt& running, TimePoint now) {
  const Dispatcher::State& state = running.state;
  const Delivery& delivery = running.attempt.delivery;
  TenantPtr tenant = state.catalog->find(delivery.tenant);
  const bool standard = tenant != nullptr && tenant->standard_webhooks;
  return {.tenant = std::move(tenant),
          .to = delivery.to,
          .message_id = standard ? state.ids.wire(delivery.id) : std::string(),
          .now = now};
}

http::ClientRequest request_of(RunningAttempt& running, const SigningFacts& facts,
                               Signatures signatures) {
  const Options& options = running.state.options;
  const engine::StartAttempt& attempt = running.attempt;
  auto request = build_request(
      *attempt.message, attempt.delivery, running.state.ids,
      {.region = options.region,
       .signature = std::move(signatures.jwt),
       .standard_signature = std::move(signatures.standard),
       .signed_at = facts.now,
       .timeout_max = std::min(options.attempt_timeout_max, timeout_max_of(facts.tenant)),
       .response_bytes_max = options.response_bytes_max});
  request.asker = asker_of(running);
  return request;
}

// One wide line for each attempt; the URL's query may hold secrets and is left out.
void log_attempt(const Dispatcher::State& state, const engine::StartAttempt& attempt,
                 const Outcome& outcome) {
  if (!log::enabled(log::Level::kInfo)) return;
  const Message& message = *attempt.message;
  const std::string& url = attempt.delivery.to->target.url;
  log::info("attempt", {{"message_id", state.ids.wire(attempt.delivery.id)},
                        {"tenant", message.tenant.value},
                        {"url", std::string_view(url).substr(0, url.find('?'))},
                        {"attempt", attempt.delivery.retried},
                        {"delivered", outcome.kind == OutcomeKind::kDelivered},
                        {"status", outcome.response ? outcome.response->status : 0},
                        {"error", outcome.error},
                        {"ms", (outcome.ended_at - outcome.started_at).count()},
                        {"trace", message.trace_context}});
}

engine::RecordOutcome make_record(const Dispatcher::State& state,
                                  const engine::StartAttempt& attempt, Outcome outcome) {
  engine::RecordOutcome record{.delivery = attempt.delivery.id,
                               .attempt = attempt.delivery.retried,
                               .start = attempt.start,
                               .outcome = std::move(outcome),
                               .hooks = {}};
  const Verdict verdict =
      judge(*attempt.message, attempt.delivery, record.outcome, state.options.retry);
  for (const HookKind kind : hooks_for(*attempt.message, verdict)) {
    record.hooks.push_back(render_hook(kind, *attempt.message, attempt.delivery, record.outcome,
                                       state.ids, state.options.hooks));
  }
  return record;
}

// Results of what follows: an error says that there was no attempt, for a lack of the server's own
// or because it was cut. The running attempt outlives the coroutines.

bool is_no_attempt(const Error& error) { return is_own_lack(error.code) || is_unreadable(error); }

Awaitable<Result<Outcome>> call_url(RunningAttempt& running, TimePoint started_at) {
  Dispatcher::State& state = running.state;
  const SigningFacts facts = signing_facts(running, started_at);
  auto answer = co_await state.client.send(request_of(
      running, facts, sign_request(state.signer, facts, running.attempt.message->body.view())));
  if (!answer && is_no_attempt(answer.error())) co_return std::unexpected(answer.error());
  co_return classify(std::move(answer), started_at, state.clock());
}

// The same with a body that is read while it is sent.
Awaitable<Result<Outcome>> call_url_with_stored_body(RunningAttempt& running,
                                                     TimePoint started_at) {
  Dispatcher::State& state = running.state;
  const MessagePtr message = running.attempt.message;
  const SigningFacts facts = signing_facts(running, started_at);
  CO_ASSIGN_OR_RETURN(Signatures signatures,
                      co_await sign_stored_request(state.signer, state.bodies, facts, message));
  auto request = request_of(running, facts, std::move(signatures));
  request.source = state.bodies.source(message);
  auto answer = co_await state.client.send(std::move(request));
  if (!answer && is_no_attempt(answer.error())) co_return std::unexpected(answer.error());
  co_return classify(std::move(answer), started_at, state.clock());
}

// The age counts until the event is taken for execution (Function Compute contract section 1.3).
bool is_expired(const Message& message, TimePoint now) {
  return now > message.created_at + message.invocation->event_age_max;
}

Awaitable<Result<Outcome>> call_function(RunningAttempt& running, TimePoint started_at) {
  Dispatcher::State& state = running.state;
  const Delivery& delivery = running.attempt.delivery;
  if (is_expired(*running.attempt.message, started_at)) {
    co_return expired_outcome(*running.attempt.message->invocation, started_at);
  }
  CO_ASSIGN_OR_RETURN(const MessagePtr whole, co_await state.bodies.whole(running.attempt.message));
  const Message& message = *whole;
  const TenantPtr tenant = state.catalog->find(delivery.tenant);
  const std::string& url = delivery.to->target.url;
  co_return co_await state.functions.call(
      {.endpoint = url.substr(0, url.rfind("/invoke")),
       .account = tenant ? tenant->name : std::string(),
       .invocation = message.invocation,
       .event = message.body,
       .timeout =
           std::min({message.timeout, state.options.attempt_timeout_max, timeout_max_of(tenant)}),
       .retry_count = delivery.retried,
       .trace_context = message.trace_context},
      asker_of(running));
}

// After a long stop of the server, too, no push starts once its budget is spent.
bool is_spent(const Delivery& delivery, const RetrySettings& retry, TimePoint now) {
  return delivery.first_attempt_at && now > *delivery.first_attempt_at + retry.push_budget;
}

// Unsigned for a tenant that was deleted a moment ago; the engine ends the push by itself.
PushSigning signing_of(const TenantPtr& tenant) {
  if (!tenant) return {};
  return {.key = tenant->signing_key_current, .standard = tenant->standard_webhooks};
}

Awaitable<Result<Outcome>> push(RunningAttempt& running, TimePoint started_at) {
  Dispatcher::State& state = running.state;
  engine::StartAttempt attempt = running.attempt;
  Result<Outcome> outcome;
  if (is_spent(attempt.delivery, state.options.retry, started_at)) {
    outcome->kind = OutcomeKind::kNonRetryable;
    outcome->error = "the time for retries was over before this attempt could start";
  } else {
    CO_ASSIGN_OR_RETURN(attempt.message, co_await state.bodies.whole(attempt.message));
    PushSigning signing = signing_of(state.catalog->find(attempt.delivery.tenant));
    outcome =
        co_await state.pushes.send(attempt, std::move(signing), asker_of(running), started_at);
  }
  if (!outcome) co_return outcome;
  outcome->started_at = started_at;
  outcome->ended_at = state.clock();
  co_return outcome;
}

Awaitable<Result<Outcome>> carry_out(RunningAttempt& running, TimePoint started_at) {
  switch (running.attempt.delivery.to->target.kind) {
    case TargetKind::kHttp:
      if (!is_body_stored(*running.attempt.message)) return call_url(running, started_at);
      return call_url_with_stored_body(running, started_at);
    case TargetKind::kFunction:
      return call_function(running, started_at);
    case TargetKind::kPush:
      break;
  }
  return push(running, started_at);
}

void report_not_started(Dispatcher::State& state, const engine::StartAttempt& attempt,
                        const Error& error) {
  const engine::NotStartedReason reason = not_started_reason(error.code);
  log::info("attempt_not_started", {{"message_id", state.ids.wire(attempt.delivery.id)},
                                    {"tenant", attempt.delivery.tenant.value},
                                    {"error", error.text}});
  state.report(engine::NotStarted{.delivery = attempt.delivery.id,
                                  .attempt = attempt.delivery.retried,
                                  .start = attempt.start,
                                  .reason = reason,
                                  .not_before = state.pause.end_after(reason, state.clock())});
}

void report_outcome(Dispatcher::State& state, const engine::StartAttempt& attempt, Outcome outcome,
                    BodyBudget::Lease memory) {
  state.metrics.attempt_latency.observe_us(
      std::chrono::microseconds(outcome.ended_at - outcome.started_at).count());
  log_attempt(state, attempt, outcome);
  engine::RecordOutcome record = make_record(state, attempt, std::move(outcome));
  record.memory = std::move(memory);
  state.report(std::move(record));
}

bool sets_off_hooks(const Dispatcher::State& state, const engine::StartAttempt& attempt,
                    const Outcome& outcome) {
  const Verdict verdict = judge(*attempt.message, attempt.delivery, outcome, state.options.retry);
  return !hooks_for(*attempt.message, verdict).empty();
}

// A hook shows the body in base64: for a while there are both of them, and the hook's own.
constexpr std::size_t kMemoryOfHooks = 4;

// Brings the body for the hooks that the outcome sets off, and the memory for them.
Awaitable<Result<BodyBudget::Lease>> bring_body(StoredBodies& bodies,
                                                engine::StartAttempt& attempt) {
  const std::size_t bytes = kMemoryOfHooks * attempt.message->large_body->bytes;
  CO_ASSIGN_OR_RETURN(BodyBudget::Lease memory,
                      co_await bodies.reserve(attempt.delivery.tenant, bytes));
  CO_ASSIGN_OR_RETURN(attempt.message, co_await bodies.whole_within(attempt.message, memory));
  co_return memory;
}

Awaitable<void> run(std::unique_ptr<RunningAttempt> running) {
  Dispatcher::State& state = running->state;
  if (running->cut.is_cut()) co_return;
  Result<Outcome> outcome = co_await carry_out(*running, state.clock());
  BodyBudget::Lease memory;
  if (outcome && is_body_stored(*running->attempt.message) && !running->cut.is_cut() &&
      sets_off_hooks(state, running->attempt, *outcome)) {
    auto brought = co_await bring_body(state.bodies, running->attempt);
    if (brought) memory = std::move(*brought);
    if (!brought) outcome = std::unexpected(std::move(brought.error()));
  }
  running->leave();
  const bool was_cut = running->cut.is_cut();
  if (outcome || was_cut) {
    state.metrics.attempts_total.add();
    state.pause.note_end();
  }
  if (was_cut) co_return;
  if (outcome) {
    report_outcome(state, running->attempt, std::move(*outcome), std::move(memory));
  } else {
    report_not_started(state, running->attempt, outcome.error());
  }
}

void end_coroutine(Dispatcher::State& state) {
  if (--state.coroutines == 0 && state.stopped) std::exchange(state.stopped, nullptr)();
}

}  // namespace

Dispatcher::Dispatcher(asio::io_context& io, http::Client& client, FunctionCaller& functions,
                       Pushes& pushes, StoredBodies& bodies, IdCodec ids, Options options,
                       Clock clock, Report report, Metrics& metrics)
    : state_(std::make_shared<State>(State{.io = io,
                                           .client = client,
                                           .functions = functions,
                                           .pushes = pushes,
                                           .bodies = bodies,
                                           .ids = std::move(ids),
                                           .options = std::move(options),
                                           .clock = std::move(clock),
                                           .report = std::move(report),
                                           .metrics = metrics,
                                           .signer = Signer(random_seed()),
                                           .pause = OwnLackPause(random_seed()),
                                           .catalog = std::make_shared<TenantCatalog>(),
                                           .stopped = nullptr})) {}

Dispatcher::~Dispatcher() = default;

void Dispatcher::set_catalog(TenantCatalogPtr catalog) { state_->catalog = std::move(catalog); }

void Dispatcher::start(engine::StartAttempt attempt) {
  if (state_->stopping) return;
  ++state_->coroutines;
  asio::co_spawn(state_->io.get_executor(),
                 run(std::make_unique<RunningAttempt>(*state_, std::move(attempt))),
                 [state = state_](std::exception_ptr unexpected) {
                   CHECK(unexpected == nullptr);
                   end_coroutine(*state);
                 });
}

void Dispatcher::cut(const engine::CutAttempt& attempt) {
  for (http::Link* link = state_->running->next(); link != state_->running.get();
       link = link->next()) {
    auto& running = static_cast<RunningAttempt&>(*link);
    const engine::StartAttempt& started = running.attempt;
    if (started.start == attempt.start && started.delivery.id == attempt.delivery) {
      return cut_attempt(running);
    }
  }
}

std::uint32_t Dispatcher::in_flight() const { return state_->in_flight; }

void Dispatcher::stop(std::function<void()> stopped) {
  state_->stopping = true;
  if (state_->coroutines == 0) return stopped();
  state_->stopped = std::move(stopped);
  while (state_->running->linked()) {
    cut_attempt(static_cast<RunningAttempt&>(*state_->running->next()));
  }
}

}  // namespace ferry::dispatch
