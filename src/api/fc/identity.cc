#include "api/fc/identity.h"

#include <algorithm>

#include "api/fc/call.h"
#include "api/query.h"
#include "api/scalars.h"
#include "base/encoding.h"

namespace ferry::api::fc {
namespace {

constexpr std::int64_t kUnixSecondsMax = 253'402'300'799;  // the end of the year 9999

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

// The clients of presigned URLs know no longest time for them (aliyun/fc-go-sdk, SignURLInput).
Checked<void> check_presigned(const http::RequestHead& head, const Signature& signature,
                              TimePoint now) {
  const auto place = face_path(path_of(head.target));
  if (!place || place->face != Face::k2016) {
    return refuse(FaultCode::kSignatureNotMatch, "only paths of 2016-08-15 may be presigned");
  }
  const auto seconds = parse_integer(signature.expires);
  if (!seconds || *seconds > kUnixSecondsMax) {
    return invalid_argument("x-fc-expires must be a time in seconds");
  }
  if (now <= from_unix_ms(*seconds * 1000)) return {};
  return refuse(FaultCode::kAccessDenied, "the presigned URL has expired");
}

Checked<void> check_time(const http::RequestHead& head, const Signature& signature, TimePoint now,
                         std::string& nonce) {
  switch (signature.scheme) {
    case SignatureScheme::kAcs3:
      return check_acs3(head, signature, now, nonce);
    case SignatureScheme::kPresigned:
      return check_presigned(head, signature, now);
    case SignatureScheme::kClassic:
      break;
  }
  ASSIGN_OR_RETURN(const std::string date, required_header(head, "Date"));
  return check_date(parse_http_date(date), now);
}

Checked<Identity> identify_signer(const TenantCatalog& catalog, const http::RequestHead& head,
                                  Signature signature, TimePoint now) {
  Identity identity;
  RETURN_IF_ERROR(check_time(head, signature, now, identity.nonce));
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
  if (!head.headers.contains("Authorization")) {
    auto presigned = parse_presigned(head.target);
    if (presigned) return identify_signer(catalog, head, std::move(*presigned), now);
  }
  ASSIGN_OR_RETURN(const std::string field, required_header(head, "Authorization"));
  auto signature = parse_signature(field);
  if (!signature) {
    return refuse(FaultCode::kSignatureNotMatch,
                  "Authorization is neither of ACS3-HMAC-SHA256, FC nor Bearer");
  }
  return identify_signer(catalog, head, std::move(*signature), now);
}

namespace {

Checked<void> refuse_signature() {
  return refuse(FaultCode::kSignatureNotMatch,
                "the signature of the request is not that of its access key");
}

}  // namespace

Checked<void> check_head_signature(const Identity& identity, const http::RequestHead& head) {
  if (!identity.signature || is_head_signed(head, *identity.signature, identity.secret)) return {};
  return refuse_signature();
}

bool signs_body(const Identity& identity) {
  return identity.signature && identity.signature->scheme == SignatureScheme::kAcs3;
}

Checked<void> check_signature(const Identity& identity, const http::RequestHead& head,
                              const Sha256Digest& body) {
  if (!identity.signature || is_signed(head, *identity.signature, identity.secret, body)) return {};
  return refuse_signature();
}

}  // namespace ferry::api::fc
