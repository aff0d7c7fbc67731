#include "http/router.h"

#include <algorithm>
#include <optional>

#include "base/check.h"
#include "base/encoding.h"

namespace ferry::http {

namespace {

bool is_parameter(std::string_view segment) { return segment.starts_with('{'); }
bool is_rest(std::string_view segment) { return segment.ends_with("...}"); }

// Takes the first segment off `path`, which begins with '/'; nothing at the end of the path.
std::optional<std::string_view> next_segment(std::string_view& path) {
  if (path.empty() || path[0] != '/') return std::nullopt;
  path.remove_prefix(1);
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

bool at_end(std::string_view path) { return path.empty() || path == "/"; }

// The row fits, so pattern and path have the same segments.
std::vector<PathParameter> read_parameters(std::string_view pattern, std::string_view path) {
  std::vector<PathParameter> parameters;
  while (const auto expected = next_segment(pattern)) {
    if (is_rest(*expected)) {
      const std::string_view name = expected->substr(1, expected->size() - sizeof("{...}") + 1);
      parameters.push_back({name, std::string(path.substr(path.empty() ? 0 : 1))});
      break;
    }
    const auto segment = next_segment(path);
    if (!segment || !is_parameter(*expected)) continue;
    parameters.push_back({expected->substr(1, expected->size() - 2), percent_decode(*segment)});
  }
  return parameters;
}

}  // namespace

Router::Router(std::vector<Route> routes) : routes_(std::move(routes)), nodes_(1) {
  for (std::size_t row = 0; row < routes_.size(); ++row) insert(row);
}

void Router::insert(std::size_t row) {
  std::string_view pattern = routes_[row].pattern;
  std::size_t node = 0;
  while (const auto segment = next_segment(pattern)) {
    if (is_rest(*segment)) {
      CHECK(pattern.empty());
      nodes_[node].rest_rows.push_back(row);
      return;
    }
    if (!segment->empty()) node = child(node, *segment);
  }
  nodes_[node].rows.push_back(row);
}

std::size_t Router::child(std::size_t node, std::string_view segment) {
  const std::size_t added = nodes_.size();
  if (is_parameter(segment)) {
    if (nodes_[node].parameter != kNone) return nodes_[node].parameter;
    nodes_[node].parameter = added;
  } else {
    for (const auto& [literal, next] : nodes_[node].literals) {
      if (equals_ignore_case(literal, segment)) return next;
    }
    nodes_[node].literals.emplace_back(segment, added);
  }
  nodes_.emplace_back();
  return added;
}

void Router::collect(std::size_t node, std::string_view path,
                     std::vector<std::size_t>& rows) const {
  const Node& here = nodes_[node];
  rows.insert(rows.end(), here.rest_rows.begin(), here.rest_rows.end());
  if (at_end(path)) {
    rows.insert(rows.end(), here.rows.begin(), here.rows.end());
    return;
  }
  const auto segment = next_segment(path);
  if (!segment || segment->empty()) return;
  for (const auto& [literal, next] : here.literals) {
    if (equals_ignore_case(literal, *segment)) collect(next, path, rows);
  }
  if (here.parameter != kNone) collect(here.parameter, path, rows);
}

Match Router::match(std::string_view method, std::string_view path) const {
  Match match;
  if (!path.starts_with('/')) return match;
  std::vector<std::size_t> rows;
  collect(0, path, rows);
  std::ranges::sort(rows);
  for (const std::size_t row : rows) {
    const Route& route = routes_[row];
    if (route.method == method) {
      return {MatchKind::kFound, route.id, read_parameters(route.pattern, path), {}};
    }
    match.kind = MatchKind::kMethodNotAllowed;
    if (match.allow.find(route.method) != std::string::npos) continue;
    if (!match.allow.empty()) match.allow += ", ";
    match.allow += route.method;
  }
  return match;
}

}  // namespace ferry::http
