#include "api/fc/qualifiers.h"

#include <algorithm>

#include "api/scalars.h"

namespace ferry::api::fc {
namespace {

template <class Owner>
bool has_qualifier(const Owner& owner, std::string_view qualifier) {
  if (const auto number = version_number(qualifier)) {
    return std::ranges::find(owner.versions, *number, &FunctionVersion::id) != owner.versions.end();
  }
  return std::ranges::find(owner.aliases, qualifier, &FunctionAlias::name) != owner.aliases.end();
}

}  // namespace

std::optional<std::int64_t> version_number(std::string_view qualifier) {
  if (qualifier.empty() || qualifier.front() == ' ') return std::nullopt;
  return parse_integer(qualifier);
}

Fault unknown_qualifier(std::string_view qualifier) {
  const bool is_version = version_number(qualifier).has_value();
  return {is_version ? FaultCode::kVersionNotFound : FaultCode::kAliasNotFound,
          std::string(is_version ? "version '" : "alias '") + std::string(qualifier) +
              "' does not exist"};
}

Awaitable<Checked<void>> check_qualifier(const Call& call, FunctionPtr function,
                                         std::string qualifier) {
  if (qualifier == kLatest) co_return Checked<void>();
  bool known = false;
  if (function->service.empty()) {
    known = has_qualifier(*function, qualifier);
  } else {
    CO_ASSIGN_OR_RETURN(const ServicePtr service, co_await read_service(call, function->service));
    known = has_qualifier(*service, qualifier);
  }
  if (known) co_return Checked<void>();
  co_return std::unexpected(unknown_qualifier(qualifier));
}

}  // namespace ferry::api::fc
