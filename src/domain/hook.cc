#include "domain/hook.h"

#include <algorithm>

#include "base/check.h"
#include "base/encoding.h"

namespace ferry {
namespace {

// The message of `options`, with the content type that it really has: a forwarded Content-Type
// counts only when there is no other (contract section 2.4).
Message message_with(const PublishOptions& options, std::string_view content_type,
                     const MessageDefaults& defaults) {
  Message message;
  message.method = options.method.value_or(Method::kPost);
  message.headers.reserve(options.forward_headers.size() + 1);
  if (!content_type.empty()) message.headers.add("Content-Type", std::string(content_type));
  for (const HeaderField& field : options.forward_headers) {
    if (!content_type.empty() && equals_ignore_case(field.name, "Content-Type")) continue;
    message.headers.add(field.name, field.value);
  }
  message.max_retries = options.max_retries.value_or(defaults.max_retries);
  message.retry_delay_expression = options.retry_delay_expression.value_or("");
  message.timeout = options.timeout.value_or(Duration(0));
  message.callback = options.callback;
  message.failure_callback = options.failure_callback;
  message.labels = options.labels.value_or(std::vector<std::string>());
  message.redaction = options.redaction.value_or(Redaction());
  message.flow_control = options.flow_control;
  message.on_success = options.success_destination.value_or("");
  message.on_failure = options.failure_destination.value_or("");
  return message;
}

}  // namespace

std::vector<HookKind> hooks_for(const Message& message, const Verdict& verdict) {
  std::vector<HookKind> hooks;
  if (message.callback) hooks.push_back(HookKind::kCallback);
  if (message.failure_callback && verdict.step == NextStep::kDead) {
    hooks.push_back(HookKind::kFailureCallback);
  }
  if (verdict.step == NextStep::kDelivered && !message.on_success.empty()) {
    hooks.push_back(HookKind::kSuccessPush);
  }
  const bool dead = verdict.step == NextStep::kDead && (!message.push || verdict.stopped);
  if (dead && !message.on_failure.empty()) {
    hooks.push_back(HookKind::kFailurePush);
  }
  return hooks;
}

Message make_message(const PublishOptions& options, const MessageDefaults& defaults) {
  return message_with(options, options.content_type.value_or(""), defaults);
}

Message make_hook_message(HookKind kind, const Message& source, const Delivery& source_delivery,
                          RenderedHook rendered) {
  const bool failure = kind == HookKind::kFailureCallback;
  const auto& hook = failure ? source.failure_callback : source.callback;
  CHECK(hook && hook->options);
  Message message =
      message_with(*hook->options, "application/json", {.max_retries = source.max_retries});
  message.tenant = source.tenant;
  message.kind = failure ? MessageKind::kFailureCallback : MessageKind::kCallback;
  message.source = source_delivery.id;
  message.body = Bytes::take(std::move(rendered.body));
  message.caller_ip = source.caller_ip;
  message.trace_context = source.trace_context;
  return message;
}

Message make_push_message(const Message& source, const Delivery& source_delivery,
                          RenderedHook rendered) {
  auto origin = std::make_shared<PushOrigin>();
  origin->success = rendered.kind == HookKind::kSuccessPush;
  if (const Invocation* of = source.invocation.get()) {
    origin->request_id = of->request_id;
    origin->service = of->service;
    origin->function = of->function;
    origin->qualifier = of->qualifier;
    origin->arn = of->arn;
    origin->lineage = of->lineage;
  } else if (source.push) {
    *origin = *source.push;
    origin->success = false;
  }
  origin->event_id = origin->request_id + (origin->success ? ":s" : ":f");
  Message message;
  message.tenant = source.tenant;
  message.kind = MessageKind::kPush;
  message.source = source_delivery.id;
  message.headers.add("Content-Type", "application/json");
  message.body = Bytes::take(std::move(rendered.body));
  message.caller_ip = source.caller_ip;
  message.trace_context = source.trace_context;
  if (const Invocation* of = source.invocation.get()) {
    if (of->task_mode) message.labels.push_back(push_label(source_delivery.id));
    if (origin->success) message.on_failure = source.on_failure;
  }
  message.push = std::move(origin);
  return message;
}

TimePoint first_due(const PublishOptions& options, TimePoint now) {
  if (options.not_before) return std::max(now, *options.not_before);
  return std::max(now, now + options.delay.value_or(Duration(0)));
}

}  // namespace ferry
