#include "base/errors.h"

#include <array>

#include "base/check.h"

namespace ferry {
namespace {

constexpr std::size_t kCodes = static_cast<std::size_t>(ErrorCode::kCount);

// One row a code, in the order of the enum. Codes of the store and of an attempt never answer a
// request by themselves; their status is what the API says should one get there.
constexpr ErrorInfo kCatalogue[] = {
    {ErrorCode::kInvalidRequest, "invalid_request", 400, "the request is malformed"},
    {ErrorCode::kInvalidDestination, "invalid_destination", 400, "invalid destination url"},
    {ErrorCode::kInvalidHeader, "invalid_header", 400, "a request header is malformed"},
    {ErrorCode::kInvalidBody, "invalid_body", 400, "the request body is malformed"},
    {ErrorCode::kInvalidFilter, "invalid_filter", 400, "a query parameter is unknown or malformed"},
    {ErrorCode::kUnauthenticated, "unauthenticated", 401, "unable to authenticate: invalid token"},
    {ErrorCode::kReadOnlyToken, "read_only_token", 403, "forbidden: read-only token"},
    {ErrorCode::kTenantSuspended, "tenant_suspended", 403, "forbidden: the account is suspended"},
    {ErrorCode::kNotFound, "not_found", 404, "not found"},
    {ErrorCode::kMethodNotAllowed, "method_not_allowed", 405, "method not allowed"},
    {ErrorCode::kConflict, "conflict", 409, "it is there already"},
    {ErrorCode::kRequestTimeout, "request_timeout", 408, "the request came too slowly"},
    {ErrorCode::kQuotaExceeded, "quota_exceeded", 412, "quota exceeded"},
    {ErrorCode::kTooLarge, "too_large", 413, "quota maxMessageSize exceeded"},
    {ErrorCode::kTargetTooLong, "target_too_long", 414, "the request target is too long"},
    {ErrorCode::kHeadersTooLarge, "headers_too_large", 431, "the request headers are too large"},
    {ErrorCode::kRateLimited, "rate_limited", 429, "rate limit exceeded"},
    {ErrorCode::kInternal, "internal", 500, "internal error"},
    {ErrorCode::kOverloaded, "overloaded", 503, "the server is overloaded, try again later"},
    {ErrorCode::kDiskFull, "disk_full", 503, "the server is out of disk space"},
    {ErrorCode::kStopping, "stopping", 503, "the server is stopping"},
    {ErrorCode::kAmbiguousCommit, "ambiguous_commit", 503,
     "the request may have been carried out; repeat it with a deduplication id"},
    {ErrorCode::kStoreCorrupt, "store_corrupt", 500, "the store is corrupt"},
    {ErrorCode::kStoreTooNew, "store_too_new", 500, "the store was written by a newer version"},
    {ErrorCode::kStoreLocked, "store_locked", 500, "the store is in use by another process"},
    {ErrorCode::kStoreIo, "store_io", 500, "the store could not be read or written"},
    {ErrorCode::kDnsFailed, "dns_failed", 502, "the host name could not be resolved"},
    {ErrorCode::kAddressRefused, "address_refused", 502, "the destination address is not allowed"},
    {ErrorCode::kConnectFailed, "connect_failed", 502, "the connection could not be opened"},
    {ErrorCode::kTlsFailed, "tls_failed", 502, "the TLS handshake failed"},
    {ErrorCode::kTimedOut, "timed_out", 504, "the request timed out"},
    {ErrorCode::kProtocolError, "protocol_error", 502, "the peer did not speak HTTP"},
    {ErrorCode::kConnectionLost, "connection_lost", 502, "the connection was lost"},
    {ErrorCode::kCut, "cut", 502, "the request was ended by its caller"},
    {ErrorCode::kOutOfDescriptors, "out_of_descriptors", 503,
     "the server has no file descriptor left, try again later"},
    {ErrorCode::kOutOfPorts, "out_of_ports", 503,
     "the server has no local port left, try again later"},
    {ErrorCode::kOutOfMemory, "out_of_memory", 503,
     "the server has no memory or thread left, try again later"},
    {ErrorCode::kResolverBusy, "resolver_busy", 503,
     "the server looks up too many host names, try again later"},
    {ErrorCode::kShareExhausted, "share_exhausted", 429,
     "too many calls run already, try again later"},
    {ErrorCode::kRecursionDetected, "recursion_detected", 400, "a loop of functions was stopped"},
};

static_assert(std::size(kCatalogue) == kCodes, "every code has one row");
static_assert(
    [] {
      for (std::size_t i = 0; i < kCodes; ++i) {
        if (kCatalogue[i].code != static_cast<ErrorCode>(i)) return false;
      }
      return true;
    }(),
    "the rows stand in the order of the enum");

}  // namespace

const ErrorInfo& error_info(ErrorCode code) {
  const auto row = static_cast<std::size_t>(code);
  CHECK(row < kCodes);
  return kCatalogue[row];
}

}  // namespace ferry
