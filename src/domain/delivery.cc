#include "domain/delivery.h"

#include <algorithm>
#include <charconv>
#include <tuple>

#include "base/encoding.h"

namespace ferry {
namespace {

struct SplitUrl {
  std::string_view authority;
  std::string_view rest;  // path, query and fragment
  int default_port = 0;
};

std::optional<SplitUrl> split_url(std::string_view url) {
  SplitUrl split;
  if (starts_with_ignore_case(url, "http://")) {
    split.default_port = 80;
  } else if (starts_with_ignore_case(url, "https://")) {
    split.default_port = 443;
  } else {
    return std::nullopt;
  }
  url.remove_prefix(url.find("//") + 2);
  const std::size_t end = std::min(url.find_first_of("/?#"), url.size());
  split.authority = url.substr(0, end);
  split.rest = url.substr(end);
  return split;
}

// Where the host of "host:port" ends; an IPv6 address is in brackets. Nothing for an empty host.
std::optional<std::size_t> host_length(std::string_view host_and_port) {
  std::size_t end = std::min(host_and_port.find(':'), host_and_port.size());
  if (host_and_port.starts_with('[')) {
    const std::size_t bracket = host_and_port.find(']');
    if (bracket == std::string_view::npos || bracket == 1) return std::nullopt;
    end = bracket + 1;
  }
  if (end == 0) return std::nullopt;
  return end;
}

// ":8443" -> 8443; no digits mean the scheme's own port (RFC 3986 section 3.2.3).
std::optional<int> port_of(std::string_view text, int default_port) {
  if (text.empty() || text == ":") return default_port;
  if (!text.starts_with(':')) return std::nullopt;
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + 1, end, port);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return port;
}

bool is_host_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte != 0x7F;
}

// Everything but the destination, which is compared by what it says.
auto own_fields(const Delivery& d) {
  return std::tie(d.id, d.message_id, d.tenant, d.not_before, d.due_at, d.retried,
                  d.cancel_requested, d.lane, d.sequence, d.slot, d.shares_message,
                  d.first_attempt_at, d.throttled);
}

}  // namespace

bool operator==(const Delivery& a, const Delivery& b) {
  const bool same_destination = a.to == b.to || (a.to && b.to && *a.to == *b.to);
  return same_destination && own_fields(a) == own_fields(b);
}

std::string host_key(const Target& target) {
  if (target.kind != TargetKind::kPush || target.url.starts_with("http")) {
    return host_key(std::string_view(target.url));
  }
  // "kafka://orders/topic": up to the path; "acs:mns:…": the service. Each is one connection.
  const std::string_view text = target.url;
  const std::size_t authority = text.find("://");
  if (authority != std::string_view::npos) {
    return std::string(text.substr(0, text.find('/', authority + 3)));
  }
  return std::string(text.substr(0, text.find(':', text.find(':') + 1)));
}

std::string host_key(std::string_view url) {
  const auto split = split_url(url);
  if (!split) return {};
  std::string_view host = split->authority;
  if (const std::size_t at = host.rfind('@'); at != std::string_view::npos) {
    host.remove_prefix(at + 1);
  }
  const auto length = host_length(host);
  if (!length) return {};
  const auto port = port_of(host.substr(*length), split->default_port);
  host = host.substr(0, *length);
  if (!port || !std::ranges::all_of(host, is_host_character)) return {};
  std::string key = to_lower(host);
  if (*port != split->default_port) key += ":" + std::to_string(*port);
  return key;
}

std::string_view url_path(std::string_view url) {
  const auto split = split_url(url);
  if (!split) return "/";
  const std::string_view path = split->rest.substr(0, split->rest.find_first_of("?#"));
  return path.empty() ? "/" : path;
}

}  // namespace ferry
