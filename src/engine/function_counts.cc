#include "engine/function_counts.h"

#include "domain/push_target.h"

namespace ferry::engine {
namespace {

// Counts for one tenant under one set of labels.
class Counts {
 public:
  Counts(SeriesBook& book, TenantId tenant, SeriesLabels labels, TimePoint now)
      : book_(book), owner_(series_owner(tenant)), labels_(std::move(labels)), now_(now) {}

  void add(std::string_view name, std::int64_t n = 1) {
    book_.count(owner_, name, labels_, now_, n);
  }
  void observe(const std::string& name, Duration value) {
    book_.observe(owner_, name, labels_, now_, value);
  }
  void add(std::string_view name, std::string_view label, std::string_view value) {
    SeriesLabels labels = labels_;
    labels.emplace_back(label, value);
    book_.count(owner_, name, labels, now_);
  }

 private:
  SeriesBook& book_;
  SeriesOwner owner_;
  SeriesLabels labels_;
  TimePoint now_;
};

std::string class_of(const ResponsePtr& response) {
  if (!response || response->status == 0) return "none";
  return std::to_string(response->status / 100) + "xx";
}

void count_attempt(Counts& counts, const Message& message, const Delivery& delivery,
                   const Outcome& outcome) {
  counts.add("fc_invocations_total", "mode", "async");
  counts.add("fc_endpoint_responses_total", "class", class_of(outcome.response));
  counts.observe("fc_invocation_duration_seconds", outcome.ended_at - outcome.started_at);
  if (outcome.kind == OutcomeKind::kFailed) counts.add("fc_function_errors_total");
  if (delivery.retried > 0) return;
  const TimePoint wanted = std::max(message.created_at, delivery.not_before);
  counts.observe("fc_async_queue_latency_seconds", outcome.started_at - wanted);
}

void count_invocation(Counts& counts, const Held& held, const Outcome& outcome,
                      const Verdict& verdict) {
  const bool expired = outcome.condition == "EventAgeExceeded";
  if (outcome.kind == OutcomeKind::kThrottled) {
    counts.add("fc_throttles_total", "kind", "endpoint");
  } else if (!expired) {
    count_attempt(counts, *held.message, held.delivery, outcome);
  }
  if (verdict.step == NextStep::kRetry) return;
  counts.add("fc_async_dequeued_total");
  if (expired) counts.add("fc_async_expired_total");
  if (verdict.step == NextStep::kDead && outcome.record_status >= 500 && !expired) {
    counts.add("fc_server_errors_total");
  }
}

std::string destination_type(const std::string& text) {
  const auto target = parse_push_target(text);
  return target ? std::string(push_kind_name(target->kind)) : "unknown";
}

std::string_view reason_of(const Outcome& outcome) {
  if (outcome.kind == OutcomeKind::kFailed) return "retries_exhausted";
  if (!outcome.response) return "refused";
  if (outcome.response->status == 413) return "too_large";
  return outcome.error.starts_with("recursion_detected") ? "recursion" : "refused";
}

SeriesLabels destination_labels(const PushOrigin& origin, const std::string& to) {
  SeriesLabels labels = function_labels(origin.service, origin.function, origin.qualifier);
  labels.emplace_back("destination_type", destination_type(to));
  labels.emplace_back("outcome", origin.success ? "success" : "failure");
  return labels;
}

void count_push(Counts& counts, const Outcome& outcome, const Verdict& verdict) {
  counts.add("fc_destination_attempts_total");
  if (verdict.step == NextStep::kDelivered) counts.add("fc_destination_succeeded_total");
  if (verdict.step != NextStep::kDead) return;
  counts.add("fc_destination_errors_total", "reason", reason_of(outcome));
}

}  // namespace

SeriesLabels function_labels(const std::string& service, const std::string& function,
                             const std::string& qualifier) {
  return {{"service", service}, {"function", function}, {"qualifier", qualifier}};
}

void count_function(Engine::State& state, TimePoint now, const Held& held, const Outcome& outcome,
                    const Verdict& verdict) {
  const Message& message = *held.message;
  if (const Invocation* of = message.invocation.get()) {
    Counts counts(state.metrics.series, message.tenant,
                  function_labels(of->service, of->function, of->qualifier), now);
    count_invocation(counts, held, outcome, verdict);
  } else if (message.push) {
    Counts counts(state.metrics.series, message.tenant,
                  destination_labels(*message.push, held.delivery.to->target.url), now);
    count_push(counts, outcome, verdict);
  }
}

}  // namespace ferry::engine
