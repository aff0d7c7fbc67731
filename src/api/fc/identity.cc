#include "api/fc/identity.h"

#include <algorithm>

#include "base/encoding.h"

namespace ferry::api::fc {
namespace {

Checked<std::string> required_header(const http::RequestHead& head, std::string_view name) {
  const std::string* value = head.headers.find(name);
  if (value != nullptr && !value->empty()) return *value;
  return refuse(FaultCode::kMissingRequiredHeader,
                "required HTTP header " + std::string(name) + " was not specified");
}

Checked<void> check_tenant(const Tenant& tenant) {
  if (!tenant.suspended) return {};
  return refuse(FaultCode::kAccessDenied, "the account is suspended");
}

Checked<Identity> identify_token(const TenantCatalog& catalog, std::string_view token) {
  auto identity = catalog.authenticate(token);
  if (!identity) return refuse(FaultCode::kAccessDenied, "the bearer token is not known");
  RETURN_IF_ERROR(check_tenant(*identity->tenant));
  return Identity{.caller = {std::move(identity->tenant), identity->scope, TokenPlace::kHeader},
                  .signature = std::nullopt,
                  .secret = {},
                  .nonce = {}};
}

Checked<void> check_date(std::optional<TimePoint> date, TimePoint now) {
  if (!date) return invalid_argument("the date of the request is malformed");
  if (*date >= now - kClockSkewMax && *date <= now + kClockSkewMax) return {};
  return refuse(FaultCode::kAccessDenied,
                "the date of the request is more than 15 minutes from the server's time");
}

// A signature that leaves these out would let anyone change them.
Checked<void> check_signed_headers(const Signature& signature) {
  for (const std::string_view name :
       {"x-acs-date", "x-acs-content-sha256", "x-acs-signature-nonce"}) {
    if (std::ranges::find(signature.signed_headers, name) == signature.signed_headers.end()) {
      return refuse(FaultCode::kSignatureNotMatch, std::string(name) + " is not signed");
    }
  }
  return {};
}

Checked<void> check_acs3(const http::RequestHead& head, const Signature& signature, TimePoint now,
                         std::string& nonce) {
  ASSIGN_OR_RETURN(const std::string date, required_header(head, "x-acs-date"));
  ASSIGN_OR_RETURN(nonce, required_header(head, "x-acs-signature-nonce"));
  RETURN_IF_ERROR(required_header(head, "x-acs-content-sha256"));
  RETURN_IF_ERROR(check_signed_headers(signature));
  return check_date(parse_acs_date(date), now);
}

Checked<Identity> identify_signer(const TenantCatalog& catalog, const http::RequestHead& head,
                                  Signature signature, TimePoint now) {
  Identity identity;
  if (signature.scheme == SignatureScheme::kAcs3) {
    RETURN_IF_ERROR(check_acs3(head, signature, now, identity.nonce));
  } else {
    ASSIGN_OR_RETURN(const std::string date, required_header(head, "Date"));
    RETURN_IF_ERROR(check_date(parse_http_date(date), now));
  }
  auto signer = catalog.access_key(signature.key_id);
  if (!signer) {
    return refuse(FaultCode::kInvalidAccessKeyId,
                  "access key ID '" + signature.key_id + "' was not found");
  }
  RETURN_IF_ERROR(check_tenant(*signer->tenant));
  identity.caller = {std::move(signer->tenant), TokenScope::kFull, TokenPlace::kHeader};
  identity.secret = std::move(signer->key.secret);
  identity.signature = std::move(signature);
  return identity;
}

// The generated clients' own way to carry a token.
std::optional<std::string_view> acs_bearer_token(const HeaderList& headers) {
  const std::string* type = headers.find("x-acs-signature-type");
  const std::string* token = headers.find("x-acs-bearer-token");
  if (type == nullptr || token == nullptr || !equals_ignore_case(*type, "BEARERTOKEN")) {
    return std::nullopt;
  }
  return std::string_view(*token);
}

}  // namespace

Checked<Identity> identify(const TenantCatalog& catalog, const http::RequestHead& head,
                           TimePoint now) {
  if (const auto token = bearer_token(head.headers)) return identify_token(catalog, *token);
  if (const auto token = acs_bearer_token(head.headers)) return identify_token(catalog, *token);
  ASSIGN_OR_RETURN(const std::string field, required_header(head, "Authorization"));
  auto signature = parse_signature(field);
  if (!signature) {
    return refuse(FaultCode::kSignatureNotMatch,
                  "Authorization is neither of ACS3-HMAC-SHA256, FC nor Bearer");
  }
  return identify_signer(catalog, head, std::move(*signature), now);
}

Checked<void> check_signature(const Identity& identity, const http::Request& request) {
  if (!identity.signature || is_signed(request, *identity.signature, identity.secret)) return {};
  return refuse(FaultCode::kSignatureNotMatch,
                "the signature of the request is not that of its access key");
}

}  // namespace ferry::api::fc
