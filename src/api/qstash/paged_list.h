#pragma once

#include <string_view>

#include "api/list_answer.h"
#include "store/queries.h"

// Lists whose pages come from the store.

namespace ferry::api {

// The request for one part of a page.
store::PageRequest part_of(store::PageRequest page, const PartRequest& request);

// {"<name>": [entries], "cursor": where the next page begins}.
Awaitable<Answered> answer_page(const Context& context, const store::PageRequest& page,
                                std::string_view name, ReadPart read);

// What ends an object after its last array: "]", the cursor if there is one, "}".
std::string end_of_page(std::string_view cursor);

}  // namespace ferry::api
