#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/result.h"
#include "dispatch/senders/sender.h"

// Reading Connection::options and the addresses of connections, once, when a sender is made. All
// errors are kInvalidRequest and name the connection and the option.

namespace ferry::dispatch {

// An option that is not in `known` is a mistake of whoever configured it.
Result<void> check_option_names(const Connection& connection,
                                std::initializer_list<std::string_view> known);

// "true" or "false"; `otherwise` when it is absent.
Result<bool> flag_option(const Connection& connection, std::string_view name, bool otherwise);

std::string text_option(const Connection& connection, std::string_view name,
                        std::string otherwise = "");

// The http(s) address of the connection without a slash at its end; no query, no credentials.
Result<std::string> base_url(const Connection& connection);

// Senders that sign need both user and secret.
Result<void> require_keys(const Connection& connection);

}  // namespace ferry::dispatch
