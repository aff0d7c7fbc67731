#pragma once

#include <string_view>

#include "api/fc/stored.h"

namespace ferry::api::fc {

// kVersionNotFound or kAliasNotFound unless the function can be called by that qualifier. Versions
// and aliases of a 2.0 function are those of its service.
Awaitable<Checked<void>> check_qualifier(const Call& call, FunctionPtr function,
                                         std::string qualifier);

// The fault of a qualifier that names nothing.
Fault unknown_qualifier(std::string_view qualifier);

// A version's number, or nothing.
std::optional<std::int64_t> version_number(std::string_view qualifier);

}  // namespace ferry::api::fc
