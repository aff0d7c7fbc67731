#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/fc/call.h"

namespace ferry::api::fc {

// A slice of a list in the order of its names. The token that goes on is the last name shown.
struct PageRequest {
  std::size_t limit = 20;
  std::string after;   // nextToken; empty: from the start
  std::string prefix;  // of the names
};

// limit (1 to 100), nextToken, prefix. kInvalidArgument.
Checked<PageRequest> read_page(const Call& call);

template <class Item>
struct Page {
  std::vector<Item> items;
  std::string next_token;  // empty: that was the last page
};

// `items` ascend by what `name_of` gives.
template <class Item, class NameOf>
Page<Item> cut_page(std::vector<Item> items, const PageRequest& request, NameOf name_of) {
  Page<Item> page;
  for (Item& item : items) {
    const std::string name(name_of(item));
    if (!name.starts_with(request.prefix)) continue;
    if (!request.after.empty() && name <= request.after) continue;
    if (page.items.size() == request.limit) {
      page.next_token = name_of(page.items.back());
      break;
    }
    page.items.push_back(std::move(item));
  }
  return page;
}

}  // namespace ferry::api::fc
