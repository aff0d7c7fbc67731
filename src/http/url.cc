#include "http/url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/encoding.h"

namespace ferry::http {

namespace {

// RFC 1035 section 2.3.4 in its textual form.
constexpr std::size_t kHostBytesMax = 253;

std::unexpected<Error> bad(std::string text) {
  return fail(ErrorCode::kInvalidDestination, "endpoint " + std::move(text));
}

// Unreserved characters of RFC 3986 only. International names come in their ASCII form (xn--), and
// a
// '%' or a sub-delimiter in a host is an attempt to make two parsers see two hosts.
bool is_host_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= kHostBytesMax && text.front() != '.' &&
         std::ranges::all_of(text, is_host_character);
}

bool is_ipv6(const std::string& text) {
  in6_addr address;
  if (text.contains('\0')) return false;  // inet_pton would not see what is behind it
  return inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

std::optional<std::uint16_t> parse_port(std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port == 0) return {};
  return port;
}

// authority = host [ ":" [ port ] ], host = name | "[" IPv6 "]"
Result<void> parse_authority(std::string_view text, Url& url) {
  if (text.contains('@')) return bad("must not carry user information");
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return bad("has an invalid IPv6 address");
    url.host = to_lower(text.substr(1, close - 1));
    if (!is_ipv6(url.host)) return bad("has an invalid IPv6 address");
    rest = text.substr(close + 1);
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    if (colon == 0) return bad("has no host");
    if (!is_host_name(text.substr(0, colon))) return bad("has an invalid host name");
    url.host = to_lower(text.substr(0, colon));
    rest = text.substr(colon);
  }
  url.authority = text;
  if (rest.empty()) return {};
  if (rest.front() != ':') return bad("has an invalid host name");
  if (rest.size() == 1) {
    url.authority.pop_back();  // "host:" means the scheme's own port (RFC 3986 section 3.2.3)
    return {};
  }
  const auto port = parse_port(rest.substr(1));
  if (!port) return bad("has an invalid port");
  url.port = *port;
  return {};
}

bool may_stand_in_request_line(char c) { return c > ' ' && c < '\x7f'; }

void append_encoded(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    if (may_stand_in_request_line(c)) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(kHex[byte >> 4]);
    out.push_back(kHex[byte & 15]);
  }
}

std::string request_target(std::string_view path_and_query) {
  path_and_query = path_and_query.substr(0, path_and_query.find('#'));
  std::string target;
  target.reserve(path_and_query.size() + 1);
  if (!path_and_query.starts_with('/')) target.push_back('/');
  if (std::ranges::all_of(path_and_query, may_stand_in_request_line)) {
    target.append(path_and_query);
  } else {
    append_encoded(target, path_and_query);
  }
  return target;
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  Url url;
  if (starts_with_ignore_case(text, "https://")) {
    url.secure = true;
    url.port = 443;
    text.remove_prefix(8);
  } else if (starts_with_ignore_case(text, "http://")) {
    url.port = 80;
    text.remove_prefix(7);
  } else {
    return bad("has invalid scheme, add http:// or https://");
  }
  const std::size_t authority_end = std::min(text.find_first_of("/?#"), text.size());
  RETURN_IF_ERROR(parse_authority(text.substr(0, authority_end), url));
  url.target = request_target(text.substr(authority_end));
  return url;
}

}  // namespace ferry::http
