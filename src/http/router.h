#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ferry::http {

// One row of the route table. Pattern segments: a literal (matched without regard to case), `{name}`
// (one segment, percent-decoded) or, last, `{name...}` (the rest of the path, raw).
struct Route {
  std::string_view method;
  std::string_view pattern;
  std::uint32_t id = 0;      // chosen by the table's owner
};

struct PathParameter {
  std::string_view name;
  std::string value;
};

enum class MatchKind : std::uint8_t { kFound, kNoSuchPath, kMethodNotAllowed };

struct Match {
  MatchKind kind = MatchKind::kNoSuchPath;
  std::uint32_t route = 0;
  std::vector<PathParameter> parameters;
  std::string allow;         // with kMethodNotAllowed: "GET, POST"
};

// Matches raw targets against a fixed table; the first row that fits wins. A trailing slash equals its
// absence except inside `{name...}`. Immutable; any thread.
class Router {
 public:
  explicit Router(std::vector<Route> routes);
  // `path` is the request target cut at the first '?'.
  Match match(std::string_view method, std::string_view path) const;

 private:
  struct Compiled;
  std::vector<Route> routes_;
  std::vector<std::vector<std::string>> segments_;
};

}  // namespace ferry::http
