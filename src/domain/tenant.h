#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "base/series.h"
#include "base/time.h"
#include "domain/ids.h"

namespace ferry {

enum class TokenScope : std::uint8_t { kFull = 1, kReadOnly = 2 };

// A token is stored as its SHA-256, never as itself.
struct Token {
  Sha256Digest hash{};
  TokenScope scope = TokenScope::kFull;
  TimePoint created_at;
  std::string note;

  friend bool operator==(const Token&, const Token&) = default;
};

// A pair that signs calls of the Function Compute API. The secret is kept as it is: a signature can
// only be checked with it.
struct AccessKey {
  std::string id;
  std::string secret;
  TimePoint created_at;
  std::string note;

  friend bool operator==(const AccessKey&, const AccessKey&) = default;
};

// Limits of one tenant; an absent one is the server's own.
struct Quotas {
  std::optional<std::int32_t> max_retries;
  std::optional<Duration> max_delay;
  std::optional<std::int64_t> body_bytes_max;
  std::optional<std::int64_t> messages_per_day;  // 429 beyond it (section 16.2)
  // 412 beyond these (section 16.1). An absent number of things is that of limits.h.
  std::optional<std::int64_t> queues;
  std::optional<std::int64_t> queue_parallelism;
  std::optional<std::int64_t> schedules;
  std::optional<std::int64_t> url_groups;
  std::optional<std::int64_t> functions;
  std::optional<std::int64_t> services;
  std::optional<std::int64_t> flow_keys;
  std::optional<std::int64_t> tokens;
  std::optional<std::int64_t> resource_bytes;       // of all resources, as they are in memory
  std::optional<std::int64_t> schedule_body_bytes;  // of bodies that are rows of their own
  std::optional<Duration> timeout_max;              // of one attempt; absent: the server's

  friend bool operator==(const Quotas&, const Quotas&) = default;
};

// The owner of tokens, keys and everything else.
struct Tenant {
  TenantId id;
  std::string name;  // the UserID inside its tokens
  TimePoint created_at;
  bool suspended = false;          // its calls are refused
  bool paused = false;             // its deliveries wait
  bool standard_webhooks = false;  // deliveries are signed the Standard Webhooks way as well
  std::string signing_key_current;
  std::string signing_key_next;
  std::vector<Token> tokens;
  std::vector<AccessKey> access_keys;
  Quotas quotas;

  friend bool operator==(const Tenant&, const Tenant&) = default;
};

using TenantPtr = std::shared_ptr<const Tenant>;

// Whose the series of a tenant's functions and destinations are.
inline SeriesOwner series_owner(TenantId tenant) { return SeriesOwner{tenant.value}; }

// All tenants at one moment: immutable, replaced as a whole, shared by all threads.
class TenantCatalog {
 public:
  explicit TenantCatalog(std::vector<TenantPtr> tenants = {}, bool paused = false);

  // The tenant and scope of a bearer token. Looks the token's hash up, so the time taken tells
  // nothing about any stored token.
  struct Identity {
    TenantPtr tenant;
    TokenScope scope = TokenScope::kReadOnly;
  };
  std::optional<Identity> authenticate(std::string_view token) const;

  // Whose access key that is, and the key; nothing when it is unknown.
  struct Signer {
    TenantPtr tenant;
    AccessKey key;
  };
  std::optional<Signer> access_key(std::string_view id) const;

  TenantPtr find(TenantId id) const;  // null: unknown
  TenantPtr find(std::string_view name) const;
  const std::vector<TenantPtr>& all() const { return tenants_; }
  bool paused() const { return paused_; }  // all deliveries of the server wait

 private:
  std::vector<TenantPtr> tenants_;
  std::map<Sha256Digest, Identity> tokens_;
  std::map<std::string, Signer, std::less<>> access_keys_;
  std::map<TenantId, TenantPtr> by_id_;
  bool paused_;
};

using TenantCatalogPtr = std::shared_ptr<const TenantCatalog>;

// base64 of {"UserID":"…","Password":"…"} (contract section 1.5): SDK features read the user id.
std::string make_token(std::string_view user_id, std::string_view password);

// "sig_" and base58 of random bytes, 28 characters (contract section 0.5).
std::string make_signing_key();

// A new pair of random texts: "FA" and 22 characters, 40 characters.
AccessKey make_access_key(TimePoint now, std::string note);

// The well-known development users (contract section 1.5), tokens included.
struct DevelopmentUser {
  Tenant tenant;
  std::string token;
};
std::vector<DevelopmentUser> development_users();

}  // namespace ferry
