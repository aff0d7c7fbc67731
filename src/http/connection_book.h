#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "base/time.h"
#include "http/link.h"
#include "http/party.h"

namespace ferry::http {

using SteadyTime = std::chrono::steady_clock::time_point;

// The connections of one server by the party that each counts to, and those of them that only wait
// for a request, so that the one that is missed least can be closed when there are too many. A
// request costs a few pointer writes here. One thread.
class ConnectionBook {
 public:
  class Entry;

  ConnectionBook() = default;
  ConnectionBook(const ConnectionBook&) = delete;
  ConnectionBook& operator=(const ConnectionBook&) = delete;

  // An entry is in the book from add() to remove(), busy at first.
  void add(Entry& entry, const Party& party);
  void remove(Entry& entry);
  // From now on it counts to `party`.
  void move(Entry& entry, const Party& party);

  // It waits for a request from `since` on; nothing of one has come, or not all of its head.
  void set_waiting(Entry& entry, SteadyTime since);
  void set_busy(Entry& entry);

  std::size_t size() const { return size_; }
  std::size_t count(const Party& party) const;
  // How many parties are callers.
  std::size_t callers() const { return callers_; }

  // The connection that has waited longest, of the party with the most connections: not one that
  // has waited less than `least`. Those of callers and trusted proxies weigh an eighth. Null: none.
  Entry* find_dispensable(SteadyTime now, Duration least) const;
  // The one of that party that has waited longest.
  Entry* find_waiting(const Party& party) const;

 private:
  struct Group;
  // By the logarithm of their count: near enough to tell the largest, and no sorting.
  static constexpr std::size_t kWeights = 33;

  static std::size_t weight_of(const Group& group);
  void place(Group& group);
  void leave(Entry& entry);

  std::unordered_map<Party, Group, PartyHash> groups_;
  mutable std::array<Link, kWeights> waiting_;  // groups of which something waits
  std::size_t size_ = 0;
  std::size_t callers_ = 0;
};

// All connections of one party.
struct ConnectionBook::Group : Link {
  Party party;
  std::size_t count = 0;
  mutable Link waiting;  // entries, the longest wait first
};

// What a connection is in the book.
class ConnectionBook::Entry : private Link {
 public:
  const Party& party() const { return group_->party; }
  bool is_in_book() const { return group_ != nullptr; }

 protected:
  Entry() = default;
  ~Entry() = default;

 private:
  friend class ConnectionBook;

  Group* group_ = nullptr;
  SteadyTime since_;
};

}  // namespace ferry::http
