#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/types.h"

// The errors of the Function Compute API (contract section 1.6): what its clients tell apart is a
// code of their own vocabulary.

namespace ferry::api::fc {

enum class FaultCode : std::uint8_t {
  kInvalidArgument,
  kMissingRequiredHeader,
  kPathNotSupported,
  kEntityTooLarge,
  kLimitExceeded,
  kRecursionDetected,
  kAccessDenied,
  kSignatureNotMatch,
  kInvalidAccessKeyId,
  kServiceNotFound,
  kFunctionNotFound,
  kVersionNotFound,
  kAliasNotFound,
  kTriggerNotFound,
  kAsyncConfigNotExists,
  kTaskNotFound,      // as 3.0 calls it
  kStatefulNotFound,  // as 2.0 does
  kServiceAlreadyExists,
  kFunctionAlreadyExists,
  kAliasAlreadyExists,
  kTriggerAlreadyExists,
  kTaskAlreadyExists,
  kServiceNotEmpty,
  kConcurrentUpdate,
  kThrottled,
  kFunctionResourceExhausted,
  kInternal,
  kUnavailable,
};

struct FaultInfo {
  FaultCode code;
  std::string_view name;  // on the wire
  int status;
};
const FaultInfo& fault_info(FaultCode code);

// Why a call is refused.
struct Fault {
  FaultCode code = FaultCode::kInternal;
  std::string text;

  Fault(FaultCode fault_code, std::string why) : code(fault_code), text(std::move(why)) {}
  // What the rest of the server failed with. Of what is absent or there already it is told which
  // thing it was where that is known; here it is a function.
  Fault(const Error& error);  // NOLINT(google-explicit-constructor): for RETURN_IF_ERROR
};

template <class T>
using Checked = std::expected<T, Fault>;

[[nodiscard]] inline std::unexpected<Fault> refuse(FaultCode code, std::string text) {
  return std::unexpected(Fault(code, std::move(text)));
}
[[nodiscard]] inline std::unexpected<Fault> invalid_argument(std::string text) {
  return refuse(FaultCode::kInvalidArgument, std::move(text));
}

// The body has the keys of all three generations of clients (contract section 0.6).
http::ServerResponse fault_answer(const Fault& fault, std::string_view request_id);

}  // namespace ferry::api::fc
