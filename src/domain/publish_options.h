#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/header_list.h"
#include "base/time.h"
#include "domain/flow_control.h"

namespace ferry {

enum class Method : std::uint8_t { kGet = 1, kPost = 2, kPut = 3, kPatch = 4, kDelete = 5 };

std::string_view method_name(Method method);
std::optional<Method> parse_method(std::string_view text);  // any case

// Which fields the APIs show as a hash instead of the value (contract section 2.8).
struct Redaction {
  bool body = false;
  bool all_headers = false;
  std::vector<std::string> headers;  // lower case

  bool any() const { return body || all_headers || !headers.empty(); }
  friend bool operator==(const Redaction&, const Redaction&) = default;
};

struct PublishOptions;

// A callback or failure callback as it was asked for: where, and how that message is published.
struct HookOptions {
  std::string url;
  std::shared_ptr<const PublishOptions> options;  // never null
};

bool operator==(const HookOptions& a, const HookOptions& b);  // of what the pointers show

// What a publisher may set, parsed and checked, all of it optional (contract section 2.4). Group
// headers, dead-letter overrides and schedules hold the same struct; `merge` puts one over another,
// and the engine fills the defaults last.
struct PublishOptions {
  std::optional<Method> method;
  std::optional<Duration> delay;
  std::optional<TimePoint> not_before;  // wins over delay
  std::optional<std::int32_t> max_retries;
  std::optional<std::string> retry_delay_expression;  // verbatim, checked to parse
  std::optional<Duration> timeout;
  std::optional<std::string> content_type;  // the API call's own Content-Type
  HeaderList forward_headers;               // prefix removed, canonical names
  std::optional<HookOptions> callback;
  std::optional<HookOptions> failure_callback;
  std::optional<std::string> deduplication_id;
  std::optional<bool> content_based_deduplication;
  std::optional<std::vector<std::string>> labels;
  std::optional<Redaction> redaction;
  std::optional<FlowControl> flow_control;
  std::optional<std::string> queue_name;
  std::optional<std::string> ordering_key;
  std::optional<std::string> success_destination;  // texts of push targets, checked to parse
  std::optional<std::string> failure_destination;

  friend bool operator==(const PublishOptions&, const PublishOptions&) = default;
};

// Every option that `over` sets, the rest from `under`. Forwarded headers: a name that `over` has
// hides all of that name in `under`. Delay and not_before are one choice, and so are the two ways
// of deduplication, and queue and ordering key: setting either in `over` hides both in `under`.
PublishOptions merge(const PublishOptions& over, const PublishOptions& under);

// The versioned encoding used inside stored messages (grammar in publish_options_codec.cc, fields
// in publish_options_fields.h). Hooks nest at most limits::kHookNestingMax deep (the callback of a
// callback is 2 deep), which the publish parser sees to. Decoding is safe on any bytes and gives
// nothing for what encoding did not make.
void encode_publish_options(const PublishOptions& options, std::string& out);
std::optional<PublishOptions> decode_publish_options(std::string_view data);

}  // namespace ferry
