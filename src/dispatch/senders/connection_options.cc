#include "dispatch/senders/connection_options.h"

#include <algorithm>

#include "http/url.h"

namespace ferry::dispatch {
namespace {

std::unexpected<Error> refuse(const Connection& connection, const std::string& why) {
  return fail(ErrorCode::kInvalidRequest, "the connection " + connection.name + ": " + why);
}

}  // namespace

Result<void> check_option_names(const Connection& connection,
                                std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : connection.options) {
    if (std::ranges::find(known, name) == known.end()) {
      return refuse(connection, "there is no option " + name + " for " +
                                    std::string(push_kind_name(connection.kind)));
    }
  }
  return {};
}

Result<bool> flag_option(const Connection& connection, std::string_view name, bool otherwise) {
  const std::string text = text_option(connection, name, otherwise ? "true" : "false");
  if (text != "true" && text != "false") {
    return refuse(connection, std::string(name) + " is true or false, not " + text);
  }
  return text == "true";
}

std::string text_option(const Connection& connection, std::string_view name,
                        std::string otherwise) {
  const auto option = connection.options.find(std::string(name));
  return option == connection.options.end() ? std::move(otherwise) : option->second;
}

Result<std::string> base_url(const Connection& connection) {
  std::string address = connection.address;
  while (address.ends_with('/')) address.pop_back();
  const bool parsed = http::parse_url(address).has_value();
  if (!parsed || address.find_first_of("?#") != std::string::npos) {
    return refuse(connection, "the address is no http or https URL");
  }
  return address;
}

Result<void> require_keys(const Connection& connection) {
  if (connection.user.empty() || connection.secret.empty()) {
    return refuse(connection, "both an access key id and a secret are needed to sign");
  }
  return {};
}

}  // namespace ferry::dispatch
