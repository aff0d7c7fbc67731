#include "domain/message.h"

#include <utility>

#include "domain/limits.h"

namespace ferry {

std::uint64_t body_bytes(const Message& message) {
  return message.large_body ? message.large_body->bytes : message.body.size();
}

bool is_body_stored(const Message& message) {
  return message.large_body.has_value() && message.body.empty();
}

void note_large_body(Message& message, const std::optional<Sha256Digest>& sha256) {
  if (message.large_body || message.body.size() <= limits::kBodyHeldMax) return;
  message.large_body = LargeBody{.bytes = message.body.size(), .sha256 = sha256};
}

MessagePtr without_large_body(MessagePtr message) {
  if (message == nullptr || !message->large_body || message->body.empty()) return message;
  auto bare = std::make_shared<Message>(*message);
  bare->body = {};
  return bare;
}

}  // namespace ferry
