#include "api/qstash/destination.h"

#include "api/scalars.h"
#include "api/trusted_proxies.h"
#include "base/encoding.h"
#include "domain/limits.h"
#include "http/url.h"

namespace ferry::api {
namespace {

constexpr std::string_view kApiPrefix = "api/";

bool is_url(std::string_view text) {
  return starts_with_ignore_case(text, "http://") || starts_with_ignore_case(text, "https://");
}

// "https:/x" -> "https://x"; other texts stay.
std::string with_both_slashes(std::string text) {
  for (const std::string_view scheme : {"http:/", "https:/"}) {
    if (starts_with_ignore_case(text, scheme) && !text.substr(scheme.size()).starts_with('/')) {
      text.insert(scheme.size(), 1, '/');
    }
  }
  return text;
}

bool is_encoded_url(std::string_view text) {
  return starts_with_ignore_case(text, "http%3A") || starts_with_ignore_case(text, "https%3A");
}

Result<Place> api_place(std::string_view destination, const ApiDestinations& apis) {
  const auto found = apis.find(std::string(destination.substr(kApiPrefix.size())));
  if (found == apis.end()) {
    return fail(ErrorCode::kInvalidDestination,
                std::string(destination) +
                    " destination is not configured; publish to the provider URL instead");
  }
  return Place{.url = found->second.url, .group_name = {}, .api = &found->second};
}

bool is_localhost(std::string_view host) {
  return host == "localhost" || host.ends_with(".localhost");
}

Result<void> check_host(std::string_view host, const http::AddressGuard& guard) {
  Result<void> allowed;
  if (is_localhost(host)) {
    allowed = guard.check("::1");
    if (!allowed && guard.check("127.0.0.1")) return {};
  } else if (is_ip_address(host)) {
    allowed = guard.check(host);
  }
  if (allowed) return {};
  return fail(ErrorCode::kInvalidDestination, std::move(allowed.error().text));
}

}  // namespace

PublishQuery split_publish_query(std::string_view query) {
  PublishQuery split;
  for_each_pair(query, [&](const RawPair& pair) {
    std::string name = query_decode(pair.name);
    if (is_token_parameter(name)) return;
    if (is_option_parameter(name)) {
      split.options.push_back({std::move(name), query_decode(pair.value)});
      return;
    }
    if (!split.rest.empty()) split.rest += '&';
    split.rest += pair.whole;
  });
  return split;
}

std::string rebuild_destination(std::string_view raw, std::string_view rest_of_query) {
  std::string destination =
      with_both_slashes(is_encoded_url(raw) ? percent_decode(raw) : std::string(raw));
  if (!is_url(destination)) return percent_decode(raw);
  if (rest_of_query.empty()) return destination;
  // A destination that was encoded as a whole may bring a query of its own.
  destination += destination.contains('?') ? '&' : '?';
  return destination += rest_of_query;
}

Result<void> check_endpoint(std::string_view url, const http::AddressGuard& guard) {
  if (url.size() > limits::kTargetBytesMax) {
    return fail(ErrorCode::kInvalidDestination,
                "endpoint is longer than " + std::to_string(limits::kTargetBytesMax) + " bytes");
  }
  ASSIGN_OR_RETURN(const http::Url parsed, http::parse_url(url));
  return check_host(parsed.host, guard);
}

ApiNames api_names_of(const ApiDestinations& apis) {
  ApiNames names;
  for (const auto& [name, destination] : apis) names.emplace(destination.url, name);
  return names;
}

Result<Place> parse_destination(std::string_view destination, const http::AddressGuard& guard,
                                const ApiDestinations& apis) {
  if (destination.starts_with(kApiPrefix)) return api_place(destination, apis);
  if (is_name(destination)) return Place{.url = {}, .group_name = std::string(destination)};
  if (Result<void> checked = check_endpoint(destination, guard); !checked) {
    return fail(checked.error().code, "invalid destination url: " + checked.error().text);
  }
  return Place{.url = std::string(destination), .group_name = {}};
}

}  // namespace ferry::api
