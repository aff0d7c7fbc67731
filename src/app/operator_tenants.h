#pragma once

#include <string>
#include <string_view>

#include "app/operator_commands.h"

// The commands about tenants; private to operator_commands. Each returns the text of its answer.

namespace ferry::app {

// kInvalidRequest when it is absent.
Result<std::string> required(const OperatorArguments& arguments, std::string_view name);

// kNotFound names the tenant that is none.
Result<TenantPtr> find_tenant(const Operator& server, std::string_view name);

Result<std::string> create_tenant(const Operator& server, const OperatorArguments& arguments);
Result<std::string> list_tenants(const Operator& server, const OperatorArguments& arguments);
Result<std::string> suspend_tenant(const Operator& server, const OperatorArguments& arguments);
Result<std::string> resume_tenant(const Operator& server, const OperatorArguments& arguments);
Result<std::string> delete_tenant(const Operator& server, const OperatorArguments& arguments);
Result<std::string> add_token(const Operator& server, const OperatorArguments& arguments);
// A new token takes the place of all that have its scope.
Result<std::string> rotate_token(const Operator& server, const OperatorArguments& arguments);
Result<std::string> rotate_keys(const Operator& server, const OperatorArguments& arguments);
// A new access key, for signing calls of the Function Compute API. Its secret is told this once.
Result<std::string> create_key(const Operator& server, const OperatorArguments& arguments);
Result<std::string> list_keys(const Operator& server, const OperatorArguments& arguments);
Result<std::string> delete_key(const Operator& server, const OperatorArguments& arguments);
Result<std::string> set_quota(const Operator& server, const OperatorArguments& arguments);
Result<std::string> set_standard_webhooks(const Operator& server,
                                          const OperatorArguments& arguments);

}  // namespace ferry::app
