#include "api/qstash/paged_list.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace ferry::api {

store::PageRequest part_of(store::PageRequest page, const PartRequest& request) {
  page.cursor = request.from;
  page.count = static_cast<std::uint32_t>(
      std::min<std::size_t>(request.entries_max, std::numeric_limits<std::uint32_t>::max()));
  page.bytes_max = kPartBytes;
  page.waits_for_barrier = !request.goes_on;
  return page;
}

std::string end_of_page(std::string_view cursor) {
  if (cursor.empty()) return "]}";
  JsonWriter json;
  json.value(cursor);
  return "],\"cursor\":" + json.text() + "}";
}

Awaitable<Answered> answer_page(const Context& context, const store::PageRequest& page,
                                std::string_view name, ReadPart read) {
  ListPlan plan;
  plan.tenant = page.filter.tenant;
  plan.page = {.opening = "{\"" + std::string(name) + "\":[",
               .read = std::move(read),
               .from = page.cursor,
               .entries_max = page.count};
  plan.rest = [](const PageEnd& end) { return ListRest{{}, end_of_page(end.cursor)}; };
  co_return co_await answer_list(context, std::move(plan));
}

}  // namespace ferry::api
