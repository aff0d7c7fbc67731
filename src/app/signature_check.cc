#include "app/signature_check.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/digest.h"
#include "base/encoding.h"
#include "base/json.h"

namespace ferry::app {
namespace {

std::unexpected<Error> refuse(std::string text) {
  return fail(ErrorCode::kInvalidRequest, std::move(text));
}

Result<JsonDocument> decode_part(std::string_view part, const std::string& what) {
  const auto text = base64_decode(part);
  if (!text) return refuse("its " + what + " is no base64");
  auto document = JsonDocument::parse(*text);
  if (!document) return refuse("its " + what + " is no JSON");
  return document;
}

std::string_view claim_text(const JsonValue& claims, std::string_view name) {
  const auto claim = claims.find(name);
  return claim ? claim->text().value_or("") : "";
}

Result<std::int64_t> claim_seconds(const JsonValue& claims, const std::string& name) {
  const auto claim = claims.find(name);
  const auto seconds = claim ? claim->integer() : std::nullopt;
  if (!seconds) return refuse("its claim " + name + " is no number");
  return *seconds;
}

bool fits_a_key(std::span<const std::string> keys, std::string_view text,
                std::string_view signature) {
  return std::ranges::any_of(keys, [&](const std::string& key) {
    return equals_constant_time(as_text(HmacSha256(key).sign(text)), signature);
  });
}

std::string_view without_padding(std::string_view text) { return text.substr(0, text.find('=')); }

Result<void> check_claims(const JsonValue& claims, std::string_view url, std::string_view body,
                          TimePoint now) {
  if (claim_text(claims, "iss") != "Upstash") return refuse("its issuer is not Upstash");
  const std::string_view subject = claim_text(claims, "sub");
  if (subject != url) {
    return refuse("it is for " + std::string(subject) + ", not for " + std::string(url));
  }
  ASSIGN_OR_RETURN(const std::int64_t expires, claim_seconds(claims, "exp"));
  ASSIGN_OR_RETURN(const std::int64_t not_before, claim_seconds(claims, "nbf"));
  if (expires <= to_unix_seconds(now)) return refuse("it has expired");
  if (not_before > to_unix_seconds(now)) return refuse("it is not valid yet");
  const std::string hash = base64url_encode(as_text(sha256(body)), false);
  if (without_padding(claim_text(claims, "body")) != hash) return refuse("it is for another body");
  return {};
}

}  // namespace

Result<void> check_signature(std::string_view jwt, std::span<const std::string> keys,
                             std::string_view url, std::string_view body, TimePoint now) {
  const std::size_t first = jwt.find('.');
  const std::size_t second = first == std::string_view::npos ? first : jwt.find('.', first + 1);
  if (second == std::string_view::npos) return refuse("it is no JWT");
  ASSIGN_OR_RETURN(const auto header, decode_part(jwt.substr(0, first), "header"));
  if (claim_text(header.root(), "alg") != "HS256") return refuse("its algorithm is not HS256");
  const auto signature = base64_decode(jwt.substr(second + 1));
  if (!signature || !fits_a_key(keys, jwt.substr(0, second), *signature)) {
    return refuse("no key fits it");
  }
  const std::string_view payload = jwt.substr(first + 1, second - first - 1);
  ASSIGN_OR_RETURN(const auto claims, decode_part(payload, "payload"));
  return check_claims(claims.root(), url, body, now);
}

}  // namespace ferry::app
