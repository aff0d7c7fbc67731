#include "dispatch/outcome_classifier.h"

#include <array>
#include <charconv>
#include <string_view>

#include "base/encoding.h"
#include "domain/limits.h"

namespace ferry::dispatch {
namespace {

constexpr std::array<std::string_view, 4> kWaitHeaders = {
    "Retry-After", "X-RateLimit-Reset", "X-RateLimit-Reset-Requests", "X-RateLimit-Reset-Tokens"};

std::optional<Duration> parse_seconds(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (seconds < 0) return Duration(-1);  // its milliseconds may not fit
  if (seconds > limits::kRetryAfterMax / std::chrono::seconds(1)) return limits::kRetryAfterMax * 2;
  return std::chrono::seconds(seconds);
}

// Seconds, an HTTP date or a Go duration.
std::optional<Duration> parse_wait(std::string_view text, TimePoint now) {
  text = trim(text);
  if (const auto seconds = parse_seconds(text)) return seconds;
  if (const auto date = parse_http_date(text)) return *date - now;
  return parse_go_duration(text);
}

bool says_never_again(const HeaderList& headers) {
  const std::string* value = headers.find("Upstash-NonRetryable-Error");
  return value != nullptr && equals_ignore_case(trim(*value), "true");
}

}  // namespace

std::optional<Duration> retry_after_of(const HeaderList& headers, TimePoint now) {
  for (const std::string_view name : kWaitHeaders) {
    const std::string* value = headers.find(name);
    if (value == nullptr) continue;
    const auto wait = parse_wait(*value, now);
    if (wait && *wait >= Duration{0} && *wait <= limits::kRetryAfterMax) return wait;
  }
  return std::nullopt;
}

Outcome classify(Result<http::ClientResponse> answer, TimePoint started_at, TimePoint ended_at) {
  Outcome outcome{.started_at = started_at, .ended_at = ended_at};
  if (!answer) {
    outcome.error = std::move(answer.error().text);
    return outcome;
  }
  const int status = answer->status;
  if (status >= 200 && status <= 299) {
    outcome.kind = OutcomeKind::kDelivered;
  } else {
    outcome.kind =
        says_never_again(answer->headers) ? OutcomeKind::kNonRetryable : OutcomeKind::kFailed;
    outcome.error = "unexpected status " + std::to_string(status);
    outcome.retry_after = retry_after_of(answer->headers, ended_at);
  }
  outcome.response =
      std::make_shared<const Response>(Response{.status = status,
                                                .headers = std::move(answer->headers),
                                                .body = std::move(answer->body),
                                                .truncated = answer->truncated});
  return outcome;
}

}  // namespace ferry::dispatch
