#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "http/address_guard.h"
#include "http/byte_budget.h"
#include "http/client.h"

namespace ferry::http {

// How host names are looked up.
struct NameOptions {
  enum class By : std::uint8_t {
    kDns,     // in this process (make_dns_lookup)
    kSystem,  // getaddrinfo(3) on threads
  } by = By::kDns;
  std::vector<std::string> nameservers{};  // of kDns; empty: those of resolv.conf

  friend bool operator==(const NameOptions&, const NameOptions&) = default;
};

struct ClientOptions {
  Duration connect_timeout = std::chrono::seconds(10);
  Duration idle_timeout = std::chrono::seconds(30);  // of a pooled connection
  Duration dns_cache = std::chrono::seconds(30);
  std::size_t idle_per_host_max = 64;
  std::size_t idle_total_max = 1024;
  std::string ca_file;  // extra CAs (PEM), besides the system's
  std::string proxy;    // "http://host:port", or empty
  // Like curl's --connect-to: "host:port" -> "host:port". The URL, Host field and certificate name
  // stay.
  std::map<std::string, std::string> connect_to;
  AddressGuard::Options guard;
  // Ranges whose addresses many hosts share (a CDN, an ingress): ClientRequest::connecting is not
  // told of them.
  std::vector<std::string> shared_addresses;
  NameOptions names;
  // Memory for answers that are being read, shared with other clients; null: no bound.
  std::shared_ptr<ByteBudget> answers;
};

// The real client: keep-alive connections pooled per host, TLS verified, every address checked by
// the guard before it is connected to (of a connect-to or proxy entry the operator chose the
// address, so that one is not checked; behind a proxy it is the proxy that decides what may be
// reached). One object per I/O thread; all calls on that thread. It ends after the last send() and
// before its io_context.
//
// A pooled connection may close at the moment it is used. When it ends without one byte of an
// answer, the request is sent a second time, on a new connection (RFC 9110 section 9.2.2 and RFC
// 9112 section 9.3.1 leave that to who knows the request: delivery here is at least once, and
// receivers tell repetitions by the message id). Connections found closed beforehand are never
// used, so this is rare.
class PooledClient : public Client {
 public:
  // kInvalidRequest for a bad option (CIDR, CA file, proxy, connect-to entry).
  static Result<std::unique_ptr<PooledClient>> make(asio::io_context& io, ClientOptions options,
                                                    Metrics& metrics);

  // Closes idle connections and cancels running requests (they end with kStopping).
  virtual void stop() = 0;
};

}  // namespace ferry::http
