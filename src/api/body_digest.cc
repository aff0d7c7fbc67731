#include "api/body_digest.h"

#include <algorithm>
#include <cstddef>

#include "http/cpu_slice.h"

namespace ferry::api {

Awaitable<Sha256Digest> hash_body(Bytes body) {
  Sha256 hash;
  http::CpuSlice slice;
  for (std::size_t at = 0; at < body.size(); at += kHashedAtOnceMax) {
    hash.update(body.view().substr(at, std::min(kHashedAtOnceMax, body.size() - at)));
    if (slice.used_up()) co_await slice.pause();
  }
  co_return hash.finish();
}

}  // namespace ferry::api
