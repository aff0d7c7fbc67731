#include "api/fc/owners.h"

#include <algorithm>
#include <utility>

#include "api/fc/qualifiers.h"

namespace ferry::api::fc {
namespace {

// Of 3.0 functions: the versions of the others are in another row, their service's.
void drop_stray_configs(Function& function) {
  std::erase_if(function.configs, [&function](const AsyncConfig& config) {
    if (config.qualifier == kLatest) return false;
    if (const auto number = version_number(config.qualifier)) {
      return std::ranges::find(function.versions, *number, &FunctionVersion::id) ==
             function.versions.end();
    }
    return std::ranges::find(function.aliases, config.qualifier, &FunctionAlias::name) ==
           function.aliases.end();
  });
}

}  // namespace

Awaitable<Checked<QualifiedView>> read_owner(const Call& call) {
  CO_ASSIGN_OR_RETURN(const Address address, address_of(call));
  if (call.has_services()) {
    CO_ASSIGN_OR_RETURN(const ServicePtr service, co_await read_service(call, address.service));
    co_return QualifiedView{service->versions, service->aliases};
  }
  CO_ASSIGN_OR_RETURN(const FunctionPtr function, co_await read_function(call, address));
  co_return QualifiedView{function->versions, function->aliases};
}

Awaitable<Checked<void>> change_owner(const Call& call, OwnerChange change) {
  CO_ASSIGN_OR_RETURN(const Address address, address_of(call));
  if (call.has_services()) {
    CO_ASSIGN_OR_RETURN([[maybe_unused]] const ServicePtr saved,
                        co_await change_service(call, address.service, [change](Service& service) {
                          return change({service.last_version, service.versions, service.aliases});
                        }));
    co_return Checked<void>();
  }
  CO_ASSIGN_OR_RETURN(
      [[maybe_unused]] const FunctionPtr saved,
      co_await change_function(call, address, [change](Function& function) -> Checked<void> {
        RETURN_IF_ERROR(change({function.last_version, function.versions, function.aliases}));
        drop_stray_configs(function);
        return {};
      }));
  co_return Checked<void>();
}

}  // namespace ferry::api::fc
