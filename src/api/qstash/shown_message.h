#pragma once

#include "api/qstash/message_fields.h"
#include "api/wire_names.h"
#include "base/json_writer.h"
#include "domain/dead_letter.h"
#include "domain/ids.h"
#include "store/queries.h"

// The JSON views of messages, dead letters and events (contract sections 10.1, 11.1 and 14.4).

namespace ferry::api {

void write_message(JsonWriter& json, const store::MessageView& view, const WireNames& names);

// In a list: the same fields without the state, which only the event log tells.
void write_pending_message(JsonWriter& json, const store::LoadedDelivery& row,
                           const WireNames& names, BodyTrim trim);

void write_dead_letter(JsonWriter& json, const DeadLetter& letter, const WireNames& names,
                       BodyTrim trim);

void write_event(JsonWriter& json, const store::LoggedEvent& event, const IdCodec& ids,
                 BodyTrim trim);

// The keys that introduce a message's group of events, within an object the caller has begun.
void write_event_group_facts(JsonWriter& json, const store::LoggedEvent& event, const IdCodec& ids);

}  // namespace ferry::api
