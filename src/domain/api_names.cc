#include "domain/api_names.h"

namespace ferry {

std::string_view api_name_of(const ApiNames& names, const Message& message, const Destination& to) {
  // Callbacks and groups name their URLs themselves: neither can say "api/…".
  if (message.kind != MessageKind::kPublished || !to.group_name.empty()) return {};
  const auto found = names.find(to.target.url);
  return found == names.end() ? std::string_view() : found->second;
}

}  // namespace ferry
