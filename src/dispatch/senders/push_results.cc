#include "dispatch/senders/push_results.h"

#include <utility>

#include "domain/lineage.h"

namespace ferry::dispatch {

PushResult delivered(std::string answer) {
  if (answer.size() > kPushAnswerBytesMax) answer.resize(kPushAnswerBytesMax);
  return {.kind = OutcomeKind::kDelivered, .status = 200, .error = "", .answer = std::move(answer)};
}

PushResult try_again(std::int32_t status, std::string error) {
  return {.kind = OutcomeKind::kFailed, .status = status, .error = std::move(error), .answer = ""};
}

PushResult give_up(std::int32_t status, std::string error) {
  return {.kind = OutcomeKind::kNonRetryable,
          .status = status,
          .error = std::move(error),
          .answer = ""};
}

HeaderList native_headers(const Push& push) {
  HeaderList headers;
  const auto add = [&headers](std::string_view name, const std::string& value) {
    if (!value.empty()) headers.add(std::string(name), value);
  };
  add(kEventIdHeader, push.event_id);
  add(kRequestIdHeader, push.request_id);
  add(kLineageHeader, push.lineage);
  for (const HeaderField& field : push.trace) add(field.name, field.value);
  return headers;
}

}  // namespace ferry::dispatch
