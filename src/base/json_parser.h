#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace ferry {

// Reads strict JSON in one pass, in pieces of any size: a text is read the same however it is cut.
// Everything that a text may not have is refused where it stands: a level, member or value too
// many. Time is proportional to the text whatever the names of its members are. One thread.
class JsonParser {
 public:
  // One element of an array that is the whole text; a view that ends with the call.
  using TakeElement = std::function<Result<void>(const JsonValue& element)>;

  explicit JsonParser(JsonLimits limits = {});
  // The text must be an array: its elements are given to `take` one by one as they end, with the
  // limits for each of them, and are kept no longer. An error of `take` ends the reading.
  explicit JsonParser(TakeElement take, JsonLimits limits = {});
  ~JsonParser();
  JsonParser(const JsonParser&) = delete;
  JsonParser& operator=(const JsonParser&) = delete;

  // kInvalidBody says what is wrong, or the error of `take`. After an error, or after finish(), the
  // parser is not used again.
  Result<void> feed(std::string_view piece);
  // The document; with `take` the empty array.
  Result<JsonDocument> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ferry
