#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ferry::http {

// One row of the route table. Pattern segments: a literal (matched without regard to case),
// `{name}` (one segment that is not empty, percent-decoded) or, last, `{name...}` (the rest of the
// path, raw, perhaps empty).
struct Route {
  std::string_view method;
  std::string_view pattern;
  std::uint32_t id = 0;  // chosen by the table's owner
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
  std::string allow;  // with kMethodNotAllowed: "GET, POST"
};

// Matches raw targets against a fixed table; the first row that fits wins. A trailing slash equals
// its absence except inside `{name...}`. Immutable; any thread.
class Router {
 public:
  // The texts of the routes outlive the router: they are literals.
  explicit Router(std::vector<Route> routes);
  // `path` is the request target cut at the first '?'.
  Match match(std::string_view method, std::string_view path) const;

 private:
  // The patterns as a tree of segments, so that a request looks at the few rows of its own path.
  struct Node {
    std::vector<std::pair<std::string_view, std::size_t>> literals;  // to indices of nodes_
    std::size_t parameter = kNone;
    std::vector<std::size_t> rows;       // patterns that end here, as indices of routes_
    std::vector<std::size_t> rest_rows;  // patterns that end here in `{name...}`
  };
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  void insert(std::size_t row);
  std::size_t child(std::size_t node, std::string_view segment);
  void collect(std::size_t node, std::string_view path, std::vector<std::size_t>& rows) const;

  std::vector<Route> routes_;
  std::vector<Node> nodes_;
};

}  // namespace ferry::http
