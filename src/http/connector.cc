#include "http/connector.h"

#include <algorithm>
#include <utility>

#include "http/exchange.h"
#include "http/own_lack.h"

namespace ferry::http {

namespace {

using Addresses = Resolver::Addresses;
using Phase = RunningRequest::Phase;

// Trying more of them would leave each too little time.
constexpr std::size_t kAddressesTriedMax = 8;

// Those who wait for a name give up first, and say so.
constexpr Duration kLookupOutlasts = std::chrono::seconds(1);
// getaddrinfo(3) holds a thread for as long as a name's servers do not answer.
constexpr std::size_t kSystemLookupThreads = 16;

// Hosts whose address was told; publishers choose them, so there is an end.
constexpr std::size_t kToldMax = 4096;
constexpr Duration kTellAgainAfter = std::chrono::minutes(1);

Result<NameLookup> make_lookup(asio::io_context& io, const ClientOptions& options,
                               NameLookup::Blocking lookup) {
  if (lookup || options.names.by == NameOptions::By::kSystem)
    return make_system_lookup(io, kSystemLookupThreads, std::move(lookup));
  return make_dns_lookup(io, {.nameservers = options.names.nameservers,
                              .lookup_timeout = options.connect_timeout + kLookupOutlasts});
}

SteadyTime now() { return std::chrono::steady_clock::now(); }

// An address that does not answer must not use up the time of those behind it.
SteadyTime end_of_share(SteadyTime end, std::size_t addresses_left) {
  const SteadyTime begin = now();
  return begin + (end - begin) / static_cast<std::int64_t>(addresses_left);
}

}  // namespace

Result<std::unique_ptr<Connector>> Connector::make(asio::io_context& io,
                                                   const ClientOptions& options, Metrics& metrics,
                                                   NameLookup::Blocking lookup) {
  ASSIGN_OR_RETURN(AddressGuard guard, AddressGuard::make(options.guard));
  ASSIGN_OR_RETURN(AddressRanges shared, AddressRanges::make(options.shared_addresses));
  ASSIGN_OR_RETURN(NameLookup names, make_lookup(io, options, std::move(lookup)));
  ASSIGN_OR_RETURN(TlsContext tls, make_client_tls(options.ca_file));
  std::unique_ptr<Connector> connector(new Connector(io, options, std::move(guard), std::move(tls),
                                                     std::move(shared), std::move(names), metrics));
  if (!options.proxy.empty()) {
    if (!options.proxy.starts_with("http://"))
      return fail(ErrorCode::kInvalidRequest,
                  "the proxy is not http://host:port: " + options.proxy);
    ASSIGN_OR_RETURN(connector->proxy_, parse_endpoint("proxy", options.proxy.substr(7)));
  }
  for (const auto& [from, to] : options.connect_to) {
    ASSIGN_OR_RETURN(const Endpoint key, parse_endpoint("connect-to", from));
    ASSIGN_OR_RETURN(Endpoint value, parse_endpoint("connect-to", to));
    connector->connect_to_.emplace(host_and_port(key.host, key.port), std::move(value));
  }
  return connector;
}

Connector::Connector(asio::io_context& io, const ClientOptions& options, AddressGuard guard,
                     TlsContext tls, AddressRanges shared, NameLookup lookup, Metrics& metrics)
    : io_(io),
      connect_timeout_(options.connect_timeout),
      guard_(std::move(guard)),
      shared_(std::move(shared)),
      tls_(std::move(tls)),
      metrics_(metrics),
      resolver_(io, std::move(lookup),
                {.cache_for = options.dns_cache,
                 .lookup_timeout = options.connect_timeout + kLookupOutlasts}) {}

// The grammar of a URL's authority, the port included.
Result<Connector::Endpoint> Connector::parse_endpoint(const std::string& option,
                                                      const std::string& text) {
  const auto url = parse_url("http://" + text);
  const bool complete =
      url && url->target == "/" && url->authority.ends_with(":" + std::to_string(url->port));
  if (!complete) return fail(ErrorCode::kInvalidRequest, option + " is not host:port: " + text);
  return Endpoint{url->host, url->port};
}

Connector::Way Connector::way_to(const Url& url) const {
  const auto entry = connect_to_.find(host_and_port(url.host, url.port));
  if (entry != connect_to_.end()) return {.endpoint = entry->second, .guarded = false};
  if (!proxy_.host.empty()) return {.endpoint = proxy_, .guarded = false, .proxied = true};
  return {.endpoint = {url.host, url.port}};
}

TargetForm Connector::target_form(const Url& url) const {
  const bool may_be_proxied = !proxy_.host.empty() && !url.secure;
  return may_be_proxied && way_to(url).proxied ? TargetForm::kAbsolute : TargetForm::kOrigin;
}

Awaitable<Result<void>> Connector::connect(const Url& url, RunningRequest& running,
                                           const Asker& asker) {
  const SteadyTime end = now() + connect_timeout_;
  running.limit(end);
  const Way way = way_to(url);
  CO_ASSIGN_OR_RETURN(Addresses addresses, co_await resolve(way, running, asker));
  tell_address(way, addresses.front(), asker);
  Result<void> done = co_await connect_to_any(addresses, way.endpoint.port, end, running);
  if (!done) resolver_.forget(way.endpoint.host);  // it may have moved
  running.limit(end);
  if (done && way.proxied && url.secure) done = co_await open_tunnel(url, running);
  if (done && url.secure) {
    running.enter(Phase::kTls);
    done = co_await running.connection().start_tls(tls_, url.host);
  }
  if (running.cut_short()) co_return std::unexpected(running.error());
  running.limit_to_timeout();
  co_return done;
}

Awaitable<Result<Addresses>> Connector::resolve(const Way& way, RunningRequest& running,
                                                const Asker& asker) {
  running.enter(Phase::kResolving);
  OneShot woken;
  running.wait_on(&woken);
  Result<Addresses> addresses =
      co_await resolver_.resolve(way.endpoint.host, asker.share_key, woken);
  running.wait_on(nullptr);
  if (running.cut_short()) {
    Error error = running.error();
    const bool of_own_lack = error.code == ErrorCode::kTimedOut && !addresses &&
                             addresses.error().code == ErrorCode::kResolverBusy;
    if (of_own_lack) error = std::move(addresses.error());
    co_return std::unexpected(std::move(error));
  }
  if (addresses && way.guarded) co_return allowed(std::move(*addresses));
  co_return addresses;
}

// Once a minute at least, as the one who is told may forget.
void Connector::tell_address(const Way& way, const std::string& ip, const Asker& asker) {
  if (!asker.connecting || !way.guarded) return;
  const auto address = parse_address(ip);
  if (!address || shared_.contain(*address)) return;
  if (told_.size() >= kToldMax && !told_.contains(way.endpoint.host)) told_.clear();
  Told& told = told_[way.endpoint.host];
  if (told.ip == ip && now() < told.at + kTellAgainAfter) return;
  told = {ip, now()};
  asker.connecting(ip);
}

// One public address among private ones is a legitimate set-up (split DNS), so the private ones are
// left out; only a name without any other is refused.
Result<Addresses> Connector::allowed(Addresses addresses) {
  Error first_refusal;
  std::size_t refused = std::erase_if(addresses, [&](const std::string& ip) {
    const Result<void> checked = guard_.check(ip);
    if (!checked && first_refusal.text.empty()) first_refusal = checked.error();
    return !checked;
  });
  metrics_.addresses_refused_total.add(refused);
  if (addresses.empty()) return std::unexpected(std::move(first_refusal));
  return addresses;
}

Awaitable<Result<void>> Connector::connect_to_any(Addresses addresses, std::uint16_t port,
                                                  SteadyTime end, RunningRequest& running) {
  running.enter(Phase::kConnecting);
  addresses.resize(std::min(addresses.size(), kAddressesTriedMax));
  Result<void> connected;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    running.forgive();
    if (running.cut_short()) break;
    running.limit(end_of_share(end, addresses.size() - i));
    connected = co_await connect_to(addresses[i], port, running);
    if (connected || is_own_lack(connected.error().code)) break;
  }
  co_return connected;
}

Awaitable<Result<void>> Connector::connect_to(const std::string& ip, std::uint16_t port,
                                              RunningRequest& running) {
  running.use(Connection::make(io_));
  const auto error = co_await running.connection().connect(ip, port);
  if (running.cut_short()) co_return std::unexpected(running.error());
  if (error)
    co_return fail(own_lack_of(error.value(), ip).value_or(ErrorCode::kConnectFailed),
                   "cannot connect to " + host_and_port(ip, port) + ": " + error.message());
  metrics_.connections_opened_total.add();
  co_return Result<void>();
}

Awaitable<Result<void>> Connector::open_tunnel(const Url& url, RunningRequest& running) {
  running.enter(Phase::kTunnel);
  const Result<ClientResponse> answer = co_await exchange(
      running, connect_head(url), Bytes(), {.kind = ResponseReader::Kind::kToConnect});
  if (!answer) co_return std::unexpected(answer.error());
  if (answer->status / 100 != 2 || !running.connection().is_open())
    co_return fail(ErrorCode::kConnectFailed, "the proxy refused a tunnel to " +
                                                  host_and_port(url.host, url.port) +
                                                  " with status " + std::to_string(answer->status));
  co_return Result<void>();
}

}  // namespace ferry::http
