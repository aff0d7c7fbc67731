#include "dispatch/call_shares.h"

#include <algorithm>
#include <utility>

namespace ferry::dispatch {
namespace {

using std::chrono::seconds;
using SteadyTime = CallShares::SteadyTime;

constexpr seconds kSlowAfter{1};
// How long an endpoint counts as quick after an answer within kSlowAfter.
constexpr seconds kQuickFor{30};

// Slow calls have one part of so many of all places.
constexpr std::size_t kPartsOfSlow = 2;
constexpr std::size_t kPartsOfKey = 4;
constexpr std::size_t kPartsOfEndpoint = 8;

constexpr std::size_t kEndpointsMax = 4096;

bool is_used_up(std::size_t used, std::size_t all, std::size_t parts) {
  return used >= std::max<std::size_t>(all / parts, 1);
}

std::unexpected<Error> used_up(const char* what) {
  return fail(ErrorCode::kShareExhausted, std::string("too many calls of ") + what +
                                              " run already and are slow, try again later");
}

}  // namespace

Result<std::unique_ptr<CallShares::Place>> CallShares::take(std::uint64_t share_key,
                                                            const std::string& endpoint) {
  const SteadyTime now = clock_();
  const std::lock_guard lock(mutex_);
  find_slow(now);
  if (endpoints_.size() >= kEndpointsMax) forget_endpoints(now);
  const auto of = endpoints_.try_emplace(endpoint).first;
  const bool quick = now < of->second.quick_until;
  if (auto checked = check(share_key, of->second, quick); !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  ++running_;
  ++of->second.running;
  const auto call = young_.insert(young_.end(), Call{share_key, &of->first, now});
  if (!quick) {
    count_slow(*call);
    old_.splice(old_.end(), young_, call);
  }
  return std::unique_ptr<Place>(new Place(*this, call));
}

std::size_t CallShares::running() const {
  const std::lock_guard lock(mutex_);
  return running_;
}

void CallShares::count_slow(Call& call) {
  call.slow = true;
  ++slow_;
  ++slow_of_[call.share_key];
  ++endpoints_.find(*call.endpoint)->second.slow;
}

void CallShares::find_slow(SteadyTime now) {
  while (!young_.empty() && young_.front().started_at + kSlowAfter <= now) {
    count_slow(young_.front());
    old_.splice(old_.end(), young_, young_.begin());
  }
}

Result<void> CallShares::check(std::uint64_t share_key, const Endpoint& endpoint,
                               bool quick) const {
  if (running_ >= calls_max_) {
    return fail(ErrorCode::kShareExhausted, "too many calls of functions run already");
  }
  if (is_used_up(endpoint.slow, calls_max_, kPartsOfEndpoint)) return used_up("this function");
  if (quick) return {};
  const auto of_key = slow_of_.find(share_key);
  if (of_key != slow_of_.end() && is_used_up(of_key->second, calls_max_, kPartsOfKey)) {
    return used_up("this account");
  }
  if (is_used_up(slow_, calls_max_, kPartsOfSlow)) return used_up("functions");
  return {};
}

// Callers choose the endpoints, so their number has an end.
void CallShares::forget_endpoints(SteadyTime now) {
  const auto is_idle = [](const auto& entry) { return entry.second.running == 0; };
  std::erase_if(endpoints_, [&](const auto& entry) {
    return is_idle(entry) && entry.second.quick_until <= now;
  });
  if (endpoints_.size() >= kEndpointsMax) std::erase_if(endpoints_, is_idle);
}

void CallShares::end_call(Calls::iterator call, bool answered) {
  const SteadyTime now = clock_();
  const std::lock_guard lock(mutex_);
  Endpoint& endpoint = endpoints_.find(*call->endpoint)->second;
  if (answered && now < call->started_at + kSlowAfter) endpoint.quick_until = now + kQuickFor;
  --running_;
  --endpoint.running;
  if (!call->slow) {
    young_.erase(call);
    return;
  }
  --slow_;
  --endpoint.slow;
  const auto of_key = slow_of_.find(call->share_key);
  if (--of_key->second == 0) slow_of_.erase(of_key);
  old_.erase(call);
}

}  // namespace ferry::dispatch
