#include "api/filters.h"

#include <algorithm>
#include <array>

#include "api/scalars.h"
#include "base/encoding.h"
#include "domain/event.h"
#include "domain/limits.h"

namespace ferry::api {
namespace {

using store::ListFilter;
using Lists = unsigned;  // bits of ListKind

constexpr Lists kEvents = static_cast<Lists>(ListKind::kEvents);
constexpr Lists kDeadLetters = static_cast<Lists>(ListKind::kDeadLetters);
constexpr Lists kCancel = static_cast<Lists>(ListKind::kCancel);
constexpr Lists kMessages = static_cast<Lists>(ListKind::kMessages);
constexpr Lists kPaged = kEvents | kDeadLetters | kMessages;
constexpr Lists kPending = kCancel | kMessages;
constexpr Lists kAll = kPaged | kCancel;

constexpr std::uint32_t kGroupedPageDefault = 10;  // contract section 14.1
constexpr std::uint32_t kGroupedPageMax = 100;
constexpr std::int64_t kHttpStatusMax = 999;
constexpr std::int64_t kUnixMsMax = (std::int64_t{1} << 42) - 1;  // the latest time an id can carry

struct Target {
  ListKind kind;
  const IdCodec& ids;
  ListRequest& request;
  std::optional<std::int64_t>& count;

  ListFilter& filter() const { return request.page.filter; }
};

struct FilterRow {
  std::string_view name;
  Lists lists;
  Result<void> (*read)(std::string_view value, const Target& target);
};

std::unexpected<Error> invalid(std::string text) {
  return fail(ErrorCode::kInvalidFilter, std::move(text));
}

// ---- Splitting
// ------------------------------------------------------------------------------------

// Values may have commas of their own: only one in front of a text that `begins_value` divides.
template <class BeginsValue>
std::vector<std::string_view> split_before(std::string_view text, BeginsValue begins_value) {
  std::vector<std::string_view> values;
  std::size_t start = 0;
  for (std::size_t comma = text.find(','); comma != std::string_view::npos;
       comma = text.find(',', comma + 1)) {
    if (!begins_value(trim(text.substr(comma + 1)))) continue;
    values.push_back(trim(text.substr(start, comma - start)));
    start = comma + 1;
  }
  values.push_back(trim(text.substr(start)));
  std::erase(values, std::string_view());
  return values;
}

std::vector<std::string_view> split_urls(std::string_view text) {
  return split_before(text, [](std::string_view rest) {
    return starts_with_ignore_case(rest, "http://") || starts_with_ignore_case(rest, "https://");
  });
}

std::vector<std::string_view> split_paths(std::string_view text) {
  return split_before(text, [](std::string_view rest) { return rest.starts_with('/'); });
}

// ---- Values
// ---------------------------------------------------------------------------------------

// A filter without any value would mean "all", which nobody asks for by naming a filter.
template <class T, class Convert>
Result<void> append(std::vector<T>& values, const std::vector<std::string_view>& texts,
                    Convert convert) {
  if (texts.empty()) return invalid("has no value");
  if (values.size() + texts.size() > limits::kFilterValuesMax) {
    return invalid("more than " + std::to_string(limits::kFilterValuesMax) + " values");
  }
  for (const std::string_view text : texts) values.push_back(convert(text));
  return {};
}

std::string as_it_is(std::string_view text) { return std::string(text); }

template <auto Member, auto Split>
Result<void> read_texts(std::string_view text, const Target& target) {
  return append(target.filter().*Member, Split(text), as_it_is);
}

Result<void> read_hosts(std::string_view text, const Target& target) {
  return append(target.filter().hosts, split_list(text), to_lower);
}

Result<void> read_statuses(std::string_view text, const Target& target) {
  const std::vector<std::string_view> values = split_list(text);
  for (const std::string_view value : values) {
    if (parse_integer(value).value_or(kHttpStatusMax + 1) <= kHttpStatusMax) continue;
    return invalid("'" + std::string(value) + "' is no HTTP status");
  }
  return append(target.filter().response_statuses, values, [](std::string_view value) {
    return static_cast<std::int32_t>(*parse_integer(value));
  });
}

Result<void> read_states(std::string_view text, const Target& target) {
  for (const std::string_view value : split_list(text)) {
    const auto states = parse_state_filter(value);
    if (!states) return invalid("'" + std::string(value) + "' is no state");
    target.filter().states |= *states;
  }
  return target.filter().states == 0 ? Result<void>(invalid("has no value")) : Result<void>();
}

Result<void> read_message_ids(std::string_view text, const Target& target) {
  if (target.kind == ListKind::kCancel) {
    if (trim(text).empty()) return {};  // "messageIds": [] cancels everything (contract 10.3)
    target.request.explicit_ids = true;
  }
  return append(target.filter().deliveries, split_list(text), [&](std::string_view value) {
    return target.ids.parse_delivery(value).value_or(DeliveryId{});
  });
}

Result<void> read_message_id(std::string_view text, const Target& target) {
  target.request.one_message = true;
  return read_message_ids(text, target);
}

Result<void> read_dead_letter_ids(std::string_view text, const Target& target) {
  target.request.explicit_ids = true;
  return append(target.filter().dead_letters, split_list(text), [](std::string_view value) {
    return parse_dead_letter_id(value).value_or(DeadLetterId{});
  });
}

template <auto Member>
Result<void> read_time(std::string_view text, const Target& target) {
  const auto ms = parse_integer(text);
  if (!ms) return invalid("'" + std::string(text) + "' is no time in unix milliseconds");
  target.filter().*Member = from_unix_ms(std::min(*ms, kUnixMsMax));
  return {};
}

Result<void> read_count(std::string_view text, const Target& target) {
  const auto count = parse_integer(text);
  if (!count) return invalid("'" + std::string(text) + "' is no whole number");
  target.count = *count;
  return {};
}

Result<void> read_cursor(std::string_view text, const Target& target) {
  target.request.page.cursor = text;
  return {};
}

Result<void> read_order(std::string_view text, const Target& target) {
  const bool earliest = equals_ignore_case(text, "earliestFirst");
  if (!earliest && !equals_ignore_case(text, "latestFirst")) {
    return invalid("'" + std::string(text) + "' is neither earliestFirst nor latestFirst");
  }
  target.request.page.order = earliest ? store::Order::kEarliestFirst : store::Order::kLatestFirst;
  return {};
}

Result<void> read_trim(std::string_view text, const Target& target) {
  target.request.trim_body = parse_signed_integer(text);
  if (!target.request.trim_body) return invalid("'" + std::string(text) + "' is no whole number");
  return {};
}

Result<void> read_grouping(std::string_view text, const Target& target) {
  if (text != "messageId") return invalid("only messageId can be grouped by");
  target.request.grouped = true;
  return {};
}

// Keys are any text, so a comma may be a part of one: the whole value counts, and each of its
// parts.
Result<void> read_flow_keys(std::string_view text, const Target& target) {
  std::vector<std::string_view> keys = split_list(text);
  if (keys.size() > 1) keys.push_back(trim(text));
  return append(target.filter().flow_keys, keys, as_it_is);
}

Result<void> ignore(std::string_view, const Target&) { return {}; }

constexpr auto kRows = std::to_array<FilterRow>({
    {"messageId", kEvents | kDeadLetters, read_message_id},
    {"messageIds", kEvents | kPending, read_message_ids},
    {"dlqIds", kDeadLetters, read_dead_letter_ids},
    {"url", kAll, read_texts<&ListFilter::urls, split_urls>},
    {"host", kEvents | kPending, read_hosts},
    {"path", kEvents | kPending, read_texts<&ListFilter::paths, split_paths>},
    {"topicName", kAll, read_texts<&ListFilter::groups, split_list>},
    {"queueName", kAll, read_texts<&ListFilter::queues, split_list>},
    {"scheduleId", kAll, read_texts<&ListFilter::schedules, split_list>},
    {"label", kAll, read_texts<&ListFilter::labels, split_list>},
    {"callerIp", kAll, read_texts<&ListFilter::caller_ips, split_list>},
    {"callerIP", kAll, read_texts<&ListFilter::caller_ips, split_list>},
    {"responseStatus", kDeadLetters, read_statuses},
    {"state", kEvents, read_states},
    {"flowControlKey", kAll, read_flow_keys},
    {"fromDate", kAll, read_time<&ListFilter::from>},
    {"toDate", kAll, read_time<&ListFilter::to>},
    {"count", kAll, read_count},
    {"cursor", kPaged, read_cursor},
    {"order", kPaged, read_order},
    {"trimBody", kPaged, read_trim},
    {"groupBy", kEvents, read_grouping},
    {"api", kEvents | kDeadLetters, ignore},  // of a retired feature; clients still send it
});

// ---- The whole
// ------------------------------------------------------------------------------------

Result<void> read_parameter(const QueryParameter& parameter, const Target& target) {
  if (is_token_parameter(parameter.name) || is_option_parameter(parameter.name)) return {};
  const auto row = std::ranges::find(kRows, parameter.name, &FilterRow::name);
  if (row == kRows.end() || (row->lists & static_cast<Lists>(target.kind)) == 0) {
    if (target.kind == ListKind::kEvents) return {};
    return invalid("unknown parameter: " + parameter.name);
  }
  Result<void> read = row->read(parameter.value, target);
  if (read) return {};
  return fail(read.error().code, "invalid " + parameter.name + ": " + read.error().text);
}

struct CountBounds {
  std::uint32_t when_absent;
  std::uint32_t max;
};

CountBounds count_bounds(ListKind kind, bool grouped) {
  switch (kind) {
    case ListKind::kEvents:
      if (grouped) return {kGroupedPageDefault, kGroupedPageMax};
      return {limits::kEventPageDefault, limits::kEventPageMax};
    case ListKind::kDeadLetters:
    case ListKind::kMessages:
      return {limits::kDeadLetterPageMax, limits::kDeadLetterPageMax};
    case ListKind::kCancel:
      break;
  }
  return {limits::kCancelCountMax, limits::kCancelCountMax};
}

Result<std::uint32_t> checked_count(std::optional<std::int64_t> count, CountBounds bounds) {
  if (!count) return bounds.when_absent;
  if (*count >= 1 && *count <= bounds.max) return static_cast<std::uint32_t>(*count);
  return invalid("invalid count: must be 1 to " + std::to_string(bounds.max));
}

// Explicit ids override the other filters, not the tenant.
void keep_ids_only(ListFilter& filter) {
  ListFilter kept;
  kept.tenant = filter.tenant;
  kept.dead_letters = std::move(filter.dead_letters);
  if (kept.dead_letters.empty()) kept.deliveries = std::move(filter.deliveries);
  filter = std::move(kept);
}

std::optional<std::string> scalar_text(const JsonValue& value) {
  if (const auto text = value.text()) return std::string(*text);
  if (const auto number = value.integer()) return std::to_string(*number);
  return std::nullopt;
}

Result<void> add_member(const JsonMember& member, std::vector<QueryParameter>& parameters) {
  if (member.value.is_null()) return {};
  const bool many = member.value.kind() == JsonKind::kArray;
  const std::size_t count = many ? member.value.size() : 1;
  if (count == 0) parameters.push_back({std::string(member.name), {}});
  for (std::size_t i = 0; i < count; ++i) {
    auto text = scalar_text(many ? member.value.element(i) : member.value);
    if (!text) {
      return fail(ErrorCode::kInvalidBody, "invalid body: " + std::string(member.name) +
                                               " is not made of strings or integers");
    }
    if (parameters.size() >= kParametersMax) {
      return fail(ErrorCode::kInvalidBody,
                  "invalid body: more than " + std::to_string(kParametersMax) + " values");
    }
    parameters.push_back({std::string(member.name), std::move(*text)});
  }
  return {};
}

}  // namespace

Result<ListRequest> parse_list_request(ListKind kind, const std::vector<QueryParameter>& parameters,
                                       TenantId tenant, const IdCodec& ids) {
  ListRequest request;
  request.page.filter.tenant = tenant;
  std::optional<std::int64_t> count;
  const Target target{kind, ids, request, count};
  for (const QueryParameter& parameter : parameters) {
    RETURN_IF_ERROR(read_parameter(parameter, target));
  }
  ASSIGN_OR_RETURN(request.page.count, checked_count(count, count_bounds(kind, request.grouped)));
  request.counted = count.has_value();
  if (request.explicit_ids) keep_ids_only(request.page.filter);
  return request;
}

Result<std::vector<QueryParameter>> read_parameters(std::string_view query,
                                                    const JsonDocument* body) {
  std::vector<QueryParameter> parameters = parse_query(query);
  if (body == nullptr) return parameters;
  const JsonValue root = body->root();
  if (root.kind() != JsonKind::kObject) {
    return fail(ErrorCode::kInvalidBody, "invalid body: must be a JSON object");
  }
  for (std::size_t i = 0; i < root.size(); ++i) {
    RETURN_IF_ERROR(add_member(root.member(i), parameters));
  }
  return parameters;
}

}  // namespace ferry::api
