#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "api/fc/call.h"

namespace ferry::api::fc {

// Which paths a row is for: those of the 3.0 API, which knows functions alone, or those of the two
// 2.0 APIs, which group them by services.
enum class Generation : std::uint8_t { k2, k3 };

// What the body of a request is, and so which limit holds for it.
enum class BodyKind : std::uint8_t { kJson, kEvent };

struct Route {
  Generation generation = Generation::k3;
  std::string_view method;
  std::string_view pattern;  // behind the date, as http::Route
  Handler handler = nullptr;
  BodyKind body = BodyKind::kJson;
};

// Every call of the Function Compute API; a row's place is its http::Route id. GET asks for any
// token, everything else and every invocation for one that is not read-only.
std::span<const Route> routes();

}  // namespace ferry::api::fc
