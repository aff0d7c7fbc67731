#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/header_list.h"
#include "base/result.h"
#include "base/time.h"
#include "http/awaitable.h"
#include "http/cut.h"

namespace ferry::http {

// A body that is not in memory: the client reads a piece, sends it, and only then reads the next.
struct BodySource {
  std::uint64_t size = 0;
  // The bytes from `offset` on, at least one and as many as suit the source. An error ends the
  // request and is its result. Called again from 0 when the request is sent a second time.
  std::function<Awaitable<Result<Bytes>>(std::uint64_t offset)> read;
  // The request is over: a read that still waits ends at once, with any result.
  std::function<void()> cancel;
};

// On whose behalf a request is sent.
struct Asker {
  // Whose share of lookups and of memory for answers it counts against: a number that means nothing
  // here.
  std::uint64_t share_key = 0;
  Cut* cut = nullptr;  // ends the request early; outlives it
  // Called with the address that is connected to, when it is a new one for the host. Not for
  // addresses that the operator chose or declared as shared.
  std::function<void(const std::string& ip)> connecting = nullptr;
};

struct ClientRequest {
  std::string method;
  std::string url;     // verbatim
  HeaderList headers;  // Host and Content-Length are the client's; a User-Agent is the caller's
  Bytes body;
  std::optional<BodySource> source{};  // instead of `body`; not empty
  Duration timeout{0};                 // connect to end of body
  std::size_t response_bytes_max = 0;  // the rest is read and dropped, or the connection closed
  Asker asker{};
};

struct ClientResponse {
  int status = 0;
  HeaderList headers;
  Bytes body;
  bool truncated = false;
};

// One of the two virtual seams: sends one request, once, follows no redirects, never retries.
// Errors: kInvalidDestination, kDnsFailed, kAddressRefused, kConnectFailed, kTlsFailed, kTimedOut,
// kProtocolError, kConnectionLost, kStopping, kCut, those that is_own_lack() knows, for which
// nothing was sent, and what the source of the body failed with. The error's text is fit for the
// event log.
class Client {
 public:
  virtual ~Client() = default;
  virtual Awaitable<Result<ClientResponse>> send(ClientRequest request) = 0;
};

}  // namespace ferry::http
