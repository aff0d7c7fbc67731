#include "api/fc/nonces.h"

#include <string>

#include "base/digest.h"

namespace ferry::api::fc {

bool NonceBook::take(std::string_view key_id, std::string_view nonce, TimePoint now,
                     Duration window) {
  const std::uint64_t hash = stable_hash(std::string(key_id) + "\n" + std::string(nonce));
  const std::lock_guard lock(mutex_);
  while (!in_order_.empty() && in_order_.front().time < now - window) forget_oldest();
  if (!hashes_.insert(hash).second) return false;
  in_order_.push_back({hash, now});
  if (in_order_.size() > nonces_max_) forget_oldest();
  return true;
}

void NonceBook::forget_oldest() {
  hashes_.erase(in_order_.front().hash);
  in_order_.pop_front();
}

}  // namespace ferry::api::fc
