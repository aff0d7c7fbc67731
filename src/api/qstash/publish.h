#pragma once

#include <cstddef>
#include <string>

#include "api/call.h"
#include "base/json_writer.h"
#include "engine/protocol.h"

namespace ferry::api {

// POST or PUT /v2/publish/{destination...} (contract section 2).
Awaitable<Answered> publish(Call call);

// The largest message the tenant may send.
std::size_t body_bytes_max(const Options& options, const Tenant& tenant);

// A well-formed W3C `traceparent` of the request, or an empty text.
std::string trace_context_of(const HeaderList& headers);

// {"messageId":…,"url":…}, with "deduplicated" when true (contract section 2.9).
void write_published(JsonWriter& json, const engine::PublishedDelivery& delivery,
                     const IdCodec& ids);

}  // namespace ferry::api
