#include "domain/function.h"

#include <algorithm>

namespace ferry {

std::string function_name(std::string_view service, std::string_view function) {
  if (service.empty()) return std::string(function);
  return std::string(service) + "$" + std::string(function);
}

const AsyncConfig* config_of(const Function& function, std::string_view qualifier) {
  const auto found = std::ranges::find(function.configs, qualifier, &AsyncConfig::qualifier);
  return found == function.configs.end() ? nullptr : &*found;
}

bool has_http_trigger(const Function& function) {
  return std::ranges::find(function.triggers, "http", &FunctionTrigger::type) !=
         function.triggers.end();
}

std::string function_arn(std::string_view service, std::string_view function,
                         std::string_view qualifier, std::string_view region,
                         std::string_view account) {
  if (!service.empty()) {
    return "acs:fc:::services/" + std::string(service) + "." + std::string(qualifier) +
           "/functions/" + std::string(function);
  }
  return "acs:fc:" + std::string(region) + ":" + std::string(account) + ":functions/" +
         std::string(function);
}

}  // namespace ferry
