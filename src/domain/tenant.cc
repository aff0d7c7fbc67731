#include "domain/tenant.h"

#include <algorithm>

#include "base/check.h"
#include "base/encoding.h"
#include "base/json_writer.h"
#include "base/random.h"

namespace ferry {
namespace {

constexpr std::size_t kSigningKeyDigits = 28;
constexpr std::size_t kSigningKeyRandomBytes = 32;

constexpr std::size_t kAccessKeyIdDigits = 22;
constexpr std::size_t kAccessKeySecretDigits = 40;

// More random digits than needed; the last ones, because the first ones are not evenly spread.
std::string random_digits(std::size_t count) {
  const std::string digits = base58_encode(secure_random_bytes(kSigningKeyRandomBytes));
  CHECK(digits.size() >= count);
  return digits.substr(digits.size() - count);
}

struct WellKnownUser {
  std::string_view user_id;
  std::string_view password;
  std::string_view signing_key_current;
  std::string_view signing_key_next;
};

// Contract section 1.5. SDKs carry these texts, so they are an interface and no secret.
constexpr WellKnownUser kWellKnownUsers[] = {
    {"defaultUser", "defaultPassword", "sig_7kYjw48mhY7kAjqNGcy6cr29RJ6r",
     "sig_5ZB6DVzB1wjE8S6rZ7eenA8Pdnhs"},
    {"testUser1", "testPassword", "sig_7GVPjvuwsfqF65iC8fSrs1dfYruM",
     "sig_5NoELc3EFnZn4DVS5bDs2Nk4b7Ua"},
    {"testUser2", "testPassword", "sig_6jWGaWRxHsw4vMSPJprXadyvrybF",
     "sig_7qHbvhmahe5GwfePDiS5Lg3pi6Qx"},
    {"testUser3", "testPassword", "sig_5T8FcSsynBjn9mMLBsXhpacRovJf",
     "sig_7GFR4YaDshFcqsxWRZpRB161jguD"},
};

DevelopmentUser development_user(TenantId id, const WellKnownUser& known) {
  DevelopmentUser user;
  user.token = make_token(known.user_id, known.password);
  user.tenant.id = id;
  user.tenant.name = known.user_id;
  user.tenant.signing_key_current = known.signing_key_current;
  user.tenant.signing_key_next = known.signing_key_next;
  user.tenant.tokens.push_back({sha256(user.token), TokenScope::kFull, {}, "development"});
  user.tenant.access_keys.push_back({.id = std::string(known.user_id) + "AccessKey",
                                     .secret = std::string(known.user_id) + "Secret",
                                     .created_at = {},
                                     .note = "development"});
  return user;
}

}  // namespace

TenantCatalog::TenantCatalog(std::vector<TenantPtr> tenants, bool paused)
    : tenants_(std::move(tenants)), paused_(paused) {
  for (const TenantPtr& tenant : tenants_) {
    CHECK(tenant != nullptr);
    by_id_.emplace(tenant->id, tenant);
    for (const Token& token : tenant->tokens) {
      tokens_.emplace(token.hash, Identity{tenant, token.scope});
    }
    for (const AccessKey& key : tenant->access_keys) {
      access_keys_.emplace(key.id, Signer{tenant, key});
    }
  }
}

std::optional<TenantCatalog::Identity> TenantCatalog::authenticate(std::string_view token) const {
  const auto found = tokens_.find(sha256(token));
  if (found == tokens_.end()) return std::nullopt;
  return found->second;
}

std::optional<TenantCatalog::Signer> TenantCatalog::access_key(std::string_view id) const {
  const auto found = access_keys_.find(id);
  if (found == access_keys_.end()) return std::nullopt;
  return found->second;
}

TenantPtr TenantCatalog::find(TenantId id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

TenantPtr TenantCatalog::find(std::string_view name) const {
  const auto found = std::ranges::find_if(
      tenants_, [name](const TenantPtr& tenant) { return tenant->name == name; });
  return found == tenants_.end() ? nullptr : *found;
}

std::string make_token(std::string_view user_id, std::string_view password) {
  JsonWriter json;
  json.begin_object().field("UserID", user_id).field("Password", password).end_object();
  return base64_encode(json.text());
}

std::string make_signing_key() { return "sig_" + random_digits(kSigningKeyDigits); }

AccessKey make_access_key(TimePoint now, std::string note) {
  return {.id = "FA" + random_digits(kAccessKeyIdDigits),
          .secret = random_digits(kAccessKeySecretDigits),
          .created_at = now,
          .note = std::move(note)};
}

std::vector<DevelopmentUser> development_users() {
  std::vector<DevelopmentUser> users;
  for (const WellKnownUser& known : kWellKnownUsers) {
    const TenantId id{static_cast<std::int64_t>(users.size()) + 1};
    users.push_back(development_user(id, known));
  }
  return users;
}

}  // namespace ferry
