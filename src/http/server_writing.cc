// How a connection writes answers, and ends.

#include <algorithm>
#include <exception>
#include <tuple>
#include <utility>

#include "base/log.h"
#include "http/server_connection.h"

namespace ferry::http {

namespace {

using std::chrono::steady_clock;

constexpr std::size_t kOutputKeptMax = 64u << 10;
constexpr std::size_t kLingerBytesMax = 256u << 10;
// Less than this is not counted: the kernel takes as much of every answer.
constexpr std::size_t kUncountedBytesMax = 16u << 10;

}  // namespace

void ServerConnection::answer(const ServerResponse& response) {
  closing_ |= response.close || core_->stopping;
  // When all places are taken, callers with more than their share give theirs back.
  if (core_->is_full() && is_in_book() && core_->book.count(party()) > core_->connections_share()) {
    closing_ = true;
  }
  // Where there are no chunks the end of the connection is the end of the answer.
  closing_ |= frame_.http_1_0 && response.stream.next != nullptr;
  lingers_ = closing_;
  frame_.close = closing_;
  frame_.date = core_->date;
  frame_.request_id = record_.request_id;
  const std::size_t before = output_.size();
  append_response(output_, response, frame_);

  const auto elapsed = steady_clock::now() - started_at_;
  record_.microseconds = std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count();
  record_.status = response.status;
  record_.bytes_out = output_.size() - before;
  core_->metrics.requests_total.add();
  if (response.status >= 400) core_->metrics.request_errors_total.add();
  core_->metrics.request_latency.observe_us(record_.microseconds);
  if (!has_stream(response, frame_)) log_request(record_);
}

// Sends what follows the first piece, which answer() has put into the output: each piece once the
// one before is taken.
Awaitable<void> ServerConnection::send_stream(AnswerStream stream) {
  stream_sent_ = &stream;
  bool complete = false;
  while (!complete && co_await flush()) {
    const Result<std::string> piece = co_await next_piece(stream);
    if (!piece) break;
    const std::size_t before = output_.size();
    append_piece(output_, *piece, frame_);
    record_.bytes_out += output_.size() - before;
    complete = piece->empty();
  }
  stream_sent_ = nullptr;
  if (!complete && !closing_) {
    // The peer sees that the answer has no end.
    closing_ = true;
    stream_.close();
  }
  const auto elapsed = steady_clock::now() - started_at_;
  record_.microseconds = std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count();
  log_request(record_);
}

Awaitable<Result<std::string>> ServerConnection::next_piece(AnswerStream& stream) {
  try {
    Result<std::string> piece = co_await stream.next();
    if (!piece) {
      log::warn("answer_cut", {{"request_id", record_.request_id}, {"reason", piece.error().text}});
    }
    co_return piece;
  } catch (const std::exception& exception) {
    log::error("answer_cut", {{"request_id", record_.request_id}, {"reason", exception.what()}});
  }
  co_return fail(ErrorCode::kInternal);
}

void ServerConnection::refuse(const Refusal& refusal) {
  closing_ = true;
  if (refusal.status != 0) answer(make_refusal(refusal));
}

// False when the peer cannot be reached any more.
Awaitable<bool> ServerConnection::flush() {
  if (output_.empty()) co_return true;
  boost::system::error_code error;
  std::size_t count = 0;
  std::tie(error, count) = stream_.write_now(output_);
  if (!error && count < output_.size()) {
    error = co_await write_slowly(std::string_view(output_).substr(count));
  }
  phase_ = Phase::kRunning;
  output_.clear();
  if (output_.capacity() > kOutputKeptMax) output_.shrink_to_fit();
  closing_ |= error.failed();
  co_return !error;
}

// What the peer does not take at once counts against the budget of answers, and it must take it at
// the least speed that is allowed.
Awaitable<boost::system::error_code> ServerConnection::write_slowly(std::string_view rest) {
  phase_ = Phase::kRunning;
  arm(Phase::kWrite);
  if (rest.size() > kUncountedBytesMax) {
    writing_ = core_->budgets->answers->claim_at_once(charged_party(), rest.size());
  }
  boost::system::error_code error;
  std::size_t written = 0;
  while (!rest.empty() && !error) {
    std::size_t count = 0;
    std::tie(error, count) = co_await stream_.write_some(rest);
    rest.remove_prefix(count);
    note_progress(count);
    written += count;
    if (writing_) writing_->note_progress(written);
  }
  writing_.reset();
  co_return error;
}

// An answer to a request that was not read whole would be lost in the reset that closing a socket
// with unread bytes causes, so the peer gets the end of ours first and a moment to see it (RFC 9112
// section 9.6).
Awaitable<void> ServerConnection::part() {
  if (!co_await flush()) co_return;
  arm(Phase::kLinger);
  co_await stream_.end_sending();
  std::size_t dropped = 0;
  while (lingers_ && dropped < kLingerBytesMax) {
    input_.consume(input_.data().size());
    const auto [error, count] = co_await stream_.drain_some(input_.space());
    if (error) break;
    dropped += count;
  }
}

}  // namespace ferry::http
