#include "api/qstash/list_call.h"

#include <optional>
#include <utility>
#include <vector>

#include "api/json_body.h"
#include "base/encoding.h"

namespace ferry::api {

Awaitable<Result<ListRequest>> read_list_call(ListKind kind, const Call& call) {
  const Bytes& body = call.request.body;
  std::optional<JsonDocument> document;
  if (!trim(body.view()).empty()) {
    Result<JsonDocument> parsed = co_await parse_json_body(body);
    if (!parsed) co_return std::unexpected(parsed.error());
    document.emplace(std::move(*parsed));
  }
  const auto parameters =
      read_parameters(query_of(call.request.head.target), document ? &*document : nullptr);
  if (!parameters) co_return std::unexpected(parameters.error());
  co_return parse_list_request(kind, *parameters, call.caller.tenant->id,
                               *call.services.context.ids);
}

}  // namespace ferry::api
