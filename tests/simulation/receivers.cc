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

Outcome failure(int status) {
  return {.kind = OutcomeKind::kFailed,
          .response = response_of(status),
          .error = "unexpected status " + std::to_string(status)};
}

}  // namespace

std::string Receivers::url_of(std::size_t index) {
  return std::string(kUrlPrefix) + std::to_string(index) + ".test/in";
}

Duration Receivers::latency_of(HostKind kind) {
  switch (kind) {
    case HostKind::kSlow:
      return Duration(500 + random_.below(4'000));
    case HostKind::kDead:
      return Duration(3'000);
    default:
      return Duration(random_.below(40));
  }
}

Outcome Receivers::outcome_of(HostKind kind) {
  Outcome outcome = success();
  switch (kind) {
    case HostKind::kGood:
    case HostKind::kSlow:
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
  const HostKind kind = plan_.hosts.at(host_of(attempt.delivery.to->target.url));
  Answer answer{.latency = latency_of(kind),
                .record = {.delivery = attempt.delivery.id,
                           .attempt = attempt.delivery.retried,
                           .outcome = outcome_of(kind),
                           .hooks = {}}};
  Outcome& outcome = answer.record.outcome;
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
