#include "api/fc/faults.h"

#include "api/answers.h"
#include "base/check.h"
#include "base/json_writer.h"

namespace ferry::api::fc {
namespace {

using enum FaultCode;

// In the order of the enumeration.
constexpr FaultInfo kFaults[] = {
    {kInvalidArgument, "InvalidArgument", 400},
    {kMissingRequiredHeader, "MissingRequiredHeader", 400},
    {kPathNotSupported, "PathNotSupported", 400},
    {kEntityTooLarge, "EntityTooLarge", 400},
    {kLimitExceeded, "LimitExceededError", 400},
    {kRecursionDetected, "RecursionDetected", 400},
    {kAccessDenied, "AccessDenied", 403},
    {kSignatureNotMatch, "SignatureNotMatch", 403},
    {kInvalidAccessKeyId, "InvalidAccessKeyID", 403},
    {kServiceNotFound, "ServiceNotFound", 404},
    {kFunctionNotFound, "FunctionNotFound", 404},
    {kVersionNotFound, "VersionNotFound", 404},
    {kAliasNotFound, "AliasNotFound", 404},
    {kTriggerNotFound, "TriggerNotFound", 404},
    {kAsyncConfigNotExists, "AsyncConfigNotExists", 404},
    {kTaskNotFound, "AsyncTaskNotFound", 404},
    {kStatefulNotFound, "StatefulAsyncInvocationNotFound", 404},
    {kServiceAlreadyExists, "ServiceAlreadyExists", 409},
    {kFunctionAlreadyExists, "FunctionAlreadyExists", 409},
    {kAliasAlreadyExists, "AliasAlreadyExists", 409},
    {kTriggerAlreadyExists, "TriggerAlreadyExists", 409},
    {kTaskAlreadyExists, "StatefulAsyncInvocationAlreadyExists", 409},
    {kServiceNotEmpty, "ServiceNotEmpty", 409},
    {kConcurrentUpdate, "ConcurrentUpdateError", 409},
    {kThrottled, "ResourceThrottled", 429},
    {kFunctionResourceExhausted, "FunctionResourceExhausted", 429},
    {kInternal, "InternalServerError", 500},
    {kUnavailable, "ServiceUnavailable", 503},
};

FaultCode fault_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidRequest:
    case ErrorCode::kInvalidDestination:
    case ErrorCode::kInvalidHeader:
    case ErrorCode::kInvalidBody:
    case ErrorCode::kInvalidFilter:
      return kInvalidArgument;
    case ErrorCode::kUnauthenticated:
    case ErrorCode::kReadOnlyToken:
    case ErrorCode::kTenantSuspended:
      return kAccessDenied;
    case ErrorCode::kNotFound:
      return kFunctionNotFound;
    case ErrorCode::kConflict:
      return kConcurrentUpdate;
    case ErrorCode::kQuotaExceeded:
      return kLimitExceeded;
    case ErrorCode::kTooLarge:
      return kEntityTooLarge;
    case ErrorCode::kRateLimited:
    case ErrorCode::kShareExhausted:
      return kThrottled;
    case ErrorCode::kRecursionDetected:
      return kRecursionDetected;
    case ErrorCode::kOverloaded:
    case ErrorCode::kDiskFull:
    case ErrorCode::kStopping:
    case ErrorCode::kAmbiguousCommit:
    case ErrorCode::kOutOfDescriptors:
    case ErrorCode::kOutOfPorts:
    case ErrorCode::kOutOfMemory:
    case ErrorCode::kResolverBusy:
    case ErrorCode::kCut:  // the caller has gone
      return kUnavailable;
    default:
      return kInternal;
  }
}

}  // namespace

const FaultInfo& fault_info(FaultCode code) {
  const FaultInfo& info = kFaults[static_cast<std::size_t>(code)];
  CHECK(info.code == code);
  return info;
}

Fault::Fault(const Error& error) : code(fault_of(error.code)), text(error.text) {}

http::ServerResponse fault_answer(const Fault& fault, std::string_view request_id) {
  const FaultInfo& info = fault_info(fault.code);
  JsonWriter json;
  json.begin_object()
      .field("Code", info.name)
      .field("Message", fault.text)
      .field("RequestId", request_id)
      .field("ErrorCode", info.name)
      .field("ErrorMessage", fault.text)
      .end_object();
  http::ServerResponse response = json_answer(std::move(json).take(), info.status);
  if (info.status == 503) response.headers.add("Retry-After", "1");
  return response;
}

}  // namespace ferry::api::fc
