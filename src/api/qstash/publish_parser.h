#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/auth.h"
#include "api/query.h"
#include "base/header_list.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/publish_options.h"
#include "domain/tenant.h"
#include "http/address_guard.h"

// Headers and their query twins -> PublishOptions (contract sections 2.4 to 2.8). Every syntax
// error of a publish ends here; its text names the header.

namespace ferry::api {

struct Options;

// What values are judged against.
struct OptionRules {
  const http::AddressGuard& guard;
  std::int32_t retries_max;
  Duration delay_max;
  TimePoint now;
};

// The tenant's own limits, the server's where it has none.
OptionRules rules_for(const Options& options, const http::AddressGuard& guard, const Tenant& tenant,
                      TimePoint now);

inline constexpr std::string_view kOptionPrefix = "Upstash-";

struct OptionSource {
  const HeaderList& headers;
  std::span<const QueryParameter>
      twins;  // "upstash-…" parameters; a header of that name hides them
  // The Content-Type among the headers describes the message (and not, say, the call's JSON).
  bool content_type_is_the_messages = true;
  // Authorization carried the caller's token, so it never travels.
  bool authorization_is_the_callers = true;
};

// What the options ask for.
struct ParsedOptions {
  PublishOptions options;
  std::optional<bool> forwards_all_headers;  // Upstash-Header-Forward, not carried out yet
  std::optional<std::string> cron;           // a schedule is to be made
  std::optional<std::string> schedule_id;
};

// kInvalidHeader, kInvalidDestination (callback URLs), kQuotaExceeded.
Result<ParsedOptions> parse_options(const OptionSource& source, const OptionRules& rules);

// A message goes in order with a queue or with its ordering key, not with both. kInvalidHeader.
Result<void> check_sequence(const PublishOptions& options);

// The same for calls that make no schedule, with all headers forwarded if that is asked for.
Result<PublishOptions> parse_publish_options(const OptionSource& source, const OptionRules& rules);

}  // namespace ferry::api
