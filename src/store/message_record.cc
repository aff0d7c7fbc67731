#include "base/check.h"
#include "store/record_parts.h"

// message   := version:u8=1 id tenant:id kind:u8 source:id created_at:time method:u8 headers
//              body:text caller_ip:text trace_context:text max_retries:svarint
//              retry_delay_expression:text timeout:duration callback:hook? failure_callback:hook?
//              label:text* redaction
// hook      := url:text options:text           (domain/publish_options.cc)
// redaction := flags(1: body, 2: all headers) header:text*

namespace ferry::store {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kRedactBody = 1;
constexpr std::uint8_t kRedactAllHeaders = 2;

void write_texts(RecordWriter& out, const std::vector<std::string>& texts) {
  out.varint(texts.size());
  for (const std::string& text : texts) out.text(text);
}

std::vector<std::string> read_texts(RecordReader& in) {
  std::vector<std::string> texts;
  in.repeat([&] { texts.push_back(in.string()); });
  return texts;
}

void write_hook(RecordWriter& out, const HookOptions& hook) {
  CHECK(hook.options != nullptr);
  out.text(hook.url);
  std::string options;
  encode_publish_options(*hook.options, options);
  out.text(options);
}

HookOptions read_hook(RecordReader& in) {
  HookOptions hook;
  hook.url = in.string();
  std::optional<PublishOptions> options = decode_publish_options(in.text());
  if (!options) in.refuse();
  hook.options =
      std::make_shared<const PublishOptions>(std::move(options).value_or(PublishOptions{}));
  return hook;
}

void write_redaction(RecordWriter& out, const Redaction& redaction) {
  out.u8(static_cast<std::uint8_t>((redaction.body ? kRedactBody : 0) |
                                   (redaction.all_headers ? kRedactAllHeaders : 0)));
  write_texts(out, redaction.headers);
}

Redaction read_redaction(RecordReader& in) {
  Redaction redaction;
  const std::uint8_t flags = in.flags(kRedactBody | kRedactAllHeaders);
  redaction.body = (flags & kRedactBody) != 0;
  redaction.all_headers = (flags & kRedactAllHeaders) != 0;
  redaction.headers = read_texts(in);
  return redaction;
}

}  // namespace

void write_message(RecordWriter& out, const Message& message) {
  const auto hook = [&](const HookOptions& options) { write_hook(out, options); };
  out.u8(kVersion);
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
  write_texts(out, message.labels);
  write_redaction(out, message.redaction);
}

Message read_message(RecordReader& in) {
  const auto hook = [&] { return read_hook(in); };
  Message message;
  in.version(kVersion);
  message.id = in.id<MessageId>();
  message.tenant = in.id<TenantId>();
  message.kind = in.enumerator(MessageKind::kPublished, MessageKind::kFailureCallback);
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
  message.labels = read_texts(in);
  message.redaction = read_redaction(in);
  return message;
}

}  // namespace ferry::store
