#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/time.h"
#include "http/types.h"

// The signatures of the Function Compute API (contract section 1.7), recomputed from what came.
// Pure: who may use a key and when is decided by identity.h.

namespace ferry::api::fc {

enum class SignatureScheme : std::uint8_t { kAcs3, kClassic, kPresigned };

// An Authorization field, or the query of a presigned URL, taken apart.
//
//   ACS3-HMAC-SHA256 Credential={id},SignedHeaders={name;name},Signature={hex}
//   FC {id}:{base64}
//   ?x-fc-access-key-id={id}&x-fc-expires={unix seconds}&x-fc-signature={base64}
struct Signature {
  SignatureScheme scheme = SignatureScheme::kAcs3;
  std::string key_id;
  std::vector<std::string> signed_headers;  // of ACS3, lower case, in the client's order
  std::string text;                         // the signature itself
  std::string expires;                      // of a presigned URL, as sent
};

// Nothing for a field of another scheme, or one of these that is malformed.
std::optional<Signature> parse_signature(std::string_view authorization);

// Of a URL that has an x-fc-signature in its query; nothing for others. What else it should have is
// empty where it is missing.
std::optional<Signature> parse_presigned(std::string_view target);

// What a client with that secret would have signed the request with. `body_hash` is the hex SHA-256
// of the body that came.
std::string acs3_signature(const http::RequestHead& head,
                           const std::vector<std::string>& signed_headers,
                           std::string_view body_hash, std::string_view secret);
// `path` is the request's, as sent or decoded: clients differ for names beyond ASCII.
std::string classic_signature(const http::RequestHead& head, std::string_view path,
                              std::string_view secret);
// The same with `expires` in the place of the date. It covers the query as well, except for itself.
std::string presigned_signature(const http::RequestHead& head, std::string_view path,
                                std::string_view expires, std::string_view secret);

// Whether the head was signed with the secret, for a body that has the digest that the head says:
// all that can be known before the body is read. Compares in constant time.
bool is_head_signed(const http::RequestHead& head, const Signature& signature,
                    std::string_view secret);

// Whether the request was signed with the secret and, of ACS3, its body is the one that was signed.
// Compares in constant time. The classic schemes do not cover the body.
bool is_signed(const http::Request& request, const Signature& signature, std::string_view secret);

// The same of a request whose body has that SHA-256; of other schemes than kAcs3 it is not looked
// at, for they do not sign the body.
bool is_signed(const http::RequestHead& head, const Signature& signature, std::string_view secret,
               const Sha256Digest& body);

// "2026-01-02T03:04:05Z" of x-acs-date; nothing for another form.
std::optional<TimePoint> parse_acs_date(std::string_view text);

}  // namespace ferry::api::fc
