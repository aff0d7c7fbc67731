#include "api/qstash/publish_parser.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "api/api.h"
#include "api/qstash/destination.h"
#include "api/qstash/option_values.h"
#include "api/qstash/travelling_headers.h"
#include "base/encoding.h"
#include "domain/limits.h"
#include "domain/redaction.h"

namespace ferry::api {
namespace {

constexpr std::string_view kForward = "Forward-";

// What one reader has read so far.
struct Draft {
  ParsedOptions parsed;
  std::optional<std::string> flow_key, flow_value;
};

// Of the simple options; those with a structure of their own (Forward-*, callbacks) are not rows.
struct OptionRow {
  std::string_view name;  // behind the prefix
  Result<void> (*read)(std::string_view value, Draft& draft) = nullptr;
  bool of_callbacks = true;        // a callback may have it, too
  bool error_says_it_all = false;  // its error texts stand without "invalid … header"
};

template <auto Member, auto Parse>
Result<void> set(std::string_view value, Draft& draft) {
  ASSIGN_OR_RETURN(draft.parsed.options.*Member, Parse(value));
  return {};
}

// The same for what is asked of this server rather than of the message.
template <auto Member, auto Parse>
Result<void> ask(std::string_view value, Draft& draft) {
  ASSIGN_OR_RETURN(draft.parsed.*Member, Parse(value));
  return {};
}

// Judged with its other half, when both are known.
template <auto Member>
Result<void> keep(std::string_view value, Draft& draft) {
  draft.*Member = value;
  return {};
}

using Set = PublishOptions;  // the members that the rows set
using Ask = ParsedOptions;

// In the order of the checks (contract section 2.10).
constexpr auto kRows = std::to_array<OptionRow>({
    {"Method", set<&Set::method, parse_method_value>},
    {"Retries", set<&Set::max_retries, parse_retries>},
    {"Timeout", set<&Set::timeout, parse_timeout>},
    {"Delay", set<&Set::delay, parse_duration_value>},
    {"Not-Before", set<&Set::not_before, parse_not_before>},
    {"Retry-Delay", set<&Set::retry_delay_expression, parse_retry_delay>},
    {"Header-Forward", ask<&Ask::forwards_all_headers, parse_bool_value>},
    {"Label", set<&Set::labels, parse_labels>},
    {"Deduplication-Id", set<&Set::deduplication_id, parse_deduplication_id>, true, true},
    {"Content-Based-Deduplication", set<&Set::content_based_deduplication, parse_bool_value>},
    {"Redact-Fields", set<&Set::redaction, parse_redaction>},
    {"Flow-Control-Key", keep<&Draft::flow_key>},
    {"Flow-Control-Value", keep<&Draft::flow_value>},
    {"Queue-Name", set<&Set::queue_name, parse_name>, false},
    {"Ordering-Key", set<&Set::ordering_key, parse_ordering_key>, false},
    {"Success-Destination", set<&Set::success_destination, parse_destination_of_results>},
    {"Failure-Destination", set<&Set::failure_destination, parse_destination_of_results>},
    {"Schedule-Id", ask<&Ask::schedule_id, parse_name>, false},
    {"Cron", ask<&Ask::cron, parse_cron>, false, true},
});

std::optional<std::size_t> find_row(std::string_view name) {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    // The length decides almost always; names are compared about once a field.
    if (kRows[i].name.size() == name.size() && equals_ignore_case(kRows[i].name, name)) return i;
  }
  return std::nullopt;
}

struct Field {
  std::string_view name, value;
};

// The fields of one callback option.
struct HookFields {
  std::string_view name;    // behind the prefix
  std::string_view called;  // in error texts
  std::optional<std::string_view> url;
  std::vector<Field> options;  // names behind the callback's own prefix
};

// Reads the options below one prefix ("Upstash-", "Upstash-Callback-", …): takes the fields as they
// come, then judges them in the order of the table, so that the first failure does not hang on the
// order of the headers. Each callback is read by a reader of its own, one level deeper. Keeps views
// of the fields' texts.
class OptionReader {
 public:
  OptionReader(const OptionRules& rules, std::string prefix, int depth)
      : rules_(rules), prefix_(std::move(prefix)), depth_(depth) {}

  // `name` is behind the prefix. Unknown names have no effect.
  void take(std::string_view name, std::string_view value);
  Result<Draft> finish() &&;

 private:
  Result<void> read_rows();
  Result<void> read_flow_control();
  Result<void> read_row(const OptionRow& row, std::string_view value);
  Result<void> read_hook(const HookFields& fields, std::optional<HookOptions>& hook) const;
  Result<void> read_forwards();
  Result<void> check_quotas() const;
  std::string invalid_header(std::string_view name, std::string_view why) const {
    return "invalid " + prefix_ + std::string(name) + " header: " + std::string(why);
  }

  const OptionRules& rules_;
  std::string prefix_;
  int depth_;
  std::array<std::optional<std::string_view>, kRows.size()> values_;  // the last one of each row
  std::vector<Field> forwards_;
  HookFields callback_{"Callback", "callback", {}, {}};
  HookFields failure_callback_{"Failure-Callback", "failure callback", {}, {}};
  Draft draft_;
};

// True when the field belonged to the callback.
bool take_hook_field(HookFields& hook, std::string_view name, std::string_view value) {
  if (!starts_with_ignore_case(name, hook.name)) return false;
  const std::string_view behind = name.substr(hook.name.size());
  if (behind.empty()) {
    hook.url = value;
  } else if (behind.front() == '-') {
    hook.options.push_back({behind.substr(1), value});
  }
  return true;
}

void OptionReader::take(std::string_view name, std::string_view value) {
  if (starts_with_ignore_case(name, kForward)) {
    forwards_.push_back({name.substr(kForward.size()), value});
  } else if (const auto row = find_row(name)) {
    values_[*row] = value;
  } else if (!take_hook_field(callback_, name, value)) {
    take_hook_field(failure_callback_, name, value);
  }
}

Result<Draft> OptionReader::finish() && {
  RETURN_IF_ERROR(read_rows());
  RETURN_IF_ERROR(check_sequence(draft_.parsed.options));
  RETURN_IF_ERROR(read_flow_control());
  RETURN_IF_ERROR(read_hook(callback_, draft_.parsed.options.callback));
  RETURN_IF_ERROR(read_hook(failure_callback_, draft_.parsed.options.failure_callback));
  RETURN_IF_ERROR(read_forwards());
  RETURN_IF_ERROR(check_quotas());
  return std::move(draft_);
}

Result<void> OptionReader::read_rows() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (values_[i]) RETURN_IF_ERROR(read_row(kRows[i], *values_[i]));
  }
  return {};
}

Result<void> OptionReader::read_row(const OptionRow& row, std::string_view value) {
  if (depth_ > 0 && !row.of_callbacks) {
    return fail(ErrorCode::kInvalidHeader, invalid_header(row.name, "callbacks cannot have it"));
  }
  Result<void> read = row.read(value, draft_);
  if (read || row.error_says_it_all) return read;
  return fail(read.error().code, invalid_header(row.name, read.error().text));
}

Result<void> OptionReader::read_flow_control() {
  if (!draft_.flow_key && !draft_.flow_value) return {};
  if (!draft_.flow_key || !draft_.flow_value) {
    const std::string_view missing = draft_.flow_key ? "Value" : "Key";
    return fail(ErrorCode::kInvalidHeader,
                invalid_header("Flow-Control-" + std::string(draft_.flow_key ? "Key" : "Value"),
                               prefix_ + "Flow-Control-" + std::string(missing) + " is missing"));
  }
  Result<FlowControl> flow = parse_flow_control(*draft_.flow_key, *draft_.flow_value);
  if (!flow) {
    return fail(flow.error().code, invalid_header("Flow-Control-Value", flow.error().text));
  }
  draft_.parsed.options.flow_control = std::move(*flow);
  return {};
}

Result<void> OptionReader::read_hook(const HookFields& fields,
                                     std::optional<HookOptions>& hook) const {
  if (!fields.url) return {};
  if (depth_ == limits::kHookNestingMax) {
    return fail(
        ErrorCode::kInvalidHeader,
        invalid_header(fields.name, "callbacks are nested more than " +
                                        std::to_string(limits::kHookNestingMax) + " levels deep"));
  }
  if (Result<void> checked = check_endpoint(*fields.url, rules_.guard); !checked) {
    return fail(checked.error().code,
                "invalid " + std::string(fields.called) + " url: " + checked.error().text);
  }
  OptionReader reader(rules_, prefix_ + std::string(fields.name) + "-", depth_ + 1);
  for (const Field& field : fields.options) reader.take(field.name, field.value);
  ASSIGN_OR_RETURN(Draft draft, std::move(reader).finish());
  hook = HookOptions{std::string(*fields.url),
                     std::make_shared<const PublishOptions>(std::move(draft.parsed.options))};
  return {};
}

Result<void> OptionReader::read_forwards() {
  HeaderList& forwarded = draft_.parsed.options.forward_headers;
  forwarded.reserve(forwards_.size());
  for (const Field& field : forwards_) {
    const std::string name = std::string(kForward) + std::string(field.name);
    if (!is_header_name(field.name)) {
      return fail(ErrorCode::kInvalidHeader,
                  invalid_header(name, "what follows the prefix is no header name"));
    }
    if (!is_header_value(field.value)) {
      return fail(ErrorCode::kInvalidHeader,
                  invalid_header(name, "the value has a control character"));
    }
    forwarded.add(canonical_header_name(field.name), std::string(field.value));
  }
  return {};
}

Result<void> OptionReader::check_quotas() const {
  const PublishOptions& options = draft_.parsed.options;
  if (options.max_retries > rules_.retries_max) {
    return fail(ErrorCode::kQuotaExceeded, "quota maxRetries exceeded");
  }
  const Duration delay =
      options.not_before ? *options.not_before - rules_.now : options.delay.value_or(Duration(0));
  if (delay > rules_.delay_max) {
    const auto limit = std::chrono::floor<std::chrono::seconds>(rules_.delay_max).count();
    return fail(ErrorCode::kQuotaExceeded,
                "quota maxDelay exceeded, current limit: " + std::to_string(limit));
  }
  return {};
}

void take_headers(const OptionSource& source, OptionReader& reader,
                  std::optional<std::string_view>& content_type) {
  for (const HeaderField& field : source.headers) {
    const std::string_view name = field.name;
    if (starts_with_ignore_case(name, kOptionPrefix)) {
      reader.take(name.substr(kOptionPrefix.size()), field.value);
    } else if (source.content_type_is_the_messages && equals_ignore_case(name, "Content-Type")) {
      content_type = field.value;
    }
  }
}

}  // namespace

OptionRules rules_for(const Options& options, const http::AddressGuard& guard, const Tenant& tenant,
                      TimePoint now) {
  return {guard, tenant.quotas.max_retries.value_or(options.retries_max),
          tenant.quotas.max_delay.value_or(options.delay_max), now};
}

Result<void> check_sequence(const PublishOptions& options) {
  if (!options.queue_name || !options.ordering_key) return {};
  return fail(ErrorCode::kInvalidHeader,
              "invalid Upstash-Ordering-Key header: a message of a queue has no ordering key");
}

Result<ParsedOptions> parse_options(const OptionSource& source, const OptionRules& rules) {
  OptionReader reader(rules, std::string(kOptionPrefix), 0);
  for (const QueryParameter& twin : source.twins) {
    if (source.headers.contains(twin.name)) continue;
    reader.take(std::string_view(twin.name).substr(kOptionPrefix.size()), twin.value);
  }
  std::optional<std::string_view> content_type;
  take_headers(source, reader, content_type);
  ASSIGN_OR_RETURN(Draft draft, std::move(reader).finish());
  if (content_type) {
    if (!is_header_value(*content_type)) {
      return fail(ErrorCode::kInvalidHeader,
                  "invalid Content-Type header: the value has a control character");
    }
    draft.parsed.options.content_type = *content_type;
  }
  return std::move(draft.parsed);
}

Result<PublishOptions> parse_publish_options(const OptionSource& source, const OptionRules& rules) {
  ASSIGN_OR_RETURN(ParsedOptions parsed, parse_options(source, rules));
  if (parsed.forwards_all_headers.value_or(false)) {
    RETURN_IF_ERROR(forward_all(source, parsed.options.forward_headers));
  }
  return std::move(parsed.options);
}

}  // namespace ferry::api
