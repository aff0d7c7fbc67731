#include "api/fc/destination_graph.h"

#include <optional>
#include <set>

#include "api/fc/call.h"
#include "domain/push_target.h"
#include "http/url.h"

namespace ferry::api::fc {
namespace {

std::string node(std::string_view function, std::string_view qualifier) {
  return std::string(function) + "@" + std::string(qualifier.empty() ? kLatest : qualifier);
}

// "services/s.q/functions/f/invocations" -> s, q, f.
std::optional<std::string> invoked_by_path(std::string_view path, std::string_view query) {
  const auto place = face_path(path);
  if (!place) return std::nullopt;
  const bool grouped = place->face != Face::k2023;
  const http::Router router({{"POST", "/functions/{function}/invocations", 0},
                             {"POST", "/services/{service}/functions/{function}/invocations", 1}});
  http::Match match = router.match("POST", place->path);
  if (match.kind != http::MatchKind::kFound || (match.route == 1) != grouped) return std::nullopt;
  std::string qualifier;
  for (const QueryParameter& each : parse_query(query)) {
    if (each.name == "qualifier") qualifier = each.value;
  }
  if (!grouped) return node(match.parameters[0].value, qualifier);
  std::string service = match.parameters[0].value;
  if (const std::size_t dot = service.find('.'); dot != std::string::npos) {
    qualifier = service.substr(dot + 1);
    service.resize(dot);
  }
  return node(function_name(service, match.parameters[1].value), qualifier);
}

// The node that a destination invokes; nothing when it is no function of ours.
std::optional<std::string> invoked_by(const std::string& destination,
                                      const std::string& own_authority) {
  if (destination.empty()) return std::nullopt;
  const auto target = parse_push_target(destination);
  if (!target) return std::nullopt;
  if (target->kind == PushKind::kFunction) return node(target->name, target->qualifier);
  if (target->kind != PushKind::kHttp) return std::nullopt;
  const auto url = http::parse_url(target->name);
  if (!url || url->authority != own_authority) return std::nullopt;
  return invoked_by_path(path_of(url->target), query_of(url->target));
}

}  // namespace

DestinationGraph::DestinationGraph(const std::vector<FunctionPtr>& functions,
                                   std::string own_authority)
    : own_authority_(std::move(own_authority)) {
  for (const FunctionPtr& function : functions) {
    const std::string name = function_name(function->service, function->function);
    for (const AsyncConfig& config : function->configs) put(name, config);
  }
}

void DestinationGraph::put(std::string_view function, const AsyncConfig& config) {
  std::vector<std::string>& to = edges_[node(function, config.qualifier)];
  to.clear();
  for (const std::string* destination : {&config.on_success, &config.on_failure}) {
    if (auto invoked = invoked_by(*destination, own_authority_)) to.push_back(std::move(*invoked));
  }
}

bool DestinationGraph::is_loop(std::string_view function, std::string_view qualifier) const {
  const std::string start = node(function, qualifier);
  std::set<std::string> seen;
  std::vector<std::string> open{start};
  while (!open.empty()) {
    const std::string here = std::move(open.back());
    open.pop_back();
    const auto found = edges_.find(here);
    if (found == edges_.end()) continue;
    for (const std::string& next : found->second) {
      if (next == start) return true;
      if (seen.insert(next).second) open.push_back(next);
    }
  }
  return false;
}

}  // namespace ferry::api::fc
