#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace ferry::dispatch {

// A JSON document that a service answered, of which a few members matter. A path of names leads
// through objects and the first elements of arrays: "EntryList/ErrorCode".
class JsonAnswer {
 public:
  explicit JsonAnswer(std::string_view text);  // which may be no JSON at all: nothing is found then

  // The string at `path`; empty when there is none.
  std::string text(std::string_view path) const;
  // The integer at `path`, also one in quotes.
  std::optional<std::int64_t> integer(std::string_view path) const;

 private:
  std::optional<JsonDocument> document_;
};

}  // namespace ferry::dispatch
