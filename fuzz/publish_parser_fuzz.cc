#include <string>
#include <string_view>

#include "api/api.h"
#include "api/qstash/destination.h"
#include "api/qstash/publish_item.h"
#include "api/qstash/publish_parser.h"
#include "api/query.h"
#include "base/check.h"
#include "domain/limits.h"
#include "fuzz/input.h"
#include "http/head_parser.h"
#include "http/url.h"

// A publish from its bytes: head, query, destination, options. What is accepted stays within the
// limits and can be stored and read back.
//
//   input = the bytes of a request

namespace {

using namespace ferry;       // NOLINT: a program of one file
using namespace ferry::api;  // NOLINT

constexpr std::string_view kRoute = "/v2/publish/";

const http::AddressGuard& guard() {
  static const auto made = http::AddressGuard::make({});
  CHECK(made);
  return *made;
}

void check_options(const PublishOptions& options, const OptionRules& rules) {
  CHECK(options.max_retries.value_or(0) >= 0);
  CHECK(options.delay.value_or(Duration(0)) >= Duration(0));
  CHECK(!options.timeout || *options.timeout > Duration(0));
  CHECK(!options.labels || options.labels->size() <= limits::kLabelsMax);
  for (const HeaderField& field : options.forward_headers) {
    CHECK(is_header_name(field.name) && is_header_value(field.value));
  }
  for (const auto* hook : {&options.callback, &options.failure_callback}) {
    if (!*hook) continue;
    CHECK(check_endpoint((*hook)->url, rules.guard));
    check_options(*(*hook)->options, rules);
  }
}

void check_stored(const PublishOptions& options) {
  std::string encoded;
  encode_publish_options(options, encoded);
  const auto stored = decode_publish_options(encoded);
  CHECK(stored && *stored == options);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  http::HeadParser parser({.target_bytes_max = limits::kTargetBytesMax,
                           .header_bytes_max = limits::kRequestHeaderBytesMax,
                           .header_fields_max = limits::kRequestHeadersMax});
  const std::string_view bytes = fuzz::text_of(data, size);
  const auto progress = parser.put(bytes);
  if (progress.status != http::HeadParser::Status::kDone) return 0;
  const http::RequestHead head = parser.take_head();
  if (!head.target.starts_with(kRoute)) return 0;

  const PublishQuery query = split_publish_query(query_of(head.target));
  const std::string url =
      rebuild_destination(path_of(head.target).substr(kRoute.size()), query.rest);
  const Result<Place> place = parse_destination(url, guard(), {});
  if (place && !place->url.empty()) CHECK(http::parse_url(place->url));

  const Tenant tenant;
  const OptionRules rules = rules_for(Options{}, guard(), tenant, from_unix_ms(1'760'000'000'000));
  auto options = parse_publish_options({.headers = head.headers, .twins = query.options}, rules);
  if (!options) {
    CHECK(!options.error().text.empty());
    return 0;
  }
  check_options(*options, rules);
  check_stored(*options);
  (void)dedup_key_of_content(url, bytes.substr(progress.taken), options->content_type.value_or(""),
                             options->forward_headers);
  return 0;
}
