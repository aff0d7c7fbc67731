#pragma once

#include "api/qstash/publish_parser.h"
#include "base/header_list.h"
#include "base/result.h"

// The headers of a call that go along with its message when all of them are asked to
// (contract section 2.6).

namespace ferry::api {

// Adds them behind the explicitly forwarded ones, which hide those of their name. kInvalidHeader
// for one that no request could carry, as JSON may bring it.
Result<void> forward_all(const OptionSource& source, HeaderList& forwarded);

// What forward_all() would add to `forwarded`, without those that no request could carry: whether
// any of them travels is for the defaults of a URL group to say.
HeaderList travelling_headers(const OptionSource& source, const HeaderList& forwarded);

}  // namespace ferry::api
