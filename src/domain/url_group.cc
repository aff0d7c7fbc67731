#include "domain/url_group.h"

#include <algorithm>

namespace ferry {
namespace {

bool is_named(const Endpoint& endpoint, const Endpoint& by) {
  if (by.name.empty() && by.url.empty()) return false;
  return (by.name.empty() || by.name == endpoint.name) &&
         (by.url.empty() || by.url == endpoint.url);
}

}  // namespace

void upsert_endpoints(std::vector<Endpoint>& endpoints, const std::vector<Endpoint>& changes) {
  for (const Endpoint& change : changes) {
    auto known = endpoints.end();
    if (!change.name.empty()) known = std::ranges::find(endpoints, change.name, &Endpoint::name);
    if (known == endpoints.end()) known = std::ranges::find(endpoints, change.url, &Endpoint::url);
    if (known == endpoints.end()) {
      endpoints.push_back(change);
      continue;
    }
    known->url = change.url;
    if (!change.name.empty()) known->name = change.name;
  }
}

void remove_endpoints(std::vector<Endpoint>& endpoints, const std::vector<Endpoint>& which) {
  std::erase_if(endpoints, [&](const Endpoint& endpoint) {
    return std::ranges::any_of(which, [&](const Endpoint& by) { return is_named(endpoint, by); });
  });
}

}  // namespace ferry
