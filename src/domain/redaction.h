#pragma once

#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/header_list.h"
#include "base/result.h"
#include "domain/publish_options.h"

namespace ferry {

// "body, header[Authorization], headers" -> what to hide; kInvalidHeader for an unknown item.
Result<Redaction> parse_redaction(std::string_view text);

// "REDACTED:" and the lower-case hex SHA-256 of the original (contract section 2.8).
std::string redacted(std::string_view original);
std::string redacted(const Sha256Digest& digest);  // of the original

// The values as an API may show them: names stay, hidden values are replaced.
HeaderList shown_headers(const HeaderList& headers, const Redaction& redaction);

}  // namespace ferry
