#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "domain/delivery.h"
#include "domain/message.h"

namespace ferry {

// Configured URL -> <name> of the "api/<name>" destination that stands for it.
using ApiNames = std::map<std::string, std::string, std::less<>>;

// The <name> whose destination a message went to, or empty: what `api` shows (contract sections 7.3
// and 10.1). A delivery keeps the URL and not the words it was published with, so a message that
// was published to the configured URL itself shows the name too, and one published before the
// configuration changed does not.
std::string_view api_name_of(const ApiNames& names, const Message& message, const Destination& to);

}  // namespace ferry
