#pragma once

#include <cstddef>
#include <string>

#include "base/bytes.h"
#include "base/header_list.h"
#include "base/result.h"
#include "base/time.h"
#include "http/awaitable.h"

namespace ferry::http {

struct ClientRequest {
  std::string method;
  std::string url;     // verbatim
  HeaderList headers;  // Host and Content-Length are the client's; a User-Agent is the caller's
  Bytes body;
  Duration timeout{0};                 // connect to end of body
  std::size_t response_bytes_max = 0;  // the rest is read and dropped, or the connection closed
};

struct ClientResponse {
  int status = 0;
  HeaderList headers;
  Bytes body;
  bool truncated = false;
};

// One of the two virtual seams: sends one request, once, follows no redirects, never retries.
// Errors: kInvalidDestination, kDnsFailed, kAddressRefused, kConnectFailed, kTlsFailed, kTimedOut,
// kProtocolError, kConnectionLost, kStopping. The error's text is fit for the event log.
class Client {
 public:
  virtual ~Client() = default;
  virtual Awaitable<Result<ClientResponse>> send(ClientRequest request) = 0;
};

}  // namespace ferry::http
