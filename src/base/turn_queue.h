#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <unordered_map>
#include <utility>

namespace ferry {

// Items that wait, each for a key (a tenant, say). The keys take turns, so that a key with many
// items delays another one by one item at most; the items of one key come in their order. An empty
// key takes no memory. One thread.
template <class T>
class TurnQueue {
 public:
  void push(std::uint64_t key, T item) {
    const auto [found, is_new] = lines_.try_emplace(key);
    if (is_new) found->second = order_.emplace(order_.end(), Line{key, {}});
    found->second->items.push_back(std::move(item));
    ++size_;
  }

  // The first item of the next key in turn for which `may_go(key)` holds.
  template <class MayGo>
  std::optional<T> pop(const MayGo& may_go) {
    for (auto line = order_.begin(); line != order_.end(); ++line) {
      if (!may_go(line->key)) continue;
      std::optional<T> item(std::move(line->items.front()));
      line->items.pop_front();
      order_.splice(order_.end(), order_, line);  // its next turn comes after all others'
      remove_if_empty(line);
      --size_;
      return item;
    }
    return std::nullopt;
  }

  // Takes out what is equal to `item`; false when it is not there.
  bool erase(std::uint64_t key, const T& item) {
    const auto found = lines_.find(key);
    if (found == lines_.end()) return false;
    auto& items = found->second->items;
    const auto place = std::ranges::find(items, item);
    if (place == items.end()) return false;
    items.erase(place);
    remove_if_empty(found->second);
    --size_;
    return true;
  }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  std::size_t size_of(std::uint64_t key) const {
    const auto found = lines_.find(key);
    return found == lines_.end() ? 0 : found->second->items.size();
  }

 private:
  struct Line {
    std::uint64_t key;
    std::deque<T> items;
  };
  using Lines = std::list<Line>;

  void remove_if_empty(typename Lines::iterator line) {
    if (!line->items.empty()) return;
    lines_.erase(line->key);
    order_.erase(line);
  }

  Lines order_;  // the next turn first
  std::unordered_map<std::uint64_t, typename Lines::iterator> lines_;
  std::size_t size_ = 0;
};

}  // namespace ferry
