#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/fc/call.h"
#include "api/list_answer.h"

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

// What ends the object of a list: "]", the token if there is one, "}".
std::string end_of_page(std::string_view token);

// {"<name>": [items], "nextToken": if more follow}. `write(json, item)` runs on reader threads, so
// it owns what it needs.
template <class Item, class Write>
Awaitable<Answered> answer_page(const Call& call, std::string_view name, Page<Item> page,
                                Write write) {
  ListPlan plan;
  plan.tenant = call.caller.tenant->id;
  plan.page.opening = "{\"" + std::string(name) + "\":[";
  plan.page.read = read_all(page.items.size(),
                            [items = std::move(page.items), write = std::move(write)](
                                JsonWriter& json, std::size_t at) { write(json, *items[at]); });
  plan.rest = [token = std::move(page.next_token)](const PageEnd&) {
    return ListRest{{}, end_of_page(token)};
  };
  co_return in_faults(co_await answer_list(call.services.context, std::move(plan)));
}

}  // namespace ferry::api::fc
