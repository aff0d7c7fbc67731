#include "http/response_writer.h"

#include <charconv>

#include "base/encoding.h"
#include "base/json_writer.h"

namespace ferry::http {

namespace {

constexpr std::size_t kFrameBytes = 192;  // status line and the server's own fields, about

void append_number(std::string& out, std::uint64_t number) {
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof(digits), number);
  out.append(digits, end);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

bool is_servers_own(std::string_view name) {
  switch (name.size()) {
    case 4:
      return equals_ignore_case(name, "date");
    case 10:
      return equals_ignore_case(name, "connection") || equals_ignore_case(name, "request-id") ||
             equals_ignore_case(name, "keep-alive");
    case 14:
      return equals_ignore_case(name, "content-length");
    case 17:
      return equals_ignore_case(name, "transfer-encoding");
    default:
      return false;
  }
}

// RFC 9110 sections 6.4.1 and 8.6.
bool may_have_body(int status) { return status >= 200 && status != 204 && status != 304; }

void append_chunk_size(std::string& out, std::size_t size) {
  char digits[16];
  const auto [end, error] = std::to_chars(digits, digits + sizeof(digits), size, 16);
  out.append(digits, end).append("\r\n");
}

}  // namespace

bool has_stream(const ServerResponse& response, const ResponseFrame& frame) {
  return response.stream.next && may_have_body(response.status) && !frame.head_only;
}

void append_piece(std::string& out, std::string_view piece, const ResponseFrame& frame) {
  if (frame.http_1_0) {
    out.append(piece);
    return;
  }
  append_chunk_size(out, piece.size());
  out.append(piece).append("\r\n");
}

void append_response(std::string& out, const ServerResponse& response, const ResponseFrame& frame) {
  const bool has_body = may_have_body(response.status);
  out.reserve(out.size() + kFrameBytes + response.headers.size() * 64 + response.body.size());
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::uint64_t>(response.status));
  out.append(" ").append(reason_phrase(response.status)).append("\r\n");
  append_field(out, "Date", frame.date);
  append_field(out, "Request-Id", frame.request_id);
  for (const HeaderField& field : response.headers) {
    const bool is_safe = is_header_name(field.name) && is_header_value(field.value);
    if (is_safe && !is_servers_own(field.name)) append_field(out, field.name, field.value);
  }
  if (frame.close) {
    append_field(out, "Connection", "close");
  } else if (frame.http_1_0) {
    append_field(out, "Connection", "keep-alive");
  }
  const bool is_stream = static_cast<bool>(response.stream.next);
  if (has_body && is_stream && !frame.http_1_0) {
    append_field(out, "Transfer-Encoding", "chunked");
  } else if (has_body && !is_stream) {
    out.append("Content-Length: ");
    append_number(out, response.body.size());
    out.append("\r\n");
  }
  out.append("\r\n");
  if (!has_body || frame.head_only || response.body.empty()) return;
  is_stream ? append_piece(out, response.body, frame) : void(out.append(response.body));
}

ServerResponse make_refusal(const Refusal& refusal) {
  ServerResponse response;
  response.status = refusal.status;
  response.headers.add("Content-Type", "application/json");
  if (refusal.status == 503) response.headers.add("Retry-After", "1");
  JsonWriter json;
  json.begin_object().field("error", refusal.text).end_object();
  response.body = std::move(json).take();
  response.close = true;
  return response;
}

}  // namespace ferry::http
