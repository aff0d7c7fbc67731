#include "api/qstash/resources.h"

#include "api/scalars.h"
#include "domain/limits.h"

namespace ferry::api {

Awaitable<Result<std::vector<engine::ResourceView>>> read_resources(
    const Context& context, TenantId tenant, ResourceKind kind, std::optional<std::string> name) {
  engine::ReadResources command;
  command.tenant = tenant;
  command.kind = kind;
  command.name = std::move(name);
  CO_ASSIGN_OR_RETURN(
      engine::ResourceList list,
      answer_as<engine::ResourceList>(co_await context.engine.call(std::move(command))));
  co_return std::move(list.resources);
}

Result<std::string> checked_name(std::string_view what, std::string_view text) {
  if (is_name(text)) return std::string(text);
  return fail(ErrorCode::kInvalidRequest,
              "invalid " + std::string(what) + " name '" + std::string(text) +
                  "': must be letters, digits, '.', '_' and '-', at most " +
                  std::to_string(limits::kNameBytesMax) + " bytes");
}

engine::DropNamed drop_command(const Call& call, ResourceKind kind, std::string_view name,
                               bool must_exist) {
  engine::DropNamed command;
  command.tenant = call.caller.tenant->id;
  command.kind = kind;
  command.name = name;
  command.must_exist = must_exist;
  return command;
}

}  // namespace ferry::api
