#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ferry::http {

// An absolute http(s) URL taken apart for sending. The pieces keep the bytes of the original.
struct Url {
  bool secure = false;
  std::string host;        // lower case; IPv6 without brackets
  std::uint16_t port = 0;  // the scheme's own when absent
  std::string authority;   // for the Host field: host[:port] as given, without user information
  std::string target;  // path and query, "/" when empty; no fragment; characters that no request
                       // line may carry (blanks, controls, non-ASCII) percent-encoded
};

// kInvalidDestination for anything else: another scheme, an empty host, a bad port, user
// information.
Result<Url> parse_url(std::string_view text);

}  // namespace ferry::http
