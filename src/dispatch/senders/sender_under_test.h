#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dispatch/senders/sender.h"
#include "http/client.h"

// What tests of senders over HTTP share.

namespace ferry::dispatch {

// A client that remembers requests and has one answer for all of them.
class CannedClient : public http::Client {
 public:
  Awaitable<Result<http::ClientResponse>> send(http::ClientRequest request) override;

  void answer_with(int status, std::string body);
  const http::ClientRequest& last() const { return requests.back(); }
  // The value of that field of the last request; empty when it has none.
  std::string header(std::string_view name) const;

  std::vector<http::ClientRequest> requests;
  Result<http::ClientResponse> answer = http::ClientResponse{.status = 200};
};

// Sends on a loop of its own and returns what came of it.
PushResult send_now(Sender& sender, Push push);

// A push of {"a":1} to that destination, at 2026-11-21T20:38:04Z.
Push sample_push(std::string_view target);

}  // namespace ferry::dispatch
