#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/header_list.h"
#include "base/time.h"
#include "domain/function.h"
#include "domain/invocation.h"

namespace ferry {

// What the caller of an HTTP function sent: its function gets it as it is (contract section 3).
struct PassedRequest {
  std::string method;
  std::string target;  // path and query behind the function's name, beginning with '/'
  HeaderList headers;  // without those that are about the connection or the caller's identity
};

// One call of a function's endpoint, synchronous or as the attempt of a delivery.
struct FunctionCall {
  std::string endpoint;      // base URL
  std::string account;       // the tenant's name
  InvocationPtr invocation;  // never null
  Bytes event;
  Duration timeout{0};
  std::int32_t retry_count = 0;  // attempts before this one
  std::string trace_context;     // traceparent, or empty
  // Of an HTTP function; nothing: the event goes to /invoke. The event is the body.
  std::optional<PassedRequest> passed = std::nullopt;
};

// What an invocation of the function has of it; event age, task and lineage are the caller's.
Invocation invocation_of(const Function& function, const std::string& qualifier,
                         const std::string& request_id, std::string_view region,
                         std::string_view account);

}  // namespace ferry
