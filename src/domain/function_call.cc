#include "domain/function_call.h"

namespace ferry {

Invocation invocation_of(const Function& function, const std::string& qualifier,
                         const std::string& request_id, std::string_view region,
                         std::string_view account) {
  return {.request_id = request_id,
          .service = function.service,
          .function = function.function,
          .qualifier = qualifier,
          .arn = function_arn(function.service, function.function, qualifier, region, account),
          .handler = function.handler,
          .memory_mb = function.memory_mb,
          .initializer = function.initializer,
          .initialization_timeout = function.initialization_timeout,
          .log_project = function.log_project,
          .log_store = function.log_store};
}

}  // namespace ferry
