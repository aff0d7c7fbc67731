#include "api/query.h"

#include "base/encoding.h"

namespace ferry::api {

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

std::string_view query_of(std::string_view target) {
  const std::size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
}

std::vector<QueryParameter> parse_query(std::string_view query) {
  std::vector<QueryParameter> parameters;
  for_each_pair(query, [&](const RawPair& pair) {
    parameters.push_back({query_decode(pair.name), query_decode(pair.value)});
  });
  return parameters;
}

bool is_token_parameter(std::string_view decoded_name) {
  return equals_ignore_case(decoded_name, "qstash_token");
}

bool is_option_parameter(std::string_view decoded_name) {
  return starts_with_ignore_case(decoded_name, "upstash-");
}

}  // namespace ferry::api
