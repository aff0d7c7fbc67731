#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/json_writer.h"
#include "domain/dead_letter.h"
#include "domain/ids.h"
#include "store/queries.h"

// The JSON views of messages, dead letters and events (contract sections 10.1, 11.1 and 14.4). What
// the publisher asked to redact leaves the server only as its hash. Absent and empty texts are left
// out.

namespace ferry::api {

// How much of a body is shown: all of it, its first bytes, or with 0 and below nothing.
using BodyTrim = std::optional<std::int64_t>;

void write_message(JsonWriter& json, const store::MessageView& view, const IdCodec& ids);

void write_dead_letter(JsonWriter& json, const DeadLetter& letter, const IdCodec& ids,
                       BodyTrim trim);

void write_event(JsonWriter& json, const store::LoggedEvent& event, const IdCodec& ids,
                 BodyTrim trim);

// The keys that introduce a message's group of events, within an object the caller has begun.
void write_event_group_facts(JsonWriter& json, const store::LoggedEvent& event, const IdCodec& ids);

}  // namespace ferry::api
