#include "simulation/receivers.h"

#include <charconv>

namespace ferry::simulation {
namespace {

constexpr std::string_view kUrlPrefix = "https://h";

std::size_t host_of(std::string_view url) {
  std::size_t index = 0;
  url.remove_prefix(kUrlPrefix.size());
  std::from_chars(url.data(), url.data() + url.size(), index);
  return index;
}

ResponsePtr response_of(int status) {
  return std::make_shared<const Response>(Response{
      .status = status, .headers = {}, .body = Bytes::copy("said so"), .truncated = false});
}

Outcome success() { return {.kind = OutcomeKind::kDelivered, .response = response_of(200)}; }

// What the dispatcher makes of the same answers by a function (dispatch/function_caller.h).
void as_function(Outcome& outcome) {
  if (outcome.kind == OutcomeKind::kDelivered) return;
  const bool no_room = outcome.response && outcome.response->status == 429;
  outcome.kind = no_room ? OutcomeKind::kThrottled : OutcomeKind::kFailed;
  outcome.condition = no_room ? "FunctionResourceExhausted" : "UnhandledInvocationError";
  if (no_room) outcome.record_status = 429;
}

// What Pushes makes of a function that the guard against loops keeps out (dispatch/pushes.cc). Such
// chains are long and so rare; here they end early.
Outcome stopped() {
  Outcome outcome{.kind = OutcomeKind::kNonRetryable, .error = "recursion_detected"};
  outcome.condition = kRecursionCondition;
  return outcome;
}

bool is_expired(const Message& message, TimePoint now) {
  return message.invocation && now > message.created_at + message.invocation->event_age_max;
}

Outcome failure(int status) {
  return {.kind = OutcomeKind::kFailed,
          .response = response_of(status),
          .error = "unexpected status " + std::to_string(status)};
}

}  // namespace

std::string Receivers::address_of(std::string_view url) {
  return url.starts_with(kUrlPrefix) ? "192.0.2." + std::to_string(host_of(url) / 2) : "";
}

std::string Receivers::url_of(std::size_t index) {
  return std::string(kUrlPrefix) + std::to_string(index) + ".test/in";
}

Duration Receivers::latency_of(HostKind kind) {
  switch (kind) {
    case HostKind::kSlow:
      return Duration(500 + random_.below(4'000));
    case HostKind::kDead:
      return Duration(3'000);
    case HostKind::kHung:
      return random_.one_in(3) ? Duration(random_.below(40)) : Duration(20'000);
    default:
      return Duration(random_.below(40));
  }
}

Outcome Receivers::outcome_of(HostKind kind) {
  Outcome outcome = success();
  switch (kind) {
    case HostKind::kGood:
    case HostKind::kSlow:
    case HostKind::kHung:
      break;
    case HostKind::kFlaky:
      if (random_.one_in(2)) outcome = failure(500 + static_cast<int>(random_.below(5)));
      break;
    case HostKind::kDead:
      outcome = {.kind = OutcomeKind::kFailed, .error = "timed out"};
      break;
    case HostKind::kPicky:
      if (random_.one_in(2)) outcome = failure(489);
      if (random_.one_in(2) && outcome.kind == OutcomeKind::kFailed) {
        outcome.kind = OutcomeKind::kNonRetryable;
      }
      break;
    case HostKind::kLimiter:
      if (random_.one_in(2)) {
        outcome = failure(429);
        outcome.retry_after = Duration(1'000 * random_.below(4));
      }
      break;
  }
  return outcome;
}

Receivers::Answer Receivers::answer(const engine::StartAttempt& attempt, TimePoint now) {
  const Message& message = *attempt.message;
  const std::string& url = attempt.delivery.to->target.url;
  const bool to_function = message.push && !url.starts_with(kUrlPrefix);
  const HostKind kind = to_function ? HostKind::kGood : plan_.hosts.at(host_of(url));
  Answer answer{.latency = latency_of(kind),
                .record = {.delivery = attempt.delivery.id,
                           .attempt = attempt.delivery.retried,
                           .start = attempt.start,
                           .outcome = outcome_of(kind),
                           .hooks = {}}};
  Outcome& outcome = answer.record.outcome;
  if (message.invocation) as_function(outcome);
  if (to_function && random_.one_in(8)) outcome = stopped();
  if (is_expired(message, now)) {
    outcome = {.kind = OutcomeKind::kNonRetryable, .error = "EventAgeExceeded"};
  }
  if (kind == HostKind::kHung && answer.latency >= Duration(20'000)) {
    outcome = {.kind = OutcomeKind::kFailed, .error = "timed out"};
  }
  outcome.started_at = now;
  outcome.ended_at = now + answer.latency;
  const Verdict verdict = judge(*attempt.message, attempt.delivery, outcome, plan_.options.retry);
  for (const HookKind hook : hooks_for(*attempt.message, verdict)) {
    answer.record.hooks.push_back(
        render_hook(hook, *attempt.message, attempt.delivery, outcome, codec_, {}));
  }
  return answer;
}

}  // namespace ferry::simulation
