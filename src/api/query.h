#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Request targets taken apart, always from their raw bytes (contract section 0.1, "never
// normalise").

namespace ferry::api {

// What stands before and behind the first '?'.
std::string_view path_of(std::string_view target);
std::string_view query_of(std::string_view target);

struct QueryParameter {
  std::string name;   // decoded
  std::string value;  // decoded, '+' as a blank

  friend bool operator==(const QueryParameter&, const QueryParameter&) = default;
};

std::vector<QueryParameter> parse_query(std::string_view query);

// One pair of a raw query and its two halves, nothing decoded.
struct RawPair {
  std::string_view whole, name, value;
};

// Calls `visit(RawPair)` for every non-empty pair, in order.
template <class Visit>
void for_each_pair(std::string_view query, Visit visit) {
  while (!query.empty()) {
    const std::string_view whole = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(whole.size() + 1, query.size()));
    if (whole.empty()) continue;
    const std::string_view name = whole.substr(0, whole.find('='));
    visit(RawPair{whole, name, whole.substr(std::min(name.size() + 1, whole.size()))});
  }
}

// A parameter that configures the call and is no part of what the caller addresses: `qstash_token`
// and the lower-case twins of Upstash-* headers, in any case (contract section 2.2).
bool is_token_parameter(std::string_view decoded_name);
bool is_option_parameter(std::string_view decoded_name);

}  // namespace ferry::api
