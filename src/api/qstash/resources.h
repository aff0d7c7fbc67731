#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/answers.h"
#include "api/call.h"
#include "api/engine_link.h"
#include "engine/protocol.h"

// What the calls about queues, URL groups, schedules and flow-control keys share.

namespace ferry::api {

// Sends a command that the engine answers with nothing but success: `{}`.
template <class Command>
Awaitable<Answered> carry_out(const Context& context, Command command) {
  CO_ASSIGN_OR_RETURN([[maybe_unused]] const engine::Done done,
                      answer_as<engine::Done>(co_await context.engine.call(std::move(command))));
  co_return json_answer("{}");
}

// All resources of a kind, or the one of that name (kNotFound).
Awaitable<Result<std::vector<engine::ResourceView>>> read_resources(
    const Context& context, TenantId tenant, ResourceKind kind,
    std::optional<std::string> name = {});

// The text itself; kInvalidRequest if it is no name. `what` is "queue", "URL group", …
Result<std::string> checked_name(std::string_view what, std::string_view text);

// Removes the resource; one that is not there is kNotFound only if it must be.
engine::DropNamed drop_command(const Call& call, ResourceKind kind, std::string_view name,
                               bool must_exist);

}  // namespace ferry::api
