#pragma once

#include <optional>

#include "base/header_list.h"
#include "base/json.h"
#include "base/result.h"

// Headers as JSON bodies carry them: {"Name": "value", "Other": ["v1", "v2"]}.

namespace ferry::api {

// None for an absent value or null; at most what the head of a request may carry. kInvalidBody.
Result<HeaderList> read_json_headers(const std::optional<JsonValue>& value);

}  // namespace ferry::api
