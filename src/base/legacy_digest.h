#pragma once

#include <array>
#include <string_view>

#include "base/digest.h"

// Digests that nothing new should be built on: the wire formats of others ask for them (the
// signatures and checksums of MNS, EventBridge and RocketMQ).

namespace ferry {

using Md5Digest = std::array<unsigned char, 16>;
using Sha1Digest = std::array<unsigned char, 20>;

Md5Digest md5(std::string_view data);  // RFC 1321; against accidents, not against people
Sha1Digest hmac_sha1(std::string_view key, std::string_view data);  // RFC 2104

inline std::string_view as_text(const Md5Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}
inline std::string_view as_text(const Sha1Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace ferry
