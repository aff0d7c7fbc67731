#include "api/auth.h"

#include "api/query.h"
#include "base/encoding.h"

namespace ferry::api {
namespace {

// Percent-decoded only: base64 tokens carry '+', which nobody escapes when pasting one into a URL.
std::optional<std::string> query_token(std::string_view query) {
  std::optional<std::string> token;
  for_each_pair(query, [&](const RawPair& pair) {
    if (is_token_parameter(query_decode(pair.name))) token = percent_decode(pair.value);
  });
  return token;
}

}  // namespace

std::optional<std::string_view> bearer_token(const HeaderList& headers) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string* field = headers.find("Authorization");
  if (field == nullptr) return std::nullopt;
  const std::string_view value = trim(*field);
  if (!starts_with_ignore_case(value, kScheme)) return std::nullopt;
  return trim(value.substr(kScheme.size()));
}

Result<Caller> authenticate(const TenantCatalog& catalog, const http::RequestHead& head) {
  std::optional<TenantCatalog::Identity> identity;
  TokenPlace place = TokenPlace::kHeader;
  if (const auto token = bearer_token(head.headers)) {
    identity = catalog.authenticate(*token);
  } else if (const auto parameter = query_token(query_of(head.target))) {
    identity = catalog.authenticate(*parameter);
    place = TokenPlace::kQuery;
  }
  if (!identity) {
    return fail(ErrorCode::kUnauthenticated, "unable to authenticate: invalid token");
  }
  if (identity->tenant->suspended) {
    return fail(ErrorCode::kTenantSuspended, "forbidden: the account is suspended");
  }
  return Caller{std::move(identity->tenant), identity->scope, place};
}

http::Party party_of(const Tenant& tenant) {
  return http::Party::of_caller(static_cast<std::uint64_t>(tenant.id.value));
}

http::Admission admit_stranger(const TrustedProxies& proxies, const http::RequestHead& head) {
  http::Admission admission;
  if (proxies.contains(head.peer_ip)) {
    admission.party = http::Party::of_address(proxies.caller_ip(head));
  }
  return admission;
}

Result<void> authorize(const Caller& caller, Access access) {
  if (access == Access::kFull && caller.scope != TokenScope::kFull) {
    return fail(ErrorCode::kReadOnlyToken, "forbidden: read-only token");
  }
  return {};
}

}  // namespace ferry::api
