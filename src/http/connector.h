#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/metrics.h"
#include "base/result.h"
#include "http/address_guard.h"
#include "http/address_ranges.h"
#include "http/pooled_client.h"
#include "http/request_head.h"
#include "http/resolver.h"
#include "http/running_request.h"
#include "http/tls.h"
#include "http/url.h"

namespace ferry::http {

// Opens connections: finds the way (connect-to entry, proxy or the host itself), resolves, asks the
// guard about every address, tries them in order, and puts tunnel and TLS on top. One thread, the
// io_context's.
class Connector {
 public:
  // kInvalidRequest for a bad CIDR, CA file, proxy, nameserver or connect-to entry. Names are
  // looked up as the options say unless `lookup` is given, for tests.
  static Result<std::unique_ptr<Connector>> make(asio::io_context& io, const ClientOptions& options,
                                                 Metrics& metrics,
                                                 NameLookup::Blocking lookup = {});

  // A proxy is asked for plain URLs in absolute form, unless a connect-to entry leads around it.
  TargetForm target_form(const Url& url) const;

  // Leaves a connection to the URL's server in `running`. All of it ends within the connect
  // time-out. kDnsFailed, kAddressRefused, kConnectFailed, kTlsFailed, kProtocolError (of a proxy),
  // kConnectionLost, kTimedOut, kStopping, kCut, and codes of is_own_lack().
  Awaitable<Result<void>> connect(const Url& url, RunningRequest& running, const Asker& asker);

 private:
  struct Endpoint {
    std::string host;
    std::uint16_t port = 0;
  };
  struct Way {
    Endpoint endpoint;
    bool guarded = true;  // false: the operator chose the endpoint
    bool proxied = false;
  };
  using EndpointMap = std::map<std::string, Endpoint, std::less<>>;

  Connector(asio::io_context& io, const ClientOptions& options, AddressGuard guard, TlsContext tls,
            AddressRanges shared, NameLookup lookup, Metrics& metrics);

  static Result<Endpoint> parse_endpoint(const std::string& option, const std::string& text);
  Way way_to(const Url& url) const;
  Result<Resolver::Addresses> allowed(Resolver::Addresses addresses);
  Awaitable<Result<Resolver::Addresses>> resolve(const Way& way, RunningRequest& running,
                                                 const Asker& asker);
  void tell_address(const Way& way, const std::string& ip, const Asker& asker);
  Awaitable<Result<void>> connect_to_any(Resolver::Addresses addresses, std::uint16_t port,
                                         SteadyTime end, RunningRequest& running);
  Awaitable<Result<void>> connect_to(const std::string& ip, std::uint16_t port,
                                     RunningRequest& running);
  Awaitable<Result<void>> open_tunnel(const Url& url, RunningRequest& running);

  asio::io_context& io_;
  const Duration connect_timeout_;
  const AddressGuard guard_;
  const AddressRanges shared_;  // addresses of many hosts, of which no host is told
  const TlsContext tls_;
  Metrics& metrics_;
  Resolver resolver_;
  Endpoint proxy_;  // without a host: none
  EndpointMap connect_to_;
  struct Told {
    std::string ip;
    SteadyTime at;
  };
  std::unordered_map<std::string, Told> told_;  // by host
};

}  // namespace ferry::http
