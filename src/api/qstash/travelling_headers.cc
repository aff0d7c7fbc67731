#include "api/qstash/travelling_headers.h"

#include <algorithm>

#include "base/encoding.h"

namespace ferry::api {
namespace {

// What never travels: hop-by-hop fields, what describes this very request, and the options
// themselves. Content-Type travels as the message's own.
bool stays_behind(std::string_view name, bool authorization_stays) {
  static constexpr std::string_view kNames[] = {
      "Connection", "Keep-Alive",     "TE",     "Trailer",         "Transfer-Encoding", "Upgrade",
      "Host",       "Content-Length", "Expect", "Accept-Encoding", "Content-Type"};
  if (starts_with_ignore_case(name, "Proxy-")) return true;
  if (starts_with_ignore_case(name, kOptionPrefix)) return true;
  if (authorization_stays && equals_ignore_case(name, "Authorization")) return true;
  return std::ranges::any_of(
      kNames, [name](std::string_view listed) { return equals_ignore_case(listed, name); });
}

bool is_sendable(const HeaderField& field) {
  return is_header_name(field.name) && is_header_value(field.value);
}

template <class Visit>
void for_each_travelling(const OptionSource& source, const HeaderList& forwarded, Visit visit) {
  for (const HeaderField& field : source.headers) {
    if (stays_behind(field.name, source.authorization_is_the_callers)) continue;
    if (!forwarded.contains(field.name)) visit(field);
  }
}

}  // namespace

HeaderList travelling_headers(const OptionSource& source, const HeaderList& forwarded) {
  HeaderList travelling;
  for_each_travelling(source, forwarded, [&](const HeaderField& field) {
    if (is_sendable(field)) travelling.add(canonical_header_name(field.name), field.value);
  });
  return travelling;
}

Result<void> forward_all(const OptionSource& source, HeaderList& forwarded) {
  const HeaderField* bad = nullptr;
  for_each_travelling(source, forwarded, [&](const HeaderField& field) {
    if (!is_sendable(field)) bad = &field;
  });
  if (bad != nullptr) return fail(ErrorCode::kInvalidHeader, "invalid header " + bad->name);
  for (const HeaderField& field : travelling_headers(source, forwarded)) {
    forwarded.add(field.name, field.value);
  }
  return {};
}

}  // namespace ferry::api
