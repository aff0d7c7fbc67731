#include "dispatch/senders/broker_address.h"

#include <charconv>
#include <optional>
#include <utility>

#include "base/encoding.h"

namespace ferry::dispatch {

namespace {

std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, port);
  if (error != std::errc() || end != last || port == 0) return std::nullopt;
  return port;
}

// The port is what follows the last colon, except inside of brackets.
std::size_t end_of_host(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    return bracket == std::string_view::npos ? bracket : bracket + 1;
  }
  return std::min(text.find(':'), text.size());
}

std::optional<BrokerAddress> parse_one(std::string_view text, std::uint16_t default_port) {
  const std::size_t end = end_of_host(text);
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, end);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  if (host.empty() || host.find_first_of("/@ ") != std::string_view::npos) return std::nullopt;
  if (end == text.size()) return BrokerAddress{std::string(host), default_port};
  const auto port = text[end] == ':' ? port_of(text.substr(end + 1)) : std::nullopt;
  if (!port) return std::nullopt;
  return BrokerAddress{std::string(host), *port};
}

}  // namespace

Result<std::vector<BrokerAddress>> parse_broker_addresses(std::string_view text,
                                                          std::uint16_t port) {
  std::vector<BrokerAddress> addresses;
  for (;;) {
    const std::size_t comma = std::min(text.find(','), text.size());
    auto address = parse_one(trim(text.substr(0, comma)), port);
    if (!address) return fail(ErrorCode::kInvalidRequest, "expected host:port[,host:port…]");
    addresses.push_back(std::move(*address));
    if (comma == text.size()) return addresses;
    text.remove_prefix(comma + 1);
  }
}

std::string to_text(const BrokerAddress& address) {
  const bool ipv6 = address.host.find(':') != std::string::npos;
  const std::string host = ipv6 ? "[" + address.host + "]" : address.host;
  return host + ":" + std::to_string(address.port);
}

}  // namespace ferry::dispatch
