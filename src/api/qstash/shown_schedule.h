#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "domain/hook.h"
#include "domain/ids.h"
#include "domain/schedule.h"

namespace ferry::api {

// Where a message of the last tick stands, as `lastScheduleStates` names it.
enum class DeliveryState : std::uint8_t { kInProgress, kSuccess, kFail };
using LastStates = std::vector<std::pair<DeliveryId, DeliveryState>>;

// The JSON of contract section 9.4. What the creator asked to redact is shown as its hash.
void write_schedule(JsonWriter& json, const Schedule& schedule, const Bytes& body,
                    const LastStates& states, const MessageDefaults& defaults, const IdCodec& ids);

}  // namespace ferry::api
