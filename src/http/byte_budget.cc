#include "http/byte_budget.h"

#include <algorithm>
#include <utility>

namespace ferry::http {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// What a party leaves to others: one part of so many.
constexpr std::size_t kPartsLeftFree = 4;
// Claims up to one part of so many pass one that does not fit yet.
constexpr std::size_t kPartsOfPassing = 8;
constexpr milliseconds kRecallAfter{1000};
// A transfer that will be over sooner is not worth recalling.
constexpr milliseconds kTimeLeftMax{10'000};

}  // namespace

std::shared_ptr<ByteBudget> ByteBudget::make(std::size_t bytes_max) {
  return std::shared_ptr<ByteBudget>(new ByteBudget(bytes_max));
}

std::unique_ptr<ByteBudget::Claim> ByteBudget::claim(const Party& party, std::size_t bytes) {
  if (bytes > bytes_max_) return nullptr;
  auto claim = std::make_unique<Claim>(shared_from_this(), bytes);
  const std::lock_guard lock(mutex_);
  Share& share = shares_[party];
  share.party = party;
  claim->share_ = &share;
  if (share.waiting.empty()) turns_.push_back(&share);
  claim->place_ = share.waiting.insert(share.waiting.end(), claim.get());
  grant_waiting();
  return claim;
}

std::unique_ptr<ByteBudget::Claim> ByteBudget::claim_at_once(const Party& party,
                                                             std::size_t bytes) {
  auto claim = std::make_unique<Claim>(shared_from_this(), bytes);
  const std::lock_guard lock(mutex_);
  Share& share = shares_[party];
  share.party = party;
  claim->share_ = &share;
  claim->place_ = share.granted.insert(share.granted.end(), claim.get());
  claim->granted_.store(true, std::memory_order_release);
  share.held += bytes;
  held_ += bytes;
  return claim;
}

std::size_t ByteBudget::bytes_held() const {
  const std::lock_guard lock(mutex_);
  return held_;
}

std::size_t ByteBudget::claims_waiting() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const Share* share : turns_) count += share->waiting.size();
  return count;
}

bool ByteBudget::is_within_share(const Share& share, std::size_t bytes) const {
  if (share.held == 0) return true;
  const std::size_t wanted = share.held + bytes;
  const bool others_wait = turns_.size() > (share.waiting.empty() ? 0u : 1u);
  if (others_wait) return wanted <= bytes_max_ / 2;
  const std::size_t others_hold = held_ - share.held;
  const std::size_t rest = bytes_max_ - std::min(others_hold, bytes_max_);
  return wanted <= rest - rest / kPartsLeftFree;
}

// The first waiting claim of `share`, which fits.
void ByteBudget::grant(Share& share) {
  Claim& claim = *share.waiting.front();
  share.granted.splice(share.granted.end(), share.waiting, claim.place_);
  share.held += claim.bytes_;
  held_ += claim.bytes_;
  claim.since_ = steady_clock::now();
  claim.granted_.store(true, std::memory_order_release);
}

// Passes through the parties until none of them gets anything more.
void ByteBudget::grant_waiting() {
  bool any = true;
  while (any) {
    any = false;
    bool someone_keeps_turn = false;
    // A party that was served goes to the end, where this pass does not come again.
    std::size_t turns = turns_.size();
    for (auto next = turns_.begin(); turns > 0; --turns) {
      const auto place = next++;
      Share& share = **place;
      const std::size_t bytes = share.waiting.front()->bytes_;
      if (!is_within_share(share, bytes)) continue;
      const bool may_pass = !someone_keeps_turn || bytes <= bytes_max_ / kPartsOfPassing;
      if (bytes > bytes_free() || !may_pass) {
        someone_keeps_turn = true;
        continue;
      }
      grant(share);
      any = true;
      if (share.waiting.empty()) {
        turns_.erase(place);
      } else {
        turns_.splice(turns_.end(), turns_, place);
      }
    }
  }
}

void ByteBudget::forget_if_empty(Share& share) {
  if (!share.waiting.empty() || !share.granted.empty()) return;
  const Party party = share.party;  // the key must outlive what it erases
  shares_.erase(party);
}

void ByteBudget::give_back(Claim& claim) {
  const std::lock_guard lock(mutex_);
  Share* share = claim.share_;
  if (share == nullptr) return;
  if (claim.granted_.load(std::memory_order_relaxed)) {
    share->granted.erase(claim.place_);
    share->held -= claim.bytes_;
    held_ -= claim.bytes_;
  } else {
    share->waiting.erase(claim.place_);
    if (share->waiting.empty()) turns_.remove(share);
  }
  forget_if_empty(*share);
  grant_waiting();
}

void ByteBudget::Claim::shrink_to(std::size_t bytes) {
  const std::lock_guard lock(budget_->mutex_);
  const std::size_t less = bytes_ - std::min(bytes, bytes_);
  bytes_ -= less;
  share_->held -= less;
  budget_->held_ -= less;
  if (less > 0) budget_->grant_waiting();
}

// How long the rest takes at the speed so far.
milliseconds ByteBudget::Claim::time_left(SteadyTime now) const {
  const std::size_t done = std::min(progress_.load(std::memory_order_relaxed), bytes_);
  const auto elapsed = duration_cast<milliseconds>(now - since_).count();
  const auto rest = static_cast<std::int64_t>(bytes_ - done);
  return milliseconds(rest * elapsed / static_cast<std::int64_t>(std::max<std::size_t>(done, 1)));
}

// With `waiting` the party for which room is made; null when the budget is merely exceeded.
bool ByteBudget::must_make_room(SteadyTime now, const Share*& waiting) const {
  for (const Share* share : turns_) {
    const Claim& first = *share->waiting.front();
    if (now - first.since_ < kRecallAfter || !is_within_share(*share, first.bytes_)) continue;
    waiting = share;
    return true;
  }
  return held_ > bytes_max_;
}

void ByteBudget::recall_slowest(SteadyTime now) {
  const std::lock_guard lock(mutex_);
  const Share* waiting = nullptr;
  if (!must_make_room(now, waiting)) return;
  const Share* largest = nullptr;
  for (const auto& [party, share] : shares_) {
    if (&share != waiting && (largest == nullptr || share.held > largest->held)) largest = &share;
  }
  const std::size_t equal_share = bytes_max_ / shares_.size();
  if (largest == nullptr || largest->held <= equal_share) return;
  Claim* slowest = nullptr;
  milliseconds longest = kTimeLeftMax;
  for (Claim* claim : largest->granted) {
    if (!claim->transfers_.load(std::memory_order_relaxed)) continue;
    if (claim->is_recalled()) return;  // its bytes are about to come back
    if (now - claim->since_ < kRecallAfter || claim->time_left(now) <= longest) continue;
    slowest = claim;
    longest = claim->time_left(now);
  }
  if (slowest != nullptr) slowest->recalled_.store(true, std::memory_order_relaxed);
}

}  // namespace ferry::http
