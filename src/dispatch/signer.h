#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/json_writer.h"
#include "base/random.h"
#include "base/time.h"

namespace ferry::dispatch {

// The signature of Standard Webhooks for a body that comes in pieces.
class StandardSigning {
 public:
  StandardSigning(std::string_view key, std::string_view id, TimePoint now);

  void update(std::string_view piece) { mac_.update(piece); }
  std::string finish();  // as Signer::sign_standard

 private:
  HmacSha256 mac_;
};

// Makes the `Upstash-Signature` JWT (contract section 5.6). Keeps one prepared HMAC per key, for
// the keys seen last. One thread.
class Signer {
 public:
  explicit Signer(std::uint64_t seed) : random_(seed) {}

  // `url` is the `sub` claim, exactly as called; `body` what is hashed, or its hash.
  std::string sign(std::string_view key, std::string_view url, std::string_view body,
                   TimePoint now) {
    return sign(key, url, sha256(body), now);
  }
  std::string sign(std::string_view key, std::string_view url, const Sha256Digest& body,
                   TimePoint now);

  // The value of `webhook-signature` (Standard Webhooks 1.0): "v1," and the HMAC of id, timestamp
  // and body. A receiver's secret is "whsec_" and the base64 of the tenant's signing key.
  std::string sign_standard(std::string_view key, std::string_view id, std::string_view body,
                            TimePoint now);

 private:
  HmacSha256& prepared(std::string_view key);

  JsonWriter claims_;  // kept for its memory
  Random random_;      // for jti, which only has to be unique
  std::map<std::string, HmacSha256, std::less<>> keys_;
};

}  // namespace ferry::dispatch
