#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "api/trusted_proxies.h"
#include "base/header_list.h"
#include "base/result.h"
#include "domain/tenant.h"
#include "http/server.h"
#include "http/types.h"

namespace ferry::api {

// Where the token stood: one that came as a query parameter leaves the Authorization field to the
// publisher (contract section 2.6).
enum class TokenPlace : std::uint8_t { kHeader, kQuery };

// Who makes a call.
struct Caller {
  TenantPtr tenant;  // null on open routes
  TokenScope scope = TokenScope::kReadOnly;
  TokenPlace token_place = TokenPlace::kHeader;
};

// What a route asks of its caller.
enum class Access : std::uint8_t {
  kOpen,  // nothing: health, version, preflight
  kRead,  // any token
  kFull,  // a token that is not read-only
};

// The token of an `Authorization: Bearer` field.
std::optional<std::string_view> bearer_token(const HeaderList& headers);

// The tenant of the bearer token or else of the `qstash_token` parameter (contract section 1.1).
// kUnauthenticated, the same text whether the token is absent or wrong; kTenantSuspended.
Result<Caller> authenticate(const TenantCatalog& catalog, const http::RequestHead& head);

// Who is charged for the calls of a tenant.
http::Party party_of(const Tenant& tenant);

// A call whose caller is not known: nothing but its head is read, and it is charged to its address,
// which a trusted proxy in between names.
http::Admission admit_stranger(const TrustedProxies& proxies, const http::RequestHead& head);

// kReadOnlyToken.
Result<void> authorize(const Caller& caller, Access access);

}  // namespace ferry::api
