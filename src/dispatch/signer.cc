#include "dispatch/signer.h"

#include "base/encoding.h"
#include "base/json_writer.h"
#include "domain/limits.h"

namespace ferry::dispatch {
namespace {

// base64url of {"alg":"HS256","typ":"JWT"}.
constexpr std::string_view kJwtHeader = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
constexpr std::size_t kSignatureChars = 43;  // 32 bytes in base64url
constexpr std::string_view kBase58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
// Prepared keys kept at once; a tenant uses one, so this is the number of tenants served without
// preparing a key again.
constexpr std::size_t kPreparedKeysMax = 256;
constexpr std::string_view kJtiPrefix = "jwt_";
constexpr int kJtiDigits = 28;

std::string make_jti(Random& random) {
  std::string jti;
  jti.reserve(kJtiPrefix.size() + kJtiDigits);
  jti = kJtiPrefix;
  std::uint64_t bits = 0;
  for (int i = 0; i < kJtiDigits; ++i) {
    if (i % 7 == 0) bits = random.next();
    jti.push_back(kBase58[bits % kBase58.size()]);
    bits /= kBase58.size();
  }
  return jti;
}

// What is signed before the body.
std::string standard_prefix(std::string_view id, TimePoint now) {
  std::string prefix(id);
  return prefix.append(".").append(std::to_string(to_unix_seconds(now))).append(".");
}

std::string standard_text(const Sha256Digest& signature) {
  return "v1," + base64_encode(as_text(signature));
}

}  // namespace

std::string Signer::sign(std::string_view key, std::string_view url, const Sha256Digest& body,
                         TimePoint now) {
  const std::int64_t seconds = to_unix_seconds(now);
  const std::int64_t lifetime =
      std::chrono::duration_cast<std::chrono::seconds>(limits::kSignatureLifetime).count();
  claims_.clear();
  claims_.begin_object()
      .field("iss", "Upstash")
      .field("sub", url)
      .field("exp", seconds + lifetime)
      .field("nbf", 0)
      .field("iat", seconds)
      .field("jti", make_jti(random_))
      .field("body", base64url_encode(as_text(body), true))
      .end_object();

  const std::string payload = base64url_encode(claims_.text(), false);
  std::string token;
  token.reserve(kJwtHeader.size() + payload.size() + kSignatureChars + 2);
  token.append(kJwtHeader).append(".").append(payload);
  const Sha256Digest signature = prepared(key).sign(token);
  token += '.';
  token += base64url_encode(as_text(signature), false);
  return token;
}

std::string Signer::sign_standard(std::string_view key, std::string_view id, std::string_view body,
                                  TimePoint now) {
  std::string content = standard_prefix(id, now);
  content.append(body);
  return standard_text(prepared(key).sign(content));
}

StandardSigning::StandardSigning(std::string_view key, std::string_view id, TimePoint now)
    : mac_(key) {
  mac_.begin();
  mac_.update(standard_prefix(id, now));
}

std::string StandardSigning::finish() { return standard_text(mac_.finish()); }

HmacSha256& Signer::prepared(std::string_view key) {
  auto known = keys_.find(key);
  if (known == keys_.end()) {
    if (keys_.size() >= kPreparedKeysMax) keys_.clear();
    known = keys_.emplace(std::string(key), HmacSha256(key)).first;
  }
  return known->second;
}

}  // namespace ferry::dispatch
