#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/query.h"
#include "base/json.h"
#include "base/result.h"
#include "domain/ids.h"
#include "store/queries.h"

// The one grammar of list filters (contract sections 0.4, 10.3, 11.2 and 14.2): from query
// parameters, or from a JSON body of the same names, to a store::PageRequest.

namespace ferry::api {

enum class ListKind : std::uint8_t { kEvents = 1, kDeadLetters = 2, kCancel = 4, kMessages = 8 };

struct ListRequest {
  store::PageRequest page;
  bool grouped = false;       // groupBy=messageId
  bool one_message = false;   // a messageId was given
  bool explicit_ids = false;  // dlqIds or, to cancel, messageIds: they override all other filters
  bool counted = false;       // a count was given; to cancel, its absence means all that match
  std::optional<std::int64_t> trim_body;  // bytes of bodies to show; 0 and below: none at all
};

// Values of one filter are given by repeating it or with commas (of `url` only before http:// or
// https://, of `path` only before '/'; a `flowControlKey` is both the whole value and its parts)
// and OR-ed; different filters are AND-ed. An id that this server did not make becomes id 0, which
// nothing has. `qstash_token` and upstash-* are passed over. kInvalidFilter for a malformed value
// and, except for events, an unknown name.
Result<ListRequest> parse_list_request(ListKind kind, const std::vector<QueryParameter>& parameters,
                                       TenantId tenant, const IdCodec& ids);

// The values of the filters of one call, all filters together.
inline constexpr std::size_t kParametersMax = 5'000;

// The parameters of a query and of a JSON object in the body (null: there is no body), whose values
// are strings, integers or arrays of them. kInvalidBody.
Result<std::vector<QueryParameter>> read_parameters(std::string_view query,
                                                    const JsonDocument* body);

}  // namespace ferry::api
