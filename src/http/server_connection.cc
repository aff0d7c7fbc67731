#include "http/server_connection.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <exception>
#include <tuple>
#include <utility>

#include "base/log.h"
#include "http/chunked_decoder.h"

namespace ferry::http {

namespace {

using std::chrono::steady_clock;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr Refusal kEndSilently{};
constexpr Refusal kBodyTooLarge{413, "the body is too large"};
constexpr Refusal kTooMuchToRead{503, "too many bodies are being received at once"};
constexpr Refusal kServerFull{503, "too many connections"};

// Memory for a body is committed as the body comes, not as it is announced.
constexpr std::size_t kBodyStepBytes = 256u << 10;
constexpr std::size_t kBodyBytesPerSecondMin = 1024;

// Answers to pipelined requests are gathered into one write while they take no longer than this.
constexpr std::size_t kOutputGatheredMax = 64u << 10;
constexpr std::int64_t kOutputDelayMaxUs = 1000;
constexpr std::size_t kOutputKeptMax = 64u << 10;

constexpr std::size_t kLingerBytesMax = 256u << 10;
constexpr Duration kLingerTime = std::chrono::seconds(1);

void report_crash(std::exception_ptr crash) {
  if (!crash) return;
  try {
    std::rethrow_exception(crash);
  } catch (const std::exception& exception) {
    log::error("connection_failed", {{"reason", exception.what()}});
  } catch (...) {
    log::error("connection_failed");
  }
}

}  // namespace

void ServerConnection::start(asio::io_context& io, std::shared_ptr<ServerCore> core, Socket socket,
                             Welcome welcome) {
  auto connection = std::unique_ptr<ServerConnection>(
      new ServerConnection(std::move(core), std::move(socket), welcome));
  asio::co_spawn(io.get_executor(), live(std::move(connection)), report_crash);
}

ServerConnection::ServerConnection(std::shared_ptr<ServerCore> core, Socket socket, Welcome welcome)
    : core_(std::move(core)),
      place_(core_->connections.size()),
      stream_(std::move(socket), core_->tls),
      welcome_(welcome),
      peer_ip_(stream_.peer_ip()) {
  core_->connections.push_back(this);
  core_->metrics.connections.add(1);
}

ServerConnection::~ServerConnection() {
  core_->connections.back()->place_ = place_;
  std::swap(core_->connections[place_], core_->connections.back());
  core_->connections.pop_back();
  core_->metrics.connections.add(-1);
  if (core_->connections.empty() && core_->on_last_gone) core_->on_last_gone();
}

void ServerConnection::expire_if_due(SteadyTime now) {
  if (phase_ == Phase::kRunning || now < deadline_) return;
  expired_ = true;
  const bool may_answer =
      phase_ == Phase::kIdle || phase_ == Phase::kHead || phase_ == Phase::kBody;
  may_answer ? stream_.cancel() : stream_.close();
}

void ServerConnection::close_if_idle() {
  if (phase_ == Phase::kIdle) stream_.cancel();
}

Awaitable<void> ServerConnection::live(std::unique_ptr<ServerConnection> self) {
  co_await self->run();
}

Awaitable<void> ServerConnection::run() {
  if (welcome_ == Welcome::kServerIsFull) {
    RequestHead none;
    begin_request(none, Framing());
    refuse(kServerFull);
  } else if (stream_.is_secure()) {
    arm(Phase::kHandshake);
    if (co_await stream_.handshake()) co_return;
  }
  while (!closing_) co_await serve_one();
  co_await part();
}

Awaitable<void> ServerConnection::serve_one() {
  const ServerOptions& options = core_->options;
  HeadParser parser(
      {options.target_bytes_max, options.header_bytes_max, options.header_fields_max});
  const Read<void> head = co_await read_head(parser);
  Request request{parser.take_head(), {}};
  begin_request(request.head, parser.framing());
  if (!head) co_return refuse(head.error());

  Admission admission = core_->admit(request.head);
  if (admission.refusal) {
    admission.refusal->close |= !drop_buffered_body(parser.framing());
    co_return answer(*admission.refusal);
  }
  if (parser.framing().has_body()) {
    Read<Bytes> body = co_await read_body(parser.framing(), admission.body_bytes_max);
    started_at_ = steady_clock::now();
    if (!body) co_return refuse(body.error());
    phase_ = Phase::kRunning;
    request.body = std::move(*body);
    record_.bytes_in = request.body.size();
  }
  answer(co_await call_handle(std::move(request)));
  const bool is_slow = record_.microseconds > kOutputDelayMaxUs;
  if (is_slow || output_.size() > kOutputGatheredMax) co_await flush();
}

Awaitable<ServerConnection::Read<void>> ServerConnection::read_head(HeadParser& parser) {
  for (;;) {
    const HeadParser::Progress progress = parser.put(input_.data());
    input_.consume(progress.taken);
    if (progress.status == HeadParser::Status::kDone) co_return Read<void>();
    if (progress.status == HeadParser::Status::kRefused) {
      co_return std::unexpected(parser.refusal());
    }
    if (parser.idle() && core_->stopping) co_return std::unexpected(kEndSilently);
    const Read<void> more = co_await fill(parser.idle() ? Phase::kIdle : Phase::kHead);
    if (!more) co_return more;
  }
}

Awaitable<ServerConnection::Read<Bytes>> ServerConnection::read_body(const Framing& framing,
                                                                     std::size_t body_bytes_max) {
  return framing.chunked ? read_chunked_body(framing, body_bytes_max)
                         : read_sized_body(framing, body_bytes_max);
}

Awaitable<ServerConnection::Read<Bytes>> ServerConnection::read_sized_body(
    const Framing& framing, std::size_t body_bytes_max) {
  if (framing.content_length > body_bytes_max) co_return std::unexpected(kBodyTooLarge);
  const std::size_t size = framing.content_length;
  ReadingShare share(*core_);
  if (!share.grow_to(size)) co_return std::unexpected(kTooMuchToRead);
  std::string body;
  body.reserve(size);
  body.append(input_.data().substr(0, size));
  if (body.empty()) invite_body(framing);
  input_.consume(body.size());
  std::size_t filled = body.size();
  if (filled < size && !co_await flush()) co_return std::unexpected(kEndSilently);
  while (filled < size) {
    arm(Phase::kBody);
    if (filled == body.size()) body.resize(std::min(size, filled + kBodyStepBytes));
    const auto [error, count] = co_await stream_.read_some(std::span(body).subspan(filled));
    if (error) co_return std::unexpected(explain(error));
    filled += count;
    note_body_progress(count);
  }
  co_return Bytes::take(std::move(body));
}

Awaitable<ServerConnection::Read<Bytes>> ServerConnection::read_chunked_body(
    const Framing& framing, std::size_t body_bytes_max) {
  ReadingShare share(*core_);
  ChunkedDecoder decoder({body_bytes_max, core_->options.header_bytes_max});
  std::string body;
  if (input_.empty()) invite_body(framing);
  for (;;) {
    const std::size_t before = body.size();
    const ChunkedDecoder::Progress progress = decoder.put(input_.data(), body);
    input_.consume(progress.taken);
    note_body_progress(body.size() - before);
    if (progress.status == ChunkedDecoder::Status::kDone) break;
    if (progress.status == ChunkedDecoder::Status::kRefused) {
      co_return std::unexpected(decoder.refusal());
    }
    if (!share.grow_to(body.size())) co_return std::unexpected(kTooMuchToRead);
    const Read<void> more = co_await fill(Phase::kBody);
    if (!more) co_return std::unexpected(more.error());
  }
  co_return Bytes::take(std::move(body));
}

// Reads more input, after writing what is owed to the peer so far.
Awaitable<ServerConnection::Read<void>> ServerConnection::fill(Phase phase) {
  if (!output_.empty() && !co_await flush()) co_return std::unexpected(kEndSilently);
  arm(phase);
  const auto [error, count] = co_await stream_.read_some(input_.space());
  if (error) co_return std::unexpected(explain(error));
  input_.commit(count);
  co_return Read<void>();
}

Awaitable<ServerResponse> ServerConnection::call_handle(Request request) {
  try {
    co_return co_await core_->handle(std::move(request));
  } catch (const std::exception& exception) {
    log::error("request_failed",
               {{"request_id", record_.request_id}, {"reason", exception.what()}});
  } catch (...) {
    log::error("request_failed", {{"request_id", record_.request_id}});
  }
  co_return make_refusal({500, "internal error"});
}

// False when the peer cannot be reached any more.
Awaitable<bool> ServerConnection::flush() {
  std::string_view rest = output_;
  boost::system::error_code error;
  while (!rest.empty() && !error) {
    std::size_t count = 0;
    std::tie(error, count) = stream_.write_now(rest);
    if (!error && count == 0) {
      phase_ = Phase::kRunning;  // so that each step forward starts the time anew
      arm(Phase::kWrite);
      std::tie(error, count) = co_await stream_.write_some(rest);
    }
    rest.remove_prefix(count);
  }
  phase_ = Phase::kRunning;
  output_.clear();
  if (output_.capacity() > kOutputKeptMax) output_.shrink_to_fit();
  closing_ |= error.failed();
  co_return !error;
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

void ServerConnection::begin_request(RequestHead& head, const Framing& framing) {
  phase_ = Phase::kRunning;
  started_at_ = steady_clock::now();
  closing_ = !framing.keep_alive;
  head.request_id = core_->ids.next();
  head.peer_ip = peer_ip_;
  head.secure = stream_.is_secure();
  record_.request_id = head.request_id;
  record_.method = head.method;
  record_.path = loggable_path(head.target);
  record_.peer_ip = peer_ip_;
  record_.bytes_in = 0;
  frame_.head_only = head.method == "HEAD";
  frame_.http_1_0 = framing.http_1_0;
}

// True when nothing of the refused request's body is left to be read.
bool ServerConnection::drop_buffered_body(const Framing& framing) {
  if (!framing.has_body()) return true;
  if (framing.chunked || framing.content_length > input_.data().size()) return false;
  input_.consume(framing.content_length);
  return true;
}

void ServerConnection::invite_body(const Framing& framing) {
  if (framing.expects_continue) output_.append(kContinue);
}

void ServerConnection::answer(const ServerResponse& response) {
  closing_ |= response.close || core_->stopping;
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
  log_request(record_);
}

void ServerConnection::refuse(const Refusal& refusal) {
  closing_ = true;
  if (refusal.status != 0) answer(make_refusal(refusal));
}

// What to say when reading failed.
Refusal ServerConnection::explain(const boost::system::error_code& error) const {
  if (phase_ != Phase::kHead && phase_ != Phase::kBody) return kEndSilently;
  if (expired_) return {408, "the request did not come in time"};
  if (ServerStream::is_end(error)) return {400, "the connection ended within the request"};
  return kEndSilently;
}

// Begins a phase; staying in it does not move its deadline.
void ServerConnection::arm(Phase phase) {
  if (phase_ == phase) return;
  phase_ = phase;
  expired_ = false;
  deadline_ = steady_clock::now() + patience(phase);
}

Duration ServerConnection::patience(Phase phase) const {
  const ServerOptions& options = core_->options;
  switch (phase) {
    case Phase::kHandshake:
    case Phase::kHead:
      return options.head_timeout;
    case Phase::kIdle:
      return options.idle_timeout;
    case Phase::kBody:
      return options.body_timeout;
    case Phase::kWrite:
      return options.write_timeout;
    case Phase::kRunning:
    case Phase::kLinger:
      break;
  }
  return kLingerTime;
}

// Bytes buy time at the minimal rate, saved up to body_timeout: neither a stall of that length nor
// a lasting trickle gets through.
void ServerConnection::note_body_progress(std::size_t bytes) {
  if (phase_ != Phase::kBody || bytes == 0) return;
  const auto bought = std::chrono::microseconds(bytes * 1'000'000 / kBodyBytesPerSecondMin);
  deadline_ = std::min(deadline_ + bought, steady_clock::now() + core_->options.body_timeout);
}

}  // namespace ferry::http
