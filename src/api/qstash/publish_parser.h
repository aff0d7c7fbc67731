#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "api/auth.h"
#include "api/query.h"
#include "base/bytes.h"
#include "base/header_list.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/publish_options.h"
#include "domain/tenant.h"
#include "engine/protocol.h"
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

struct OptionSource {
  const HeaderList& headers;
  std::span<const QueryParameter>
      twins;  // "upstash-…" parameters; a header of that name hides them
  // The Content-Type among the headers describes the message (and not, say, the call's JSON).
  bool content_type_is_the_messages = true;
  // Authorization carried the caller's token, so it never travels.
  bool authorization_is_the_callers = true;
};

// kInvalidHeader, kInvalidDestination (callback URLs), kNotSupportedYet, kQuotaExceeded.
Result<PublishOptions> parse_publish_options(const OptionSource& source, const OptionRules& rules);

// The item of a publish or batch, with the key that its options ask to be deduplicated by.
engine::PublishItem make_publish_item(std::string url, PublishOptions options, Bytes body);

}  // namespace ferry::api
