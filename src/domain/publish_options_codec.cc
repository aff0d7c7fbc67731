#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "domain/limits.h"
#include "domain/publish_options_fields.h"

// The encoding, in the primitives of base/bytes.h:
//
//   record  = u8(version = 1) options
//   options = *field u8(0)
//   field   = u8(number) value       ; numbers ascend; only that of a forwarded header repeats
//
// The fields are those of list_publish_options(), and a value is encoded by its type:
//
//   method                     u8
//   duration                   svarint(milliseconds)
//   time                       svarint(unix milliseconds)
//   number                     svarint
//   text                       text
//   flag                       u8(0 | 1)
//   texts                      varint(count) count * text
//   header                     text(name) text(value)
//   hook                       text(url) options
//   redaction                  u8(1: body, 2: all headers) texts(names)
//   flow control               text(key) u8(1: parallelism, 2: rate) [svarint(parallelism)]
//                              [svarint(rate)] svarint(milliseconds of the period)

namespace ferry {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kEnd = 0;

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
    fields(options);
  }

  template <class T>
  void operator()(std::uint8_t number, std::string_view, const std::optional<T>& value) {
    if (!value) return;
    out_.u8(number);
    put(*value);
  }
  void operator()(std::uint8_t number, std::string_view, const HeaderList& headers) {
    for (const HeaderField& header : headers) {
      out_.u8(number);
      out_.text(header.name);
      out_.text(header.value);
    }
  }

 private:
  void fields(const PublishOptions& options) {
    list_publish_options(*this, options);
    out_.u8(kEnd);
  }
  void put(Method value) { out_.u8(static_cast<std::uint8_t>(value)); }
  void put(Duration value) { out_.svarint(value.count()); }
  void put(TimePoint value) { out_.svarint(to_unix_ms(value)); }
  void put(std::int32_t value) { out_.svarint(value); }
  void put(bool value) { out_.u8(value ? 1 : 0); }
  void put(const std::string& value) { out_.text(value); }
  void put(const std::vector<std::string>& values) {
    out_.varint(values.size());
    for (const std::string& value : values) out_.text(value);
  }
  void put(const HookOptions& hook);
  void put(const Redaction& redaction);
  void put(const FlowControl& flow);

  ByteWriter out_;
  int depth_ = 0;
};

void Encoder::put(const HookOptions& hook) {
  out_.text(hook.url);
  ++depth_;
  CHECK(depth_ <= limits::kHookNestingMax);
  fields(*hook.options);
  --depth_;
}

void Encoder::put(const Redaction& redaction) {
  const int flags =
      (redaction.body ? kRedactBody : 0) | (redaction.all_headers ? kRedactAllHeaders : 0);
  out_.u8(static_cast<std::uint8_t>(flags));
  put(redaction.headers);
}

void Encoder::put(const FlowControl& flow) {
  out_.text(flow.key);
  const int flags = (flow.parallelism ? kFlowParallelism : 0) | (flow.rate ? kFlowRate : 0);
  out_.u8(static_cast<std::uint8_t>(flags));
  if (flow.parallelism) out_.svarint(*flow.parallelism);
  if (flow.rate) out_.svarint(*flow.rate);
  out_.svarint(flow.period.count());
}

// Reads one options value in the order of the list, which is that of the numbers: what stands out
// of order is never come by, and is left when the list ends. The readers of values are false for
// one that no encoder writes; what is cut short shows in the state of the ByteReader.
class Decoder {
 public:
  explicit Decoder(std::string_view data) : in_(data) {}

  std::optional<PublishOptions> record() {
    if (in_.u8() != kVersion) return std::nullopt;
    PublishOptions options;
    if (!fields(options) || !in_.at_end()) return std::nullopt;
    return options;
  }

  template <class T>
  void operator()(std::uint8_t number, std::string_view, std::optional<T>& value) {
    if (number_ != number) return;
    number_ = get(value.emplace()) ? in_.u8() : kRefused;
  }
  void operator()(std::uint8_t number, std::string_view, HeaderList& headers) {
    while (number_ == number) {
      std::string name(in_.text());
      headers.add(std::move(name), std::string(in_.text()));
      number_ = in_.u8();
    }
  }

 private:
  static constexpr std::uint8_t kRefused = 255;  // no field has it

  bool fields(PublishOptions& options) {
    number_ = in_.u8();
    list_publish_options(*this, options);
    return in_.ok() && number_ == kEnd;
  }
  bool get(Method& value);
  bool get(Duration& value);
  bool get(TimePoint& value);
  bool get(std::int32_t& value);
  bool get(bool& value);
  bool get(std::string& value);
  bool get(std::vector<std::string>& values);
  bool get(HookOptions& hook);
  bool get(Redaction& redaction);
  bool get(FlowControl& flow);

  ByteReader in_;
  std::uint8_t number_ = kEnd;  // of the field that stands next
  int depth_ = 0;
};

bool Decoder::get(Method& value) {
  value = static_cast<Method>(in_.u8());
  return value >= Method::kGet && value <= Method::kDelete;
}

bool Decoder::get(Duration& value) {
  const std::int64_t ms = in_.svarint();
  value = Duration(ms);
  return ms >= 0 && ms <= kMillisecondsMax;
}

bool Decoder::get(TimePoint& value) {
  Duration since_epoch{0};
  const bool read = get(since_epoch);
  if (read) value = from_unix_ms(since_epoch.count());
  return read;
}

bool Decoder::get(std::int32_t& value) {
  const std::int64_t number = in_.svarint();
  if (!std::in_range<std::int32_t>(number) || number < 0) return false;
  value = static_cast<std::int32_t>(number);
  return true;
}

bool Decoder::get(bool& value) {
  const std::uint8_t byte = in_.u8();
  value = byte == 1;
  return byte <= 1;
}

bool Decoder::get(std::string& value) {
  value = std::string(in_.text());
  return true;
}

bool Decoder::get(std::vector<std::string>& values) {
  const std::uint64_t count = in_.varint();
  if (count > in_.remaining()) return false;  // each takes a byte at least
  while (in_.ok() && values.size() < count) values.emplace_back(in_.text());
  return true;
}

bool Decoder::get(HookOptions& hook) {
  if (depth_ == limits::kHookNestingMax) return false;
  hook.url = std::string(in_.text());
  PublishOptions options;
  ++depth_;
  const bool read = fields(options);
  --depth_;
  hook.options = std::make_shared<const PublishOptions>(std::move(options));
  return read;
}

bool Decoder::get(Redaction& redaction) {
  const std::uint8_t flags = in_.u8();
  redaction.body = (flags & kRedactBody) != 0;
  redaction.all_headers = (flags & kRedactAllHeaders) != 0;
  return get(redaction.headers) && flags <= (kRedactBody | kRedactAllHeaders);
}

bool Decoder::get(FlowControl& flow) {
  flow.key = std::string(in_.text());
  const std::uint8_t flags = in_.u8();
  if (flags > (kFlowParallelism | kFlowRate)) return false;
  if ((flags & kFlowParallelism) != 0 && !get(flow.parallelism.emplace())) return false;
  if ((flags & kFlowRate) != 0 && !get(flow.rate.emplace())) return false;
  return get(flow.period);
}

}  // namespace

void encode_publish_options(const PublishOptions& options, std::string& out) {
  Encoder(out).record(options);
}

std::optional<PublishOptions> decode_publish_options(std::string_view data) {
  return Decoder(data).record();
}

}  // namespace ferry
