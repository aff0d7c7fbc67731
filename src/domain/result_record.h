#pragma once

#include <string>
#include <string_view>

#include "domain/delivery.h"
#include "domain/message.h"

namespace ferry {

struct RecordSettings {
  // compat.seed: an exhausted function's record says 200, as the sample of seed 003 does.
  bool seed_status = false;
};

// The event that a destination gets about one invocation that has ended (Function Compute contract
// section 4.1): compact JSON with the keys in the order of seed 003. `timestamp` is the moment the
// invocation was accepted. Payloads that are not UTF-8 travel as base64, said by
// `requestPayloadEncoding` and `responsePayloadEncoding`.
std::string render_record(const Message& message, const Delivery& delivery, const Outcome& outcome,
                          const RecordSettings& settings);

// The same record for the onFailure of the function it is about, when the guard against loops kept
// it from the next one (section 7): its condition is kRecursionCondition, which was empty.
std::string stopped_record(std::string_view record);

}  // namespace ferry
