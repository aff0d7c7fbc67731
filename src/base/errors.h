#pragma once

#include <cstdint>
#include <string_view>

// The one catalogue of error codes: what a caller may tell apart. The slug names a code in logs and
// in the Ferry-Error-Code response header; the HTTP status is what the API answers with it.

namespace ferry {

enum class ErrorCode : std::uint16_t {
  // The request is at fault; nothing was changed.
  kInvalidRequest,      // 400, anything malformed that no narrower code names
  kInvalidDestination,  // 400, contract section 2.1
  kInvalidHeader,       // 400, an Upstash-* option; the text names it
  kInvalidBody,         // 400, a JSON body that does not say what it must
  kInvalidFilter,       // 400, an unknown or malformed query parameter
  kUnauthenticated,     // 401
  kReadOnlyToken,       // 403
  kTenantSuspended,     // 403
  kNotFound,            // 404
  kMethodNotAllowed,    // 405
  kConflict,            // 409, it is there already, or another change came in between
  kRequestTimeout,      // 408, the peer was too slow in sending its request
  kQuotaExceeded,       // 412, contract section 0.3
  kTooLarge,            // 413
  kTargetTooLong,       // 414
  kHeadersTooLarge,     // 431
  kRateLimited,         // 429
  // The server is at fault or busy.
  kInternal,         // 500
  kOverloaded,       // 503, the inbox stayed full for accept_wait
  kDiskFull,         // 503, below the disk watermark or out of journal room
  kStopping,         // 503
  kAmbiguousCommit,  // 503, the message may exist; a deduplication id makes the retry safe
  // The store.
  kStoreCorrupt,
  kStoreTooNew,
  kStoreLocked,
  kStoreIo,
  // An attempt.
  kDnsFailed,
  kAddressRefused,
  kConnectFailed,
  kTlsFailed,
  kTimedOut,
  kProtocolError,
  kConnectionLost,
  kCut,  // whoever asked for the request ended it
  // An attempt, or a call, that this server could not begin: nothing was sent, and the endpoint is
  // not at fault (is_own_lack).
  kOutOfDescriptors,  // 503, file descriptors of the process or the system
  kOutOfPorts,        // 503, local ports to connect from
  kOutOfMemory,       // 503, of the kernel, or threads
  kResolverBusy,      // 503, lookups of names
  kShareExhausted,    // 429, what one tenant or one endpoint may hold at once
  // An invocation.
  kRecursionDetected,  // 400, Function Compute contract section 7
  kCount,  // not an error: the number of codes
};

struct ErrorInfo {
  ErrorCode code;
  std::string_view slug;
  int http_status;
  std::string_view text;  // used where the place that failed had nothing more precise to say
};

// Whether the code says that the server itself lacked something, before it sent anything.
constexpr bool is_own_lack(ErrorCode code) {
  return code >= ErrorCode::kOutOfDescriptors && code <= ErrorCode::kShareExhausted;
}

// The catalogue's row of `code`.
const ErrorInfo& error_info(ErrorCode code);

}  // namespace ferry
