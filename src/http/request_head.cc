#include "http/request_head.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"

namespace ferry::http {

namespace {

constexpr std::size_t kSpareBytes = 64;  // for the fixed texts and the length

constexpr std::array<std::string_view, 10> kClientsOwn = {
    "host", "content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection",
    "te",   "trailer",        "upgrade",           "expect"};

bool is_clients_own(std::string_view name) {
  return std::ranges::any_of(kClientsOwn, [name](std::string_view own) {
    return own.size() == name.size() && equals_ignore_case(own, name);
  });
}

// Signatures and tokens make values long. Hardly any has a control character, and this loop,
// without a branch in it, takes sixteen bytes at a time; only what it finds is looked at closely.
bool is_clean_value(std::string_view value) {
  bool suspicious = false;
  for (const char c : value) suspicious |= static_cast<unsigned char>(c) < ' ' || c == '\x7f';
  return !suspicious || is_header_value(value);
}

// A CONNECT would turn the connection into something else.
Result<void> check_framing(const ClientRequest& request) {
  if (!is_header_name(request.method) || request.method == "CONNECT")
    return fail(ErrorCode::kProtocolError, "not a method that can be sent: " + request.method);
  for (const HeaderField& field : request.headers) {
    if (!is_header_name(field.name))
      return fail(ErrorCode::kProtocolError, "not a header name: " + field.name);
    if (!is_clean_value(field.value))
      return fail(ErrorCode::kProtocolError,
                  "the value of header " + field.name + " has a control character");
  }
  return {};
}

std::uint64_t body_size(const ClientRequest& request) {
  return request.source ? request.source->size : request.body.size();
}

bool announces_length(const ClientRequest& request) {
  return body_size(request) > 0 || request.method == "POST" || request.method == "PUT" ||
         request.method == "PATCH";
}

std::size_t size_of(const ClientRequest& request, const Url& url) {
  std::size_t size = kSpareBytes + request.method.size() + url.target.size();
  size += 2 * url.authority.size();
  for (const HeaderField& field : request.headers)
    size += field.name.size() + field.value.size() + 4;
  return size;
}

void append_field(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

Result<Bytes> request_head(const ClientRequest& request, const Url& url, TargetForm form) {
  RETURN_IF_ERROR(check_framing(request));
  std::string head;
  head.reserve(size_of(request, url));
  head.append(request.method).push_back(' ');
  if (form == TargetForm::kAbsolute) head.append("http://").append(url.authority);
  head.append(url.target).append(" HTTP/1.1\r\n");
  append_field(head, "Host", url.authority);
  for (const HeaderField& field : request.headers)
    if (!is_clients_own(field.name)) append_field(head, field.name, field.value);
  if (announces_length(request))
    append_field(head, "Content-Length", std::to_string(body_size(request)));
  head.append("\r\n");
  return Bytes::take(std::move(head));
}

Bytes connect_head(const Url& url) {
  const std::string authority = host_and_port(url.host, url.port);
  return Bytes::take("CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n");
}

std::string host_and_port(std::string_view host, std::uint16_t port) {
  std::string text;
  if (host.contains(':')) {
    text.append("[").append(host).append("]");
  } else {
    text.append(host);
  }
  return text.append(":").append(std::to_string(port));
}

}  // namespace ferry::http
