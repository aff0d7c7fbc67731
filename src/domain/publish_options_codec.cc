#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "domain/limits.h"
#include "domain/publish_options.h"

// The encoding, in the primitives of base/bytes.h:
//
//   record     = u8(version = 1) options
//   options    = *field u8(0)
//   field      = u8(number) value       ; numbers ascend; only kForwardHeader repeats
//   value of
//     kMethod                     u8
//     kDelay, kTimeout            svarint(milliseconds)
//     kNotBefore                  svarint(unix milliseconds)
//     kMaxRetries                 svarint
//     kRetryDelayExpression, kContentType, kDeduplicationId, kQueueName, kOrderingKey,
//     kSuccessDestination, kFailureDestination
//                                 text
//     kForwardHeader              text(name) text(value)
//     kCallback, kFailureCallback text(url) options
//     kContentBasedDeduplication  u8(0 | 1)
//     kLabels                     varint(count) count * text
//     kRedaction                  u8(1: body, 2: all headers) varint(count) count * text(name)
//     kFlowControl                text(key) u8(1: parallelism, 2: rate) [svarint(parallelism)]
//                                 [svarint(rate)] svarint(milliseconds of the period)
//
// Field numbers are stored: never change or re-use one.

namespace ferry {
namespace {

constexpr std::uint8_t kVersion = 1;

enum class Field : std::uint8_t {
  kEnd = 0,
  kMethod = 1,
  kDelay = 2,
  kNotBefore = 3,
  kMaxRetries = 4,
  kRetryDelayExpression = 5,
  kTimeout = 6,
  kContentType = 7,
  kForwardHeader = 8,
  kCallback = 9,
  kFailureCallback = 10,
  kDeduplicationId = 11,
  kContentBasedDeduplication = 12,
  kLabels = 13,
  kRedaction = 14,
  kFlowControl = 15,
  kQueueName = 16,
  kOrderingKey = 17,
  kSuccessDestination = 18,
  kFailureDestination = 19,
};

constexpr std::uint8_t kRedactBody = 1;
constexpr std::uint8_t kRedactAllHeaders = 2;
constexpr std::uint8_t kFlowParallelism = 1;
constexpr std::uint8_t kFlowRate = 2;

// Far beyond every limit, and small enough that adding such times never overflows.
constexpr std::int64_t kMillisecondsMax = std::int64_t{1} << 53;

// Writes one options value, hooks included.
class Encoder {
 public:
  explicit Encoder(std::string& out) : out_(out) {}

  void record(const PublishOptions& options) {
    out_.u8(kVersion);
    fields(options, 0);
  }

 private:
  void fields(const PublishOptions& options, int depth);
  void number(Field field) { out_.u8(static_cast<std::uint8_t>(field)); }
  void signed_value(Field field, std::int64_t value) {
    number(field);
    out_.svarint(value);
  }
  void text(Field field, const std::optional<std::string>& value) {
    if (!value) return;
    number(field);
    out_.text(*value);
  }
  void texts(const std::vector<std::string>& values) {
    out_.varint(values.size());
    for (const std::string& value : values) out_.text(value);
  }
  void hook(Field field, const std::optional<HookOptions>& hook, int depth);
  void forward_headers(const HeaderList& headers);
  void redaction(const Redaction& redaction);
  void flow_control(const FlowControl& flow);

  ByteWriter out_;
};

void Encoder::fields(const PublishOptions& options, int depth) {
  CHECK(depth <= limits::kHookNestingMax);
  if (options.method) {
    number(Field::kMethod);
    out_.u8(static_cast<std::uint8_t>(*options.method));
  }
  if (options.delay) signed_value(Field::kDelay, options.delay->count());
  if (options.not_before) signed_value(Field::kNotBefore, to_unix_ms(*options.not_before));
  if (options.max_retries) signed_value(Field::kMaxRetries, *options.max_retries);
  text(Field::kRetryDelayExpression, options.retry_delay_expression);
  if (options.timeout) signed_value(Field::kTimeout, options.timeout->count());
  text(Field::kContentType, options.content_type);
  forward_headers(options.forward_headers);
  hook(Field::kCallback, options.callback, depth);
  hook(Field::kFailureCallback, options.failure_callback, depth);
  text(Field::kDeduplicationId, options.deduplication_id);
  if (options.content_based_deduplication) {
    number(Field::kContentBasedDeduplication);
    out_.u8(*options.content_based_deduplication ? 1 : 0);
  }
  if (options.labels) {
    number(Field::kLabels);
    texts(*options.labels);
  }
  if (options.redaction) redaction(*options.redaction);
  if (options.flow_control) flow_control(*options.flow_control);
  text(Field::kQueueName, options.queue_name);
  text(Field::kOrderingKey, options.ordering_key);
  text(Field::kSuccessDestination, options.success_destination);
  text(Field::kFailureDestination, options.failure_destination);
  number(Field::kEnd);
}

void Encoder::hook(Field field, const std::optional<HookOptions>& hook, int depth) {
  if (!hook) return;
  number(field);
  out_.text(hook->url);
  fields(*hook->options, depth + 1);
}

void Encoder::forward_headers(const HeaderList& headers) {
  for (const HeaderField& header : headers) {
    number(Field::kForwardHeader);
    out_.text(header.name);
    out_.text(header.value);
  }
}

void Encoder::redaction(const Redaction& redaction) {
  number(Field::kRedaction);
  const int flags =
      (redaction.body ? kRedactBody : 0) | (redaction.all_headers ? kRedactAllHeaders : 0);
  out_.u8(static_cast<std::uint8_t>(flags));
  texts(redaction.headers);
}

void Encoder::flow_control(const FlowControl& flow) {
  number(Field::kFlowControl);
  out_.text(flow.key);
  const int flags = (flow.parallelism ? kFlowParallelism : 0) | (flow.rate ? kFlowRate : 0);
  out_.u8(static_cast<std::uint8_t>(flags));
  if (flow.parallelism) out_.svarint(*flow.parallelism);
  if (flow.rate) out_.svarint(*flow.rate);
  out_.svarint(flow.period.count());
}

// Reads one options value. Every reader below gives nothing for a value that no encoder writes;
// what is cut short shows in the state of the ByteReader, which `fields` asks after each field.
class Decoder {
 public:
  explicit Decoder(std::string_view data) : in_(data) {}

  std::optional<PublishOptions> record() {
    if (in_.u8() != kVersion) return std::nullopt;
    auto options = fields(0);
    if (!in_.at_end()) return std::nullopt;
    return options;
  }

 private:
  std::optional<PublishOptions> fields(int depth);
  bool field(Field field, int depth, PublishOptions& options);
  std::optional<std::int64_t> milliseconds();
  std::optional<Method> method();
  std::optional<std::int32_t> count();
  std::string text() { return std::string(in_.text()); }
  std::optional<std::vector<std::string>> texts();
  std::optional<HookOptions> hook(int depth);
  std::optional<bool> flag();
  std::optional<Redaction> redaction();
  std::optional<FlowControl> flow_control();
  void forward_header(HeaderList& headers);

  ByteReader in_;
};

std::optional<PublishOptions> Decoder::fields(int depth) {
  PublishOptions options;
  for (std::uint8_t previous = 0;;) {
    const std::uint8_t number = in_.u8();
    if (!in_.ok()) return std::nullopt;
    if (static_cast<Field>(number) == Field::kEnd) return options;
    const bool repeats = number == previous && static_cast<Field>(number) == Field::kForwardHeader;
    if (number <= previous && !repeats) return std::nullopt;
    if (!field(static_cast<Field>(number), depth, options)) return std::nullopt;
    previous = number;
  }
}

// Moves what was read to where it belongs; false when there is nothing.
template <class From, class To>
bool assign(std::optional<From> from, std::optional<To>& to) {
  if (!from) return false;
  to.emplace(std::move(*from));
  return true;
}

bool Decoder::field(Field field, int depth, PublishOptions& options) {
  switch (field) {
    case Field::kEnd:
      return false;
    case Field::kMethod:
      return assign(method(), options.method);
    case Field::kDelay:
      return assign(milliseconds(), options.delay);
    case Field::kNotBefore:
      if (const auto time = milliseconds()) options.not_before = from_unix_ms(*time);
      return options.not_before.has_value();
    case Field::kMaxRetries:
      return assign(count(), options.max_retries);
    case Field::kRetryDelayExpression:
      options.retry_delay_expression = text();
      return true;
    case Field::kTimeout:
      return assign(milliseconds(), options.timeout);
    case Field::kContentType:
      options.content_type = text();
      return true;
    case Field::kForwardHeader:
      forward_header(options.forward_headers);
      return true;
    case Field::kCallback:
      return assign(hook(depth + 1), options.callback);
    case Field::kFailureCallback:
      return assign(hook(depth + 1), options.failure_callback);
    case Field::kDeduplicationId:
      options.deduplication_id = text();
      return true;
    case Field::kContentBasedDeduplication:
      return assign(flag(), options.content_based_deduplication);
    case Field::kLabels:
      return assign(texts(), options.labels);
    case Field::kRedaction:
      return assign(redaction(), options.redaction);
    case Field::kFlowControl:
      return assign(flow_control(), options.flow_control);
    case Field::kQueueName:
      options.queue_name = text();
      return true;
    case Field::kOrderingKey:
      options.ordering_key = text();
      return true;
    case Field::kSuccessDestination:
      options.success_destination = text();
      return true;
    case Field::kFailureDestination:
      options.failure_destination = text();
      return true;
  }
  return false;  // a number that no version has had
}

std::optional<std::int64_t> Decoder::milliseconds() {
  const std::int64_t value = in_.svarint();
  if (value < 0 || value > kMillisecondsMax) return std::nullopt;
  return value;
}

std::optional<Method> Decoder::method() {
  const auto method = static_cast<Method>(in_.u8());
  if (method < Method::kGet || method > Method::kDelete) return std::nullopt;
  return method;
}

std::optional<std::int32_t> Decoder::count() {
  const std::int64_t value = in_.svarint();
  if (!std::in_range<std::int32_t>(value) || value < 0) return std::nullopt;
  return static_cast<std::int32_t>(value);
}

std::optional<std::vector<std::string>> Decoder::texts() {
  const std::uint64_t count = in_.varint();
  if (count > in_.remaining()) return std::nullopt;  // each takes a byte at least
  std::vector<std::string> values;
  while (in_.ok() && values.size() < count) values.push_back(text());
  return values;
}

std::optional<HookOptions> Decoder::hook(int depth) {
  if (depth > limits::kHookNestingMax) return std::nullopt;
  std::string url = text();
  auto options = fields(depth);
  if (!options) return std::nullopt;
  return HookOptions{std::move(url), std::make_shared<const PublishOptions>(std::move(*options))};
}

std::optional<bool> Decoder::flag() {
  const std::uint8_t value = in_.u8();
  if (value > 1) return std::nullopt;
  return value == 1;
}

std::optional<Redaction> Decoder::redaction() {
  const std::uint8_t flags = in_.u8();
  auto headers = texts();
  if (flags > (kRedactBody | kRedactAllHeaders) || !headers) return std::nullopt;
  return Redaction{(flags & kRedactBody) != 0, (flags & kRedactAllHeaders) != 0,
                   std::move(*headers)};
}

std::optional<FlowControl> Decoder::flow_control() {
  FlowControl flow;
  flow.key = text();
  const std::uint8_t flags = in_.u8();
  if (flags > (kFlowParallelism | kFlowRate)) return std::nullopt;
  if ((flags & kFlowParallelism) != 0 && !assign(count(), flow.parallelism)) return std::nullopt;
  if ((flags & kFlowRate) != 0 && !assign(count(), flow.rate)) return std::nullopt;
  const auto period = milliseconds();
  if (!period) return std::nullopt;
  flow.period = Duration(*period);
  return flow;
}

void Decoder::forward_header(HeaderList& headers) {
  std::string name = text();
  headers.add(std::move(name), text());
}

}  // namespace

void encode_publish_options(const PublishOptions& options, std::string& out) {
  Encoder(out).record(options);
}

std::optional<PublishOptions> decode_publish_options(std::string_view data) {
  return Decoder(data).record();
}

}  // namespace ferry
