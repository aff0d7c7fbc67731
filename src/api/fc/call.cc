#include "api/fc/call.h"

#include <algorithm>

#include "domain/function.h"

namespace ferry::api::fc {
namespace {

constexpr std::size_t kNameBytesMax = 128;

struct Prefix {
  std::string_view text;
  Face face;
};
constexpr Prefix kPrefixes[] = {
    {"/2016-08-15", Face::k2016}, {"/2021-04-06", Face::k2021}, {"/2023-03-30", Face::k2023}};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kNameBytesMax && is_letter(text.front()) &&
         std::ranges::all_of(
             text, [](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-'; });
}

// Takes what stands behind `separator` off `text`; empty when there is none.
std::string_view split_off(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = text.substr(at + 1);
  text = text.substr(0, at);
  return rest;
}

// A version's number, an alias's name or LATEST.
Checked<std::string> checked_qualifier(std::string_view text) {
  const bool is_version =
      !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  if (is_version && text.size() <= kNameBytesMax) return std::string(text);
  return checked_name("qualifier", text);
}

}  // namespace

std::optional<FacePath> face_path(std::string_view path) {
  for (const Prefix& prefix : kPrefixes) {
    if (!path.starts_with(prefix.text)) continue;
    const std::string_view rest = path.substr(prefix.text.size());
    if (rest.starts_with('/')) return FacePath{prefix.face, rest};
  }
  return std::nullopt;
}

std::optional<std::string_view> Call::query_value(std::string_view name) const {
  std::optional<std::string_view> value;
  for (const QueryParameter& each : query) {
    if (each.name == name) value = each.value;
  }
  return value;
}

std::string Address::name() const { return function_name(service, function); }

Checked<Address> address_of(const Call& call) {
  Address address{.service = {}, .function = {}, .qualifier = std::string(kLatest)};
  std::string_view service = call.parameter("service");
  std::string_view function = call.parameter("function");
  const std::string_view in_path = split_off(service, '.');
  if (!call.has_services() && function.contains('$')) {
    const std::string_view name = split_off(function, '$');
    service = function;
    function = name;
  }
  if (!service.empty() || call.has_services()) {
    ASSIGN_OR_RETURN(address.service, checked_name("service", service));
  }
  if (!function.empty()) {
    ASSIGN_OR_RETURN(address.function, checked_name("function", function));
  }
  const std::string_view in_query = call.query_value("qualifier").value_or("");
  if (!in_path.empty() && !in_query.empty() && in_path != in_query) {
    return invalid_argument("the qualifiers of path and query differ");
  }
  const std::string_view qualifier = in_path.empty() ? in_query : in_path;
  if (!qualifier.empty()) {
    ASSIGN_OR_RETURN(address.qualifier, checked_qualifier(qualifier));
  }
  return address;
}

Checked<std::string> checked_name(std::string_view what, std::string_view text) {
  if (is_name(text)) return std::string(text);
  return invalid_argument("invalid " + std::string(what) + " name '" + std::string(text) +
                          "': must be letters, digits, '_' and '-', begin with a letter or '_', "
                          "and have at most " +
                          std::to_string(kNameBytesMax) + " characters");
}

http::ServerResponse empty_answer(int status) {
  http::ServerResponse response;
  response.status = status;
  return response;
}

std::string wire_time(TimePoint time) {
  std::string text = format_rfc3339(time);
  const std::size_t fraction = text.find('.');
  return text.substr(0, fraction) + "Z";
}

Duration timeout_max_of(const Call& call) {
  return call.caller.tenant->quotas.timeout_max.value_or(Duration::max());
}

}  // namespace ferry::api::fc
