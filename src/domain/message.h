#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/header_list.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/invocation.h"
#include "domain/publish_options.h"

namespace ferry {

// Stored: never change these numbers.
enum class MessageKind : std::uint8_t {
  kPublished = 1,
  kCallback = 2,
  kFailureCallback = 3,
  kInvocation = 4,  // an event for a function
  kPush = 5,        // a result for a destination
};

// What a message knows of a body of over limits::kBodyHeldMax, wherever the body itself is.
struct LargeBody {
  std::uint64_t bytes = 0;
  std::optional<Sha256Digest> sha256;  // none: not computed yet

  friend bool operator==(const LargeBody&, const LargeBody&) = default;
};

// What was published: immutable, shared by its deliveries, and by all threads that work on them.
struct Message {
  MessageId id;
  TenantId tenant;
  MessageKind kind = MessageKind::kPublished;
  DeliveryId source;  // of a hook: the delivery that set it off
  TimePoint created_at;
  Method method = Method::kPost;
  HeaderList headers;                  // what travels: forwarded headers and Content-Type
  Bytes body;                          // empty when only the store has it: is_body_stored()
  std::string caller_ip;               // of the publisher, textual, no port
  std::string trace_context;           // the publisher's traceparent, or empty
  std::int32_t max_retries = 3;        // attempts = 1 + max_retries
  std::string retry_delay_expression;  // empty: the default backoff
  Duration timeout{0};                 // of one attempt; 0: the server's maximum
  std::optional<HookOptions> callback;
  std::optional<HookOptions> failure_callback;
  std::vector<std::string> labels;
  Redaction redaction;
  std::optional<FlowControl> flow_control;
  std::string on_success;    // destination that the result is pushed to when it is a success
  std::string on_failure;    // and when it is none (texts, domain/push_target.h)
  InvocationPtr invocation;  // of kInvocation, else null
  PushOriginPtr push;        // of kPush, else null
  // Of a large body; none of one that an older version stored, which is held in memory.
  std::optional<LargeBody> large_body;
};

using MessagePtr = std::shared_ptr<const Message>;

std::uint64_t body_bytes(const Message& message);
// The body is in the store alone, which reads pieces of it.
bool is_body_stored(const Message& message);
// A body that is large is known as such from the moment that its message is made.
void note_large_body(Message& message, const std::optional<Sha256Digest>& sha256 = {});
// The message as it is kept in memory: itself, or a copy without its large body.
MessagePtr without_large_body(MessagePtr message);

}  // namespace ferry
