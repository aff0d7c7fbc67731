#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
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

// What was published: immutable, shared by its deliveries, and by all threads that work on them.
struct Message {
  MessageId id;
  TenantId tenant;
  MessageKind kind = MessageKind::kPublished;
  DeliveryId source;  // of a hook: the delivery that set it off
  TimePoint created_at;
  Method method = Method::kPost;
  HeaderList headers;  // what travels: forwarded headers and Content-Type
  Bytes body;
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
};

using MessagePtr = std::shared_ptr<const Message>;

}  // namespace ferry
