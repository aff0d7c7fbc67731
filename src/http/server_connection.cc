#include "http/server_connection.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <exception>
#include <utility>

#include "base/log.h"

namespace ferry::http {

namespace {

using std::chrono::steady_clock;

constexpr Refusal kServerFull{503, "too many connections"};

constexpr std::size_t kBytesPerSecondMin = 1024;

// Answers to pipelined requests are gathered into one write while they take no longer than this.
constexpr std::size_t kOutputGatheredMax = 64u << 10;
// A peer that has taken nothing for so long holds no more of an answer than the piece it is sent.
constexpr Duration kStreamHeldMax = std::chrono::seconds(1);
constexpr std::int64_t kOutputDelayMaxUs = 1000;

constexpr Duration kLingerTime = std::chrono::seconds(1);
// A connection beyond the limit has so long to say what it wants.
constexpr Duration kReserveTime = std::chrono::seconds(2);
constexpr std::size_t kConnectionsShareMin = 8;
constexpr Duration kRunsLeast = std::chrono::seconds(1);

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

std::size_t ServerCore::connections_share() const {
  return std::max(kConnectionsShareMin,
                  options.connections_max / options.servers / (book.callers() + 1));
}

std::size_t ServerCore::connections_per_address() const {
  return (options.connections_per_address_max + options.servers - 1) / options.servers;
}

void ServerConnection::start(asio::io_context& io, std::shared_ptr<ServerCore> core, Socket socket,
                             Peer peer, Place place) {
  auto connection = std::unique_ptr<ServerConnection>(
      new ServerConnection(std::move(core), std::move(socket), std::move(peer), place));
  asio::co_spawn(io.get_executor(), live(std::move(connection)), report_crash);
}

ServerConnection::ServerConnection(std::shared_ptr<ServerCore> core, Socket socket, Peer peer,
                                   Place place)
    : core_(std::move(core)),
      index_(core_->connections.size()),
      stream_(std::move(socket), core_->tls),
      place_(place),
      peer_ip_(std::move(peer.ip)) {
  core_->connections.push_back(this);
  core_->book.add(*this, peer.party);
  core_->budgets->connections.fetch_add(1);
  core_->metrics.connections.add(1);
}

ServerConnection::~ServerConnection() {
  give_place_back();
  core_->connections.back()->index_ = index_;
  std::swap(core_->connections[index_], core_->connections.back());
  core_->connections.pop_back();
  core_->metrics.connections.add(-1);
  if (core_->connections.empty() && core_->on_last_gone) core_->on_last_gone();
}

void ServerConnection::give_place_back() {
  if (!is_in_book()) return;
  core_->book.remove(*this);
  core_->budgets->connections.fetch_sub(1);
}

void ServerConnection::expire_if_due(SteadyTime now) {
  const bool is_too_slow = phase_ == Phase::kBody && reading_ && reading_->is_recalled();
  const bool is_unread = phase_ == Phase::kWrite && writing_ && writing_->is_recalled();
  const bool is_unwanted = phase_ == Phase::kRunning && peer_gone_.is_awaited();
  if (is_unwanted && stream_.has_peer_left()) return peer_gone_.cut();
  if (phase_ == Phase::kWrite && stream_sent_ != nullptr &&
      now >= deadline_ - patience(Phase::kWrite) + kStreamHeldMax) {
    stream_sent_->let_go();
  }
  const bool waits = phase_ != Phase::kRunning && phase_ != Phase::kAdmission;
  if (!is_too_slow && !is_unread && (!waits || now < deadline_)) return;
  recalled_ = is_too_slow;
  if (phase_ == Phase::kBody || phase_ == Phase::kWrite) core_->metrics.slow_peers_cut_total.add();
  expired_ = true;
  // What the peer has not read of its last answers by now is thrown away with the connection.
  if (phase_ == Phase::kIdle && stream_.unsent_bytes() > 0) return stream_.reset();
  const bool may_answer =
      phase_ == Phase::kIdle || phase_ == Phase::kHead || phase_ == Phase::kBody;
  if (may_answer) return stream_.cancel();
  phase_ == Phase::kWrite ? stream_.reset() : stream_.close();
}

void ServerConnection::offer_if_abandoned(SteadyTime now) {
  if (phase_ != Phase::kRunning || !is_in_book() || now - started_at_ < kRunsLeast) return;
  if (stream_.has_peer_ended()) core_->book.set_waiting(*this, started_at_);
}

void ServerConnection::close_if_idle() {
  if (phase_ == Phase::kIdle) stream_.cancel();
}

void ServerConnection::cut() {
  stream_.close();
  peer_gone_.cut();
  if (phase_ == Phase::kAdmission) core_->line.cancel(*reading_);
}

void ServerConnection::dispense() {
  give_place_back();
  closing_ = true;
  stream_.close();
  core_->metrics.connections_dispensed_total.add();
}

Awaitable<void> ServerConnection::live(std::unique_ptr<ServerConnection> self) {
  co_await self->run();
}

Awaitable<void> ServerConnection::run() {
  if (stream_.is_secure()) {
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
  charge(admission.party);
  if (!may_be_served(admission)) co_return refuse(kServerFull);
  if (admission.refusal) {
    admission.refusal->close |= !drop_buffered_body(parser.framing());
    co_return answer(*admission.refusal);
  }
  if (parser.framing().has_body() && admission.body_bytes_max > 0) {
    Read<Bytes> body = co_await read_body(parser.framing(), admission.body_bytes_max);
    started_at_ = steady_clock::now();
    phase_ = Phase::kRunning;
    request.memory = std::move(reading_);
    if (!body) co_return refuse(body.error());
    request.body = std::move(*body);
    record_.bytes_in = request.body.size();
  } else {
    closing_ |= !drop_buffered_body(parser.framing());
  }
  request.peer_gone = &peer_gone_;
  ServerResponse response = co_await call_handle(std::move(request));
  answer(response);
  if (has_stream(response, frame_)) co_return co_await send_stream(std::move(response.stream));
  const bool is_slow = record_.microseconds > kOutputDelayMaxUs;
  if (is_slow || output_.size() > kOutputGatheredMax) co_await flush();
}

// The connection counts to `party` from now on.
void ServerConnection::charge(const Party& party) {
  if (party.is_none() || !is_in_book() || party == Entry::party()) return;
  core_->book.move(*this, party);
  if (!party.is_address() || core_->book.count(party) <= core_->connections_per_address()) return;
  auto* oldest = static_cast<ServerConnection*>(core_->book.find_waiting(party));
  if (oldest != nullptr) oldest->dispense();
}

// In the reserve: what is vital, and callers that hold less than their share or give another
// connection for it.
bool ServerConnection::may_be_served(const Admission& admission) {
  if (place_ == Place::kRegular) return true;
  const bool is_caller = admission.party.kind == Party::Kind::kCaller;
  const bool has_share =
      is_caller && core_->book.count(admission.party) <= core_->connections_share();
  auto* other = is_caller && !has_share ? core_->book.find_waiting(admission.party) : nullptr;
  if (other != nullptr) static_cast<ServerConnection*>(other)->dispense();
  if (has_share || other != nullptr || !core_->is_full()) {
    place_ = Place::kRegular;
    return true;
  }
  closing_ = true;
  if (!admission.is_vital) core_->metrics.connections_refused_total.add();
  return admission.is_vital;
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

void ServerConnection::begin_request(RequestHead& head, const Framing& framing) {
  phase_ = Phase::kRunning;
  if (is_in_book()) core_->book.set_busy(*this);
  started_at_ = steady_clock::now();
  closing_ |= !framing.keep_alive;
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

// True when nothing of the body is left to be read.
bool ServerConnection::drop_buffered_body(const Framing& framing) {
  if (!framing.has_body()) return true;
  if (framing.chunked || framing.content_length > input_.data().size()) return false;
  input_.consume(framing.content_length);
  return true;
}

// What to say when reading failed.
Refusal ServerConnection::explain(const boost::system::error_code& error) const {
  constexpr Refusal kEndSilently{};
  if (phase_ != Phase::kHead && phase_ != Phase::kBody) return kEndSilently;
  if (recalled_) return {503, "the body came too slowly while others waited"};
  if (expired_) return {408, "the request did not come in time"};
  if (ServerStream::is_end(error)) return {400, "the connection ended within the request"};
  return kEndSilently;
}

// An answered connection that lingers is nobody's: not the one that its caller gives for another.
void ServerConnection::leave_party() {
  if (is_in_book()) core_->book.move(*this, Party());
}

// Begins a phase; staying in it does not move its deadline.
void ServerConnection::arm(Phase phase) {
  if (phase_ == phase) return;
  const SteadyTime now = steady_clock::now();
  const bool begins_to_wait = phase == Phase::kIdle || phase == Phase::kHandshake ||
                              phase == Phase::kLinger ||
                              (phase == Phase::kHead && phase_ != Phase::kIdle);
  if (phase == Phase::kLinger) leave_party();
  if (begins_to_wait && is_in_book()) core_->book.set_waiting(*this, now);
  phase_ = phase;
  expired_ = false;
  deadline_ = now + patience(phase);
}

Duration ServerConnection::patience(Phase phase) const {
  const ServerOptions& options = core_->options;
  const Duration longest = place_ == Place::kRegular ? Duration::max() : kReserveTime;
  switch (phase) {
    case Phase::kHandshake:
    case Phase::kHead:
      return std::min(options.head_timeout, longest);
    case Phase::kIdle:
      return std::min(options.idle_timeout, longest);
    case Phase::kBody:
      return options.body_timeout;
    case Phase::kWrite:
      return options.write_timeout;
    case Phase::kRunning:
    case Phase::kAdmission:
    case Phase::kLinger:
      break;
  }
  return kLingerTime;
}

// Every transferred byte moves the deadline forward, by what it takes at the least speed allowed,
// but not beyond the time-out from now: a stall of that length ends the connection, and so does a
// lasting trickle.
void ServerConnection::note_progress(std::size_t bytes) {
  if (bytes == 0) return;
  const auto gained = std::chrono::microseconds(bytes * 1'000'000 / kBytesPerSecondMin);
  deadline_ = std::min(deadline_ + gained, steady_clock::now() + patience(phase_));
}

}  // namespace ferry::http
