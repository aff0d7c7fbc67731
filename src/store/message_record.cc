#include "base/check.h"
#include "store/record_parts.h"

// message      := version:u8 id tenant:id kind:u8 source:id created_at:time method:u8 headers
//                 body:text caller_ip:text trace_context:text max_retries:svarint
//                 retry_delay_expression:text timeout:duration callback:hook?
//                 failure_callback:hook? label:text* redaction flow_control?
//                 [on_success:text on_failure:text invocation? push?]
// The part in brackets is of version 2, which only a message that needs it is written in;
// invocation and push stand in invocation_record.cc. hook         := url:text options redaction :=
// flags(1: body, 2: all headers) header:text* flow_control := key:text parallelism:svarint?
// rate:svarint? period:duration

namespace ferry::store {
namespace {

constexpr std::uint8_t kPlain = 1;
constexpr std::uint8_t kWithResults = 2;
constexpr std::uint8_t kRedactBody = 1;
constexpr std::uint8_t kRedactAllHeaders = 2;

void write_hook(RecordWriter& out, const HookOptions& hook) {
  CHECK(hook.options != nullptr);
  out.text(hook.url);
  out.options(*hook.options);
}

HookOptions read_hook(RecordReader& in) {
  HookOptions hook;
  hook.url = in.string();
  hook.options = std::make_shared<const PublishOptions>(in.options());
  return hook;
}

void write_redaction(RecordWriter& out, const Redaction& redaction) {
  out.u8(static_cast<std::uint8_t>((redaction.body ? kRedactBody : 0) |
                                   (redaction.all_headers ? kRedactAllHeaders : 0)));
  out.texts(redaction.headers);
}

Redaction read_redaction(RecordReader& in) {
  Redaction redaction;
  const std::uint8_t flags = in.flags(kRedactBody | kRedactAllHeaders);
  redaction.body = (flags & kRedactBody) != 0;
  redaction.all_headers = (flags & kRedactAllHeaders) != 0;
  redaction.headers = in.texts();
  return redaction;
}

void write_flow_control(RecordWriter& out, const FlowControl& flow) {
  const auto number = [&](std::int32_t value) { out.svarint(value); };
  out.text(flow.key);
  out.optional(flow.parallelism, number);
  out.optional(flow.rate, number);
  out.duration(flow.period);
}

FlowControl read_flow_control(RecordReader& in) {
  const auto number = [&] { return in.int32(); };
  FlowControl flow;
  flow.key = in.string();
  flow.parallelism = in.optional(number);
  flow.rate = in.optional(number);
  flow.period = in.duration();
  return flow;
}

bool has_results(const Message& message) {
  return message.invocation || message.push || !message.on_success.empty() ||
         !message.on_failure.empty();
}

void write_results(RecordWriter& out, const Message& message) {
  out.text(message.on_success);
  out.text(message.on_failure);
  out.flag(message.invocation != nullptr);
  if (message.invocation) write_invocation(out, *message.invocation);
  out.flag(message.push != nullptr);
  if (message.push) write_push_origin(out, *message.push);
}

void read_results(RecordReader& in, Message& message) {
  message.on_success = in.string();
  message.on_failure = in.string();
  if (in.flag()) message.invocation = std::make_shared<const Invocation>(read_invocation(in));
  if (in.flag()) message.push = std::make_shared<const PushOrigin>(read_push_origin(in));
}

}  // namespace

void write_message(RecordWriter& out, const Message& message) {
  const auto hook = [&](const HookOptions& options) { write_hook(out, options); };
  const bool results = has_results(message);
  out.u8(results ? kWithResults : kPlain);
  out.id(message.id);
  out.id(message.tenant);
  out.enumerator(message.kind);
  out.id(message.source);
  out.time(message.created_at);
  out.enumerator(message.method);
  out.headers(message.headers);
  out.text(message.body.view());
  out.text(message.caller_ip);
  out.text(message.trace_context);
  out.svarint(message.max_retries);
  out.text(message.retry_delay_expression);
  out.duration(message.timeout);
  out.optional(message.callback, hook);
  out.optional(message.failure_callback, hook);
  out.texts(message.labels);
  write_redaction(out, message.redaction);
  out.optional(message.flow_control,
               [&](const FlowControl& flow) { write_flow_control(out, flow); });
  if (results) write_results(out, message);
}

Message read_message(RecordReader& in) {
  const auto hook = [&] { return read_hook(in); };
  Message message;
  const std::uint8_t version = in.version(kWithResults);
  message.id = in.id<MessageId>();
  message.tenant = in.id<TenantId>();
  message.kind = in.enumerator(MessageKind::kPublished, MessageKind::kPush);
  message.source = in.id<DeliveryId>();
  message.created_at = in.time();
  message.method = in.enumerator(Method::kGet, Method::kDelete);
  message.headers = in.headers();
  message.body = Bytes::copy(in.text());
  message.caller_ip = in.string();
  message.trace_context = in.string();
  message.max_retries = in.int32();
  message.retry_delay_expression = in.string();
  message.timeout = in.duration();
  message.callback = in.optional(hook);
  message.failure_callback = in.optional(hook);
  message.labels = in.texts();
  message.redaction = read_redaction(in);
  message.flow_control = in.optional([&] { return read_flow_control(in); });
  if (version >= kWithResults) read_results(in, message);
  return message;
}

}  // namespace ferry::store
