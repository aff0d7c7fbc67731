#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "api/call.h"
#include "api/qstash/publish_item.h"
#include "base/json_writer.h"
#include "engine/protocol.h"

namespace ferry::api {

// POST or PUT /v2/publish/{destination...} (contract section 2). With Upstash-Cron it makes a
// schedule and answers as create_schedule does.
Awaitable<Answered> publish(Call call);

// POST or PUT /v2/enqueue/{queue}/{destination...} (contract section 3.1): the same, in order.
Awaitable<Answered> enqueue(Call call);

// What the call asks for; `queue` as in MessageCall. Takes the body from the call.
Result<WantedMessage> read_publish_call(Call& call, std::string_view destination,
                                        std::string_view queue);

// The largest message the tenant may send.
std::size_t body_bytes_max(const Options& options, const Tenant& tenant);

// A well-formed W3C `traceparent` of the request, or an empty text.
std::string trace_context_of(const HeaderList& headers);

// {"messageId":…,"url":…}, with "deduplicated" when true; of a URL group an array of these, one for
// each endpoint (contract section 2.9).
void write_published(JsonWriter& json, const engine::Published::Item& item, const IdCodec& ids);

}  // namespace ferry::api
