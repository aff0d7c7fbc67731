#include "http/running_request.h"

#include <algorithm>
#include <utility>

namespace ferry::http {

namespace {

// Keeps sums of times within their type; no attempt lasts longer (contract section 5.4: 7200 s).
constexpr Duration kTimeoutMax = std::chrono::hours(24 * 30);

std::string_view text_of(RunningRequest::Phase phase) {
  switch (phase) {
    case RunningRequest::Phase::kResolving:
      return "resolving the host name";
    case RunningRequest::Phase::kConnecting:
      return "connecting";
    case RunningRequest::Phase::kTunnel:
      return "waiting for the proxy's tunnel";
    case RunningRequest::Phase::kTls:
      return "in the TLS handshake";
    case RunningRequest::Phase::kWaiting:
      return "waiting for the response";
    case RunningRequest::Phase::kReading:
      return "reading the response body";
  }
  std::unreachable();
}

}  // namespace

RunningRequest::RunningRequest(DeadlineWheel& wheel, Duration timeout)
    : wheel_(wheel),
      deadline_([this] { cut(Cause::kTimedOut); }),
      cut_point_([this] { cut(Cause::kCut); }),
      begin_(std::chrono::steady_clock::now()),
      end_(begin_ + std::clamp(timeout, Duration(0), kTimeoutMax)),
      limit_(end_) {}

// A write that is still under way holds the connection too, so letting go of it is not enough.
RunningRequest::~RunningRequest() {
  if (connection_) connection_->close();
}

void RunningRequest::limit(SteadyTime at) {
  limit_ = std::min(at, end_);
  wheel_.arm(deadline_, limit_);
}

void RunningRequest::forgive() {
  if (cause_ == Cause::kTimedOut && limit_ < end_) cause_ = Cause::kNone;
}

void RunningRequest::stop() { cut(Cause::kStopped); }

void RunningRequest::obey(Cut* cut) {
  if (cut != nullptr) cut->add(cut_point_);
}

void RunningRequest::cut(Cause cause) {
  cause_ = cause;
  if (connection_) connection_->close();
  if (wait_ != nullptr) wait_->wake();
}

Awaitable<void> RunningRequest::pause(Duration duration) {
  if (cut_short()) co_return;
  OneShot woken;
  Deadline end([&woken] { woken.wake(); });
  wheel_.arm(end, std::chrono::steady_clock::now() + duration);
  wait_on(&woken);
  co_await woken.wait();
  wait_on(nullptr);
}

Error RunningRequest::error() const {
  if (cause_ == Cause::kStopped)
    return {ErrorCode::kStopping, std::string(error_info(ErrorCode::kStopping).text)};
  if (cause_ == Cause::kCut)
    return {ErrorCode::kCut, std::string(error_info(ErrorCode::kCut).text)};
  const auto allowed = std::chrono::floor<Duration>(limit_ - begin_);
  return {ErrorCode::kTimedOut,
          "timed out after " + format_duration(allowed) + ", " + std::string(text_of(phase_))};
}

void RunningRequest::use(std::shared_ptr<Connection> connection) {
  connection_ = std::move(connection);
}

}  // namespace ferry::http
