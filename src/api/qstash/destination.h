#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "api/query.h"
#include "base/header_list.h"
#include "base/result.h"
#include "domain/api_names.h"
#include "http/address_guard.h"

// Where a publish goes (contract sections 2.1 and 2.2).

namespace ferry::api {

// The query of a publish call, divided between the destination and the call's own options.
struct PublishQuery {
  std::string rest;                     // the destination's pairs, byte for byte as received
  std::vector<QueryParameter> options;  // the lower-case twins of Upstash-* headers, decoded
};
PublishQuery split_publish_query(std::string_view query);

// The destination behind the prefix of a request path, with what is left of the query. Nothing of a
// URL is normalised; only slashes that a proxy collapsed are repaired and a URL that was
// percent-encoded as a whole is decoded once. Any other text is a name, decoded, and the query is
// dropped.
std::string rebuild_destination(std::string_view raw, std::string_view rest_of_query);

// An absolute http(s) URL that this server may call. kInvalidDestination with a text such as
// "endpoint has invalid scheme, add http:// or https://". Addresses spelled out in the URL are
// checked here, names when they are resolved for an attempt.
Result<void> check_endpoint(std::string_view url, const http::AddressGuard& guard);

// The provider behind an "api/<name>" destination (contract section 15).
struct ApiDestination {
  std::string url;
  // Sent with every message, below what the publisher forwards; shown as hashes, as they may hold
  // the operator's token. Callbacks, being deliveries, carry them in `sourceHeader`.
  HeaderList headers;

  friend bool operator==(const ApiDestination&, const ApiDestination&) = default;
};
using ApiDestinations = std::map<std::string, ApiDestination>;  // by name, without "api/"

// The names by their URLs; of two for one URL the first.
ApiNames api_names_of(const ApiDestinations& apis);

// What a destination as given to publish or batch says.
struct Place {
  std::string url;                      // or empty
  std::string group_name;               // or empty; whether there is such a group, the engine knows
  const ApiDestination* api = nullptr;  // whose URL it is, or null
};

// kInvalidDestination: "invalid destination url: …".
Result<Place> parse_destination(std::string_view destination, const http::AddressGuard& guard,
                                const ApiDestinations& apis);

}  // namespace ferry::api
