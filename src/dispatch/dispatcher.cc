#include "dispatch/dispatcher.h"

#include <boost/asio/co_spawn.hpp>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "base/random.h"
#include "dispatch/outcome_classifier.h"
#include "dispatch/request_builder.h"
#include "dispatch/signer.h"

namespace ferry::dispatch {

struct Dispatcher::State {
  asio::io_context& io;
  http::Client& client;
  FunctionCaller& functions;
  Pushes& pushes;
  IdCodec ids;
  Options options;
  Clock clock;
  Report report;
  Metrics& metrics;
  Signer signer;
  TenantCatalogPtr catalog;
  std::uint32_t in_flight = 0;
  bool stopping = false;
  std::function<void()> stopped;
};

namespace {

using StatePtr = std::shared_ptr<Dispatcher::State>;

// Of one attempt, by the quota of its tenant.
Duration timeout_max_of(const TenantPtr& tenant) {
  return tenant ? tenant->quotas.timeout_max.value_or(Duration::max()) : Duration::max();
}

RequestFacts facts_of(Dispatcher::State& state, const engine::StartAttempt& attempt,
                      TimePoint now) {
  RequestFacts facts{.region = state.options.region,
                     .signature = {},
                     .standard_signature = {},
                     .signed_at = now,
                     .timeout_max = state.options.attempt_timeout_max,
                     .response_bytes_max = state.options.response_bytes_max};
  const TenantPtr tenant = state.catalog->find(attempt.delivery.tenant);
  if (!tenant) return facts;  // deleted a moment ago; the engine ends the delivery by itself
  facts.timeout_max = std::min(facts.timeout_max, timeout_max_of(tenant));
  const std::string_view body = attempt.message->body.view();
  const std::string& key = tenant->signing_key_current;
  facts.signature = state.signer.sign(key, attempt.delivery.to->target.url, body, now);
  if (tenant->standard_webhooks) {
    facts.standard_signature =
        state.signer.sign_standard(key, state.ids.wire(attempt.delivery.id), body, now);
  }
  return facts;
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

Awaitable<Outcome> call_url(StatePtr state, engine::StartAttempt attempt, TimePoint started_at) {
  auto request = build_request(*attempt.message, attempt.delivery, state->ids,
                               facts_of(*state, attempt, started_at));
  auto answer = co_await state->client.send(std::move(request));
  co_return classify(std::move(answer), started_at, state->clock());
}

// The age counts until the event is taken for execution (Function Compute contract section 1.3).
bool is_expired(const Message& message, TimePoint now) {
  return now > message.created_at + message.invocation->event_age_max;
}

Awaitable<Outcome> call_function(StatePtr state, engine::StartAttempt attempt,
                                 TimePoint started_at) {
  const Message& message = *attempt.message;
  if (is_expired(message, started_at)) co_return expired_outcome(*message.invocation, started_at);
  const TenantPtr tenant = state->catalog->find(attempt.delivery.tenant);
  const std::string& url = attempt.delivery.to->target.url;
  co_return co_await state->functions.call(
      {.endpoint = url.substr(0, url.rfind("/invoke")),
       .account = tenant ? tenant->name : std::string(),
       .invocation = message.invocation,
       .event = message.body,
       .timeout =
           std::min({message.timeout, state->options.attempt_timeout_max, timeout_max_of(tenant)}),
       .retry_count = attempt.delivery.retried,
       .trace_context = message.trace_context});
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

Awaitable<Outcome> push(StatePtr state, engine::StartAttempt attempt, TimePoint started_at) {
  Outcome outcome;
  if (is_spent(attempt.delivery, state->options.retry, started_at)) {
    outcome.kind = OutcomeKind::kNonRetryable;
    outcome.error = "the time for retries was over before this attempt could start";
  } else {
    PushSigning signing = signing_of(state->catalog->find(attempt.delivery.tenant));
    outcome = co_await state->pushes.send(std::move(attempt), std::move(signing), started_at);
  }
  outcome.started_at = started_at;
  outcome.ended_at = state->clock();
  co_return outcome;
}

Awaitable<Outcome> carry_out(StatePtr state, engine::StartAttempt attempt, TimePoint started_at) {
  switch (attempt.delivery.to->target.kind) {
    case TargetKind::kHttp:
      return call_url(std::move(state), std::move(attempt), started_at);
    case TargetKind::kFunction:
      return call_function(std::move(state), std::move(attempt), started_at);
    case TargetKind::kPush:
      break;
  }
  return push(std::move(state), std::move(attempt), started_at);
}

Awaitable<void> run(StatePtr state, engine::StartAttempt attempt) {
  const TimePoint started_at = state->clock();
  Outcome outcome = co_await carry_out(state, attempt, started_at);
  --state->in_flight;
  if (state->stopping) {
    if (state->in_flight == 0 && state->stopped) std::exchange(state->stopped, nullptr)();
    co_return;
  }
  state->metrics.attempt_latency.observe_us(
      std::chrono::microseconds(outcome.ended_at - started_at).count());
  log_attempt(*state, attempt, outcome);
  state->report(make_record(*state, attempt, std::move(outcome)));
}

}  // namespace

Dispatcher::Dispatcher(asio::io_context& io, http::Client& client, FunctionCaller& functions,
                       Pushes& pushes, IdCodec ids, Options options, Clock clock, Report report,
                       Metrics& metrics)
    : state_(std::make_shared<State>(State{.io = io,
                                           .client = client,
                                           .functions = functions,
                                           .pushes = pushes,
                                           .ids = std::move(ids),
                                           .options = std::move(options),
                                           .clock = std::move(clock),
                                           .report = std::move(report),
                                           .metrics = metrics,
                                           .signer = Signer(random_seed()),
                                           .catalog = std::make_shared<TenantCatalog>(),
                                           .stopped = nullptr})) {}

Dispatcher::~Dispatcher() = default;

void Dispatcher::set_catalog(TenantCatalogPtr catalog) { state_->catalog = std::move(catalog); }

void Dispatcher::start(engine::StartAttempt attempt) {
  if (state_->stopping) return;
  ++state_->in_flight;
  state_->metrics.attempts_total.add();
  asio::co_spawn(state_->io.get_executor(), run(state_, std::move(attempt)),
                 [](std::exception_ptr unexpected) { CHECK(unexpected == nullptr); });
}

// The attempt runs on and the engine drops its outcome.
void Dispatcher::cut(const engine::CutAttempt&) {}

std::uint32_t Dispatcher::in_flight() const { return state_->in_flight; }

void Dispatcher::stop(std::function<void()> stopped) {
  state_->stopping = true;
  if (state_->in_flight == 0) return stopped();
  state_->stopped = std::move(stopped);
}

}  // namespace ferry::dispatch
