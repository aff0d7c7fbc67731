#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "base/time.h"
#include "http/awaitable.h"
#include "http/party.h"
#include "http/server_budgets.h"
#include "http/types.h"

namespace ferry::http {

// What the server is told about a request once its head is in: refuse it at once, or read its body
// up to that many bytes. With 0 bytes nothing but the head is read, and the request is handled
// without its body.
struct Admission {
  std::optional<ServerResponse> refusal;
  std::size_t body_bytes_max = 0;
  // Who is charged for the connection, the body and the answer from now on. kNone: whoever was.
  Party party = {};
  // Health, metrics and the like: answered although all connections are taken.
  bool is_vital = false;
};

struct ServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;  // 0: any free one
  bool reuse_port = false;    // several I/O threads listen on one port
  // A socket that listens already, in place of host and port: a unix socket, say. The server closes
  // it. Peers without an IP address have an empty one.
  int listening_descriptor = -1;
  // Whether the peer of an accepted descriptor is served; others are closed without a word. Null:
  // every peer.
  std::function<bool(int descriptor)> serves_peer;
  std::string tls_certificate_file;  // PEM chain; with the key: TLS
  std::string tls_key_file;
  std::size_t target_bytes_max = 16u << 10;
  std::size_t header_bytes_max = 64u << 10;
  std::size_t header_fields_max = 256;
  // All servers that share `budgets` count together; each of them is `servers`.
  std::size_t connections_max = 10'000;
  std::size_t connections_per_address_max = 1024;  // until their first request of a known caller
  std::size_t servers = 1;
  std::size_t reading_bytes_max = 256u << 20;  // bodies being read, of budgets of its own
  std::size_t answer_bytes_max = 128u << 20;   // answers that are not read yet, likewise
  std::shared_ptr<ServerBudgets> budgets;      // null: this server has its own
  // Peers whose connections have no limit by address: proxies that others come through.
  std::function<bool(std::string_view peer_ip)> is_trusted_proxy;
  Duration head_timeout =
      std::chrono::seconds(15);  // from a request's first byte to its head's end
  Duration body_timeout = std::chrono::seconds(120);   // without progress of 1 KiB a second
  Duration idle_timeout = std::chrono::seconds(75);    // between requests
  Duration write_timeout = std::chrono::seconds(30);   // without progress of 1 KiB a second
  Duration admission_wait = std::chrono::seconds(10);  // for memory to read a body
};

// An HTTP/1.1 server on one io_context (one thread): keep-alive, pipelining answered in order,
// Content-Length and chunked bodies, Expect: 100-continue, strict framing (a request that could be
// read two ways is refused with 400 and the connection closed). The request target is passed on
// raw. Its own refusals (400, 408, 413, 414, 431, 501, 503, 505) are JSON {"error": "..."} like all
// others.
//
// One party never holds what all need: a body is read once its memory is granted (ByteBudget), a
// peer that sends or reads slower than 1 KiB a second is cut off, and when all connections are
// taken, one that waits for a request is closed for a new one (ConnectionBook). It is destroyed on
// its thread or after that has ended, and before its io_context.
class Server {
 public:
  using Admit = std::function<Admission(const RequestHead&)>;
  using Handle = std::function<Awaitable<ServerResponse>(Request)>;

  static Result<std::unique_ptr<Server>> listen(asio::io_context& io, ServerOptions options,
                                                Admit admit, Handle handle, Metrics& metrics);
  virtual ~Server() = default;

  virtual std::uint16_t port() const = 0;  // 0 for a listening_descriptor

  // Reads certificate and key again; running connections keep the old ones. Errors leave them in
  // place. Nothing to do without TLS.
  virtual Result<void> reload_tls() = 0;

  // Stops accepting, lets running requests end, closes idle connections. `stopped` is called, later
  // and once, when the last connection is gone, or after `grace`, when the rest is cut off. A
  // second call replaces grace and `stopped` of the first.
  virtual void stop(Duration grace, std::function<void()> stopped) = 0;
};

}  // namespace ferry::http
