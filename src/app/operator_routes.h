#pragma once

#include <string>
#include <string_view>

#include "app/operator_commands.h"
#include "http/awaitable.h"
#include "http/blocking_pool.h"
#include "http/server.h"

// The operator's commands as routes, on the control socket alone: /ferry/v1/operator/ and the words
// of the command, each a segment. Commands that change nothing are GET with their arguments in the
// query, the others POST with a JSON object of texts, or nothing, as body:
//
//   GET  /ferry/v1/operator/status
//   GET  /ferry/v1/operator/tenant/list-keys?name=acme
//   POST /ferry/v1/operator/tenant/create          {"name":"acme"}
//
// 200 with what the command tells, or {"error": TEXT} with the status of its code and its slug in
// Ferry-Error-Code.

namespace ferry::app {

inline constexpr std::string_view kOperatorPrefix = "/ferry/v1/operator/";
inline constexpr std::size_t kOperatorBodyBytesMax = 64u << 10;

// Answers requests on the loop of one thread. What reads is answered there at once; what changes
// something runs on a thread of its own, one command after the other, and a backup on another one,
// so neither keeps a reader waiting. It ends after the loop has stopped and before it is gone; what
// still runs ends first.
class OperatorRoutes {
 public:
  explicit OperatorRoutes(Operator commands) : commands_(std::move(commands)) {}

  http::Admission admit(const http::RequestHead& head) const;
  Awaitable<http::ServerResponse> answer(http::Request request);

 private:
  Operator commands_;
  http::BlockingPool changes_{1};
  http::BlockingPool backups_{1};
};

}  // namespace ferry::app
