#pragma once

#include <memory>
#include <string_view>

#include "api/call.h"
#include "http/server.h"

namespace ferry::api::fc {

// The Function Compute API of one I/O thread (contract section 1): routes, callers and errors of
// its own. All calls on that thread.
class FunctionApi {
 public:
  // `services` outlive it.
  explicit FunctionApi(const Services& services);
  ~FunctionApi();

  static bool serves(std::string_view path);

  // Refuses what needs no body: unknown callers, old dates, what is announced too large.
  http::Admission admit(const http::RequestHead& head);
  // Checks the signature, which covers the body, and carries the call out. Every answer has an
  // x-fc-request-id.
  Awaitable<http::ServerResponse> handle(http::Request request);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ferry::api::fc
