#include "domain/redaction.h"

#include <algorithm>

#include "base/digest.h"
#include "base/encoding.h"

namespace ferry {
namespace {

std::unexpected<Error> unknown_field(std::string_view item) {
  return fail(ErrorCode::kInvalidHeader,
              "unknown field '" + std::string(item) + "', expected body, header or header[Name]");
}

// "header[Name]" -> "Name"; nothing for other items.
std::optional<std::string_view> bracketed_name(std::string_view item) {
  const std::size_t open = item.find('[');
  if (open == std::string_view::npos || !item.ends_with(']')) return std::nullopt;
  const std::string_view word = trim(item.substr(0, open));
  if (!equals_ignore_case(word, "header") && !equals_ignore_case(word, "headers")) {
    return std::nullopt;
  }
  return trim(item.substr(open + 1, item.size() - open - 2));
}

Result<void> add_item(Redaction& redaction, std::string_view item) {
  if (equals_ignore_case(item, "body")) {
    redaction.body = true;
  } else if (equals_ignore_case(item, "header") || equals_ignore_case(item, "headers")) {
    redaction.all_headers = true;
  } else if (const auto name = bracketed_name(item); name && is_header_name(*name)) {
    std::string lower = to_lower(*name);
    if (std::ranges::find(redaction.headers, lower) == redaction.headers.end()) {
      redaction.headers.push_back(std::move(lower));
    }
  } else {
    return unknown_field(item);
  }
  return {};
}

bool hides(const Redaction& redaction, std::string_view name) {
  return redaction.all_headers ||
         std::ranges::any_of(redaction.headers, [name](const std::string& hidden) {
           return equals_ignore_case(hidden, name);
         });
}

}  // namespace

Result<Redaction> parse_redaction(std::string_view text) {
  Redaction redaction;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view item = trim(text.substr(0, end));
    if (!item.empty()) RETURN_IF_ERROR(add_item(redaction, item));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return redaction;
}

std::string redacted(std::string_view original) { return redacted(sha256(original)); }

std::string redacted(const Sha256Digest& digest) {
  return "REDACTED:" + hex_encode(as_text(digest));
}

HeaderList shown_headers(const HeaderList& headers, const Redaction& redaction) {
  HeaderList shown;
  shown.reserve(headers.size());
  for (const HeaderField& field : headers) {
    shown.add(field.name, hides(redaction, field.name) ? redacted(field.value) : field.value);
  }
  return shown;
}

}  // namespace ferry
