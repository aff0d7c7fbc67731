#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "api/call.h"

namespace ferry::api {

// Which limit holds for the body of a request.
enum class BodyLimit : std::uint8_t {
  kSmall,    // kSmallBodyBytesMax: JSON of the management calls
  kMessage,  // the tenant's or the server's message size
  kBatch,
};

inline constexpr std::size_t kSmallBodyBytesMax = 1u << 20;

struct RouteRow {
  std::string_view method;
  std::string_view pattern;  // as http::Route
  Access access = Access::kFull;
  BodyLimit body = BodyLimit::kSmall;
  Handler handler = nullptr;
};

// The whole API, in the order of matching; a row's place is its http::Route id.
std::span<const RouteRow> routes();

}  // namespace ferry::api
