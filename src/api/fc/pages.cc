#include "api/fc/pages.h"

#include "api/scalars.h"

namespace ferry::api::fc {
namespace {

constexpr std::int64_t kLimitMax = 100;

}  // namespace

Checked<PageRequest> read_page(const Call& call) {
  PageRequest page;
  if (const auto text = call.query_value("limit"); text && !text->empty()) {
    const auto limit = parse_integer(*text);
    if (!limit || *limit < 1 || *limit > kLimitMax) {
      return invalid_argument("limit must be a whole number from 1 to " +
                              std::to_string(kLimitMax));
    }
    page.limit = static_cast<std::size_t>(*limit);
  }
  page.after = call.query_value("nextToken").value_or("");
  page.prefix = call.query_value("prefix").value_or("");
  return page;
}

std::string end_of_page(std::string_view token) {
  if (token.empty()) return "]}";
  JsonWriter json;
  json.value(token);
  return "],\"nextToken\":" + json.text() + "}";
}

}  // namespace ferry::api::fc
