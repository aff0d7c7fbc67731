// How a connection reads heads and bodies: nothing of a body before its memory is granted.

#include <algorithm>
#include <utility>

#include "http/server_connection.h"

namespace ferry::http {

namespace {

using std::chrono::steady_clock;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr Refusal kEndSilently{};
constexpr Refusal kBodyTooLarge{413, "the body is too large"};
constexpr Refusal kMoreThanAllMemory{413, "the body is larger than the memory for reading bodies"};
constexpr Refusal kTooMuchToRead{503, "too many bodies are being received at once"};

// Memory for a body is committed as the body comes, not as it is announced.
constexpr std::size_t kBodyStepBytes = 256u << 10;
// Whatever its progress in between, a whole body must come at this speed, after body_timeout.
constexpr std::size_t kWholeBodyBytesPerSecondMin = 64u << 10;

}  // namespace

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
  body_read_ = 0;
  if (framing.chunked) return read_chunked_body(framing, body_bytes_max);
  if (framing.content_length <= body_bytes_max) return read_sized_body(framing);
  return refuse_body(kBodyTooLarge);
}

Awaitable<ServerConnection::Read<Bytes>> ServerConnection::refuse_body(Refusal refusal) {
  co_return std::unexpected(refusal);
}

// A body that came with its head is in memory already and claims nothing.
Awaitable<ServerConnection::Read<Bytes>> ServerConnection::read_sized_body(const Framing& framing) {
  const std::size_t size = framing.content_length;
  if (input_.data().size() < size) {
    const ServerBudgets& budgets = *core_->budgets;
    const bool is_small =
        size <= kSmallPoolBodyBytesMax && size <= budgets.small_bodies->bytes_max();
    const Read<void> granted =
        co_await claim_memory(is_small ? *budgets.small_bodies : *budgets.large_bodies, size);
    if (!granted) co_return std::unexpected(granted.error());
  }
  std::string body;
  body.reserve(size);
  body.append(input_.data().substr(0, size));
  if (body.empty()) invite_body(framing);
  input_.consume(body.size());
  std::size_t filled = body.size();
  if (filled < size && !co_await flush()) co_return std::unexpected(kEndSilently);
  begin_body(size);
  while (filled < size) {
    arm(Phase::kBody);
    if (filled == body.size()) body.resize(std::min(size, filled + kBodyStepBytes));
    const auto [error, count] = co_await stream_.read_some(std::span(body).subspan(filled));
    if (error) co_return std::unexpected(explain(error));
    filled += count;
    note_body_progress(count);
  }
  if (reading_) reading_->end_transfer();
  co_return Bytes::take(std::move(body));
}

// How large a chunked body becomes is known at its end. It begins as a small one; one that outgrows
// that claims as much as it may become, before more of it is read.
Awaitable<ServerConnection::Read<Bytes>> ServerConnection::read_chunked_body(
    const Framing& framing, std::size_t body_bytes_max) {
  const std::size_t most = std::min(body_bytes_max, core_->budgets->large_bodies->bytes_max());
  ChunkedDecoder decoder({most, core_->options.header_bytes_max});
  std::string body;
  begin_body(most);
  for (bool is_invited = !input_.empty();;) {
    const std::size_t before = body.size();
    const ChunkedDecoder::Progress progress = decoder.put(input_.data(), body);
    input_.consume(progress.taken);
    note_body_progress(body.size() - before);
    if (progress.status == ChunkedDecoder::Status::kDone) break;
    if (progress.status == ChunkedDecoder::Status::kRefused) {
      co_return std::unexpected(decoder.refusal());
    }
    const Read<void> granted = co_await claim_for_chunks(body, most);
    if (!granted) co_return std::unexpected(granted.error());
    if (!std::exchange(is_invited, true)) invite_body(framing);
    if (reading_->bytes() == most) body.reserve(most);
    const Read<void> more = co_await fill(Phase::kBody);
    if (!more) co_return std::unexpected(more.error());
  }
  if (body.capacity() / 2 > body.size()) body.shrink_to_fit();
  if (reading_) {
    reading_->end_transfer();
    reading_->shrink_to(body.size());
  }
  co_return Bytes::take(std::move(body));
}

// Enough for what one more read may bring.
Awaitable<ServerConnection::Read<void>> ServerConnection::claim_for_chunks(
    const std::string& body, std::size_t body_bytes_max) {
  const std::size_t needed = std::min(body.size() + InputBuffer::kCapacity, body_bytes_max);
  if (reading_ && needed <= reading_->bytes()) return claim_nothing();
  const ServerBudgets& budgets = *core_->budgets;
  const std::size_t small =
      std::min({kSmallPoolBodyBytesMax, budgets.small_bodies->bytes_max(), body_bytes_max});
  if (needed <= small) return claim_memory(*budgets.small_bodies, small);
  return claim_memory(*budgets.large_bodies, body_bytes_max);
}

Awaitable<ServerConnection::Read<void>> ServerConnection::claim_nothing() {
  co_return Read<void>();
}

// Waits until `bytes` are granted. Nothing is read in the meantime, and no invitation sent.
Awaitable<ServerConnection::Read<void>> ServerConnection::claim_memory(ByteBudget& budget,
                                                                       std::size_t bytes) {
  const ClaimPtr before = std::move(reading_);
  reading_ = budget.claim(charged_party(), bytes);
  if (!reading_) co_return std::unexpected(kMoreThanAllMemory);
  if (reading_->is_granted()) co_return Read<void>();
  if (!co_await flush()) co_return std::unexpected(kEndSilently);
  arm(Phase::kAdmission);
  const bool granted = co_await core_->line.wait(*reading_, core_->options.admission_wait);
  phase_ = Phase::kRunning;
  if (granted) co_return Read<void>();
  core_->metrics.overloaded_total.add();
  co_return std::unexpected(kTooMuchToRead);
}

// Reads more input, after writing what is owed to the peer so far.
Awaitable<ServerConnection::Read<void>> ServerConnection::fill(Phase phase) {
  if (!output_.empty() && !co_await flush()) co_return std::unexpected(kEndSilently);
  arm(phase);
  const auto [error, count] = co_await stream_.read_some(input_.space());
  if (error) co_return std::unexpected(explain(error));
  input_.commit(count);
  if (!is_in_book()) co_return std::unexpected(kEndSilently);  // dispensed while bytes came
  co_return Read<void>();
}

void ServerConnection::begin_body(std::size_t bytes) {
  body_end_ = steady_clock::now() + core_->options.body_timeout +
              std::chrono::seconds(bytes / kWholeBodyBytesPerSecondMin);
}

void ServerConnection::note_body_progress(std::size_t bytes) {
  body_read_ += bytes;
  if (phase_ != Phase::kBody) return;
  note_progress(bytes);
  deadline_ = std::min(deadline_, body_end_);
  if (reading_) reading_->note_progress(body_read_);
}

void ServerConnection::invite_body(const Framing& framing) {
  if (framing.expects_continue) output_.append(kContinue);
}

}  // namespace ferry::http
