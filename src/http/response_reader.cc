#include "http/response_reader.h"

#include <algorithm>
#include <utility>

namespace ferry::http {

namespace {

// Room set aside on the word of a Content-Length; more is taken when it has really come.
constexpr std::size_t kReserveBytesMax = std::size_t{256} << 10;

}  // namespace

Result<std::size_t> ResponseReader::put(std::string_view bytes) {
  std::size_t used = 0;
  while (!done()) {
    const std::string_view rest = bytes.substr(used);
    std::size_t taken = 0;
    if (stage_ == Stage::kHead) {
      ASSIGN_OR_RETURN(taken, put_head(rest));
    } else if (stage_ == Stage::kChunkedBody) {
      ASSIGN_OR_RETURN(taken, put_chunks(rest));
    } else {
      taken = put_plain(rest);
    }
    if (taken == 0) break;
    used += taken;
  }
  return used;
}

Result<std::size_t> ResponseReader::put_head(std::string_view bytes) {
  ASSIGN_OR_RETURN(const std::size_t taken, head_.put(bytes));
  if (!head_.done()) return taken;
  if (head_.status() < 200) {
    RETURN_IF_ERROR(skip_interim());
  } else {
    begin_body();
  }
  return taken;
}

Result<void> ResponseReader::skip_interim() {
  if (head_.status() == 101)
    return malformed_response("a switch of protocols that nobody asked for");
  if (++interim_responses_ > kInterimResponsesMax)
    return malformed_response("too many interim responses");
  head_ = ResponseHead(kHeadBytesMax);
  return {};
}

// RFC 9112 section 6.3.
void ResponseReader::begin_body() {
  const ResponseFraming& framing = head_.framing();
  const int status = head_.status();
  const bool has_body = options_.kind == Kind::kOrdinary && status != 204 && status != 304;
  if (!has_body || framing.content_length == 0) {
    stage_ = Stage::kDone;
  } else if (framing.chunked) {
    stage_ = Stage::kChunkedBody;
  } else if (!framing.content_length) {
    stage_ = Stage::kBodyToClose;
    ends_with_connection_ = true;
  } else {
    stage_ = Stage::kSizedBody;
    body_rest_ = *framing.content_length;
    const std::size_t kept_bytes = std::min<std::uint64_t>(body_rest_, options_.body_bytes_max);
    if (body_rest_ - kept_bytes > kDroppedBytesMax) dropped_bytes_max_ = 0;
    body_.reserve(std::min(kept_bytes, kReserveBytesMax));
  }
}

Result<std::size_t> ResponseReader::put_chunks(std::string_view bytes) {
  const ChunkedDecoder::Step step = chunks_.next(bytes);
  if (step.status == ChunkedDecoder::Status::kRefused)
    return malformed_response(chunks_.refusal().text);
  if (step.status == ChunkedDecoder::Status::kDone) stage_ = Stage::kDone;
  return step.taken - (step.content.size() - keep(step.content));
}

std::size_t ResponseReader::put_plain(std::string_view bytes) {
  if (stage_ == Stage::kBodyToClose) return keep(bytes);
  const std::size_t taken = keep(bytes.substr(0, body_rest_));
  body_rest_ -= taken;
  if (body_rest_ == 0) stage_ = Stage::kDone;
  return taken;
}

// Takes content up to and with the first byte too many, at which the response is cut off.
std::size_t ResponseReader::keep(std::string_view content) {
  const std::size_t kept = std::min(content.size(), options_.body_bytes_max - body_.size());
  body_.append(content.substr(0, kept));
  const std::size_t dropped_max = dropped_bytes_max_ - dropped_bytes_;
  const std::size_t dropped = std::min(content.size() - kept, dropped_max + 1);
  dropped_bytes_ += dropped;
  if (dropped > dropped_max) {
    cut_off_ = true;
    stage_ = Stage::kDone;
  }
  return kept + dropped;
}

Result<void> ResponseReader::put_end() {
  if (done()) return {};
  if (stage_ == Stage::kBodyToClose) {
    stage_ = Stage::kDone;
    return {};
  }
  if (head_done())
    return fail(ErrorCode::kConnectionLost, "the connection was closed within the response body");
  return fail(ErrorCode::kConnectionLost,
              head_.untouched() ? "the connection was closed before the response"
                                : "the connection was closed within the response head");
}

std::size_t ResponseReader::bytes_kept_max() const {
  if (stage_ != Stage::kSizedBody || body_rest_ > options_.body_bytes_max) {
    return options_.body_bytes_max;
  }
  return std::min(body_.size() + static_cast<std::size_t>(body_rest_), options_.body_bytes_max);
}

bool ResponseReader::keeps_connection() const {
  if (options_.kind == Kind::kToConnect) return head_.status() / 100 == 2;
  return !cut_off_ && !ends_with_connection_ && head_.framing().keep_alive;
}

ClientResponse ResponseReader::take() {
  return {.status = head_.status(),
          .headers = head_.take_headers(),
          .body = Bytes::take(std::move(body_)),
          .truncated = dropped_bytes_ > 0};
}

}  // namespace ferry::http
