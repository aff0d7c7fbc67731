#include "http/connection_book.h"

#include <algorithm>
#include <bit>

#include "base/check.h"

namespace ferry::http {

namespace {

// As a logarithm: eight connections of a caller weigh as much as one of a stranger.
constexpr std::size_t kAdvantageOfCallers = 3;
// How many groups of one weight are looked at for one that has waited long enough.
constexpr int kGroupsLookedAt = 16;

}  // namespace

std::size_t ConnectionBook::weight_of(const Group& group) {
  const auto weight = static_cast<std::size_t>(std::bit_width(group.count));
  if (group.party.is_address() || group.party.is_none()) return std::min(weight, kWeights - 1);
  return weight - std::min(weight, kAdvantageOfCallers);
}

// Where its weight is now, when anything of it waits.
void ConnectionBook::place(Group& group) {
  if (group.waiting.linked()) {
    group.join(waiting_[weight_of(group)]);
  } else {
    group.unlink();
  }
}

void ConnectionBook::add(Entry& entry, const Party& party) {
  CHECK(!entry.is_in_book());
  Group& group = groups_[party];
  group.party = party;
  if (group.count++ == 0 && party.kind == Party::Kind::kCaller) ++callers_;
  entry.group_ = &group;
  ++size_;
  if (group.linked() && std::has_single_bit(group.count)) place(group);
}

void ConnectionBook::leave(Entry& entry) {
  Group& group = *entry.group_;
  entry.unlink();
  entry.group_ = nullptr;
  --size_;
  if (--group.count > 0) return place(group);
  group.unlink();
  const Party party = group.party;  // the key must outlive what it erases
  if (party.kind == Party::Kind::kCaller) --callers_;
  groups_.erase(party);
}

void ConnectionBook::remove(Entry& entry) {
  if (entry.is_in_book()) leave(entry);
}

void ConnectionBook::move(Entry& entry, const Party& party) {
  if (entry.party() == party) return;
  leave(entry);
  add(entry, party);
}

void ConnectionBook::set_waiting(Entry& entry, SteadyTime since) {
  Group& group = *entry.group_;
  entry.since_ = since;
  entry.join(group.waiting);
  if (!group.linked()) group.join(waiting_[weight_of(group)]);
}

void ConnectionBook::set_busy(Entry& entry) {
  if (!entry.linked()) return;
  entry.unlink();
  Group& group = *entry.group_;
  if (!group.waiting.linked()) group.unlink();
}

std::size_t ConnectionBook::count(const Party& party) const {
  const auto found = groups_.find(party);
  return found == groups_.end() ? 0 : found->second.count;
}

ConnectionBook::Entry* ConnectionBook::find_dispensable(SteadyTime now, Duration least) const {
  for (std::size_t weight = kWeights; weight-- > 0;) {
    Link& groups = waiting_[weight];
    int looked_at = 0;
    for (Link* link = groups.next(); link != &groups && looked_at < kGroupsLookedAt;
         link = link->next(), ++looked_at) {
      auto* longest = static_cast<Entry*>(static_cast<Group*>(link)->waiting.next());
      if (now - longest->since_ >= least) return longest;
    }
  }
  return nullptr;
}

ConnectionBook::Entry* ConnectionBook::find_waiting(const Party& party) const {
  const auto found = groups_.find(party);
  if (found == groups_.end() || !found->second.waiting.linked()) return nullptr;
  return static_cast<Entry*>(found->second.waiting.next());
}

}  // namespace ferry::http
