#pragma once

#include <optional>
#include <string>

#include "api/auth.h"
#include "api/fc/faults.h"
#include "api/fc/signature.h"
#include "domain/tenant.h"
#include "http/types.h"

namespace ferry::api::fc {

// How far the date of a signed call may be from the server's own time (contract section 1.6).
inline constexpr Duration kClockSkewMax = std::chrono::minutes(15);

// Who says to make a call. With a signature that is only a claim until check_signature().
struct Identity {
  Caller caller;
  std::optional<Signature> signature;  // nothing: a token of ours
  std::string secret;                  // of the signature's key
  std::string nonce;                   // of ACS3
};

// Before the body is read: the caller by the signature's access key, or by a bearer token of ours,
// as `Authorization: Bearer` or as x-acs-bearer-token (contract section 1.7). The date must be
// near, a presigned URL of the classic face not expired, the key known and the tenant not
// suspended.
Checked<Identity> identify(const TenantCatalog& catalog, const http::RequestHead& head,
                           TimePoint now);

// Before the body is read: kSignatureNotMatch unless the head was signed with the key's secret, the
// digest included that the body is said to have.
Checked<void> check_head_signature(const Identity& identity, const http::RequestHead& head);

// Whether the signature is over the body too.
bool signs_body(const Identity& identity);

// With the SHA-256 of the body, where that is signed: kSignatureNotMatch unless it was signed with
// the key's secret.
Checked<void> check_signature(const Identity& identity, const http::RequestHead& head,
                              const Sha256Digest& body);

}  // namespace ferry::api::fc
