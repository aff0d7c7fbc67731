#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "http/party.h"

namespace ferry::http {

using SteadyTime = std::chrono::steady_clock::time_point;

// Bytes of memory that parties share, first come first served within a party, the parties taking
// turns. What is granted always fits: nothing grows beyond its claim.
//
// - A party that holds nothing gets whatever is free.
// - A party that holds something gets more while it leaves a quarter of what the others do not
// hold,
//   so that a party that comes later is served at once. While others wait it gets at most half.
// - A claim that does not fit yet keeps its turn against claims of more than an eighth of the
//   budget; smaller ones pass it.
// - A claim that waits for a second has the slowest transfer of the party that holds most recalled,
//   when that party holds more than its equal share (recall_slowest).
//
// Any thread: one mutex, taken for each claim. Claims keep their budget alive.
class ByteBudget : public std::enable_shared_from_this<ByteBudget> {
 public:
  class Claim;

  static std::shared_ptr<ByteBudget> make(std::size_t bytes_max);

  // Granted at once, or waiting until Claim::is_granted(). Null when it is more than the whole
  // budget.
  std::unique_ptr<Claim> claim(const Party& party, std::size_t bytes);
  // For what is in memory already: granted whatever is free, so the budget may be exceeded.
  std::unique_ptr<Claim> claim_at_once(const Party& party, std::size_t bytes);

  // Asks the owner of one claim to end it, where a claim of another party has waited for a second
  // or the budget is exceeded. Called about once a second by those whose claims may be recalled.
  void recall_slowest(SteadyTime now);

  std::size_t bytes_max() const { return bytes_max_; }
  std::size_t bytes_held() const;
  std::size_t claims_waiting() const;

 private:
  struct Share {
    Party party;
    std::size_t held = 0;
    std::list<Claim*> waiting;  // in order
    std::list<Claim*> granted;
  };

  explicit ByteBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // All with the mutex held.
  std::size_t bytes_free() const { return bytes_max_ - (held_ < bytes_max_ ? held_ : bytes_max_); }
  bool is_within_share(const Share& share, std::size_t bytes) const;
  bool must_make_room(SteadyTime now, const Share*& waiting) const;
  void grant(Share& share);
  void grant_waiting();
  void forget_if_empty(Share& share);
  void give_back(Claim& claim);

  const std::size_t bytes_max_;
  mutable std::mutex mutex_;
  std::size_t held_ = 0;
  std::unordered_map<Party, Share, PartyHash> shares_;
  std::list<Share*> turns_;  // those with waiting claims, the next turn first
};

// A number of bytes of one party. Its end, on any thread, gives them back or leaves the line.
class ByteBudget::Claim {
 public:
  Claim(std::shared_ptr<ByteBudget> budget, std::size_t bytes)
      : budget_(std::move(budget)), bytes_(bytes), since_(std::chrono::steady_clock::now()) {}
  ~Claim() { budget_->give_back(*this); }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;

  bool is_granted() const { return granted_.load(std::memory_order_acquire); }
  // Others wait, and this claim's transfer is the one to end.
  bool is_recalled() const { return recalled_.load(std::memory_order_relaxed); }

  // How much of the transfer is done, by which the slowest is told. After end_transfer() the claim
  // is not recalled any more.
  void note_progress(std::size_t bytes) { progress_.store(bytes, std::memory_order_relaxed); }
  void end_transfer() { transfers_.store(false, std::memory_order_relaxed); }

  // Of a granted claim: less is needed than was claimed.
  void shrink_to(std::size_t bytes);

  std::size_t bytes() const { return bytes_; }

 private:
  friend class ByteBudget;

  std::chrono::milliseconds time_left(SteadyTime now) const;

  std::shared_ptr<ByteBudget> budget_;
  std::size_t bytes_;  // guarded by the budget's mutex, as what follows is
  SteadyTime since_;   // waiting, and then granted
  Share* share_ = nullptr;
  std::list<Claim*>::iterator place_;
  std::atomic<bool> granted_{false};
  std::atomic<bool> recalled_{false};
  std::atomic<bool> transfers_{true};
  std::atomic<std::size_t> progress_{0};
};

}  // namespace ferry::http
