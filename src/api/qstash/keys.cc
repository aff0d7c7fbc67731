#include "api/qstash/keys.h"

#include "api/answers.h"
#include "api/engine_link.h"
#include "base/json_writer.h"

namespace ferry::api {
namespace {

http::ServerResponse keys_answer(const Tenant& tenant) {
  JsonWriter json;
  json.begin_object()
      .field("current", tenant.signing_key_current)
      .field("next", tenant.signing_key_next)
      .end_object();
  return json_answer(std::move(json).take());
}

}  // namespace

Awaitable<Answered> get_keys(Call call) { co_return keys_answer(*call.caller.tenant); }

Awaitable<Answered> rotate_keys(Call call) {
  engine::RotateKeys command;
  command.tenant = call.caller.tenant->id;
  command.new_key = make_signing_key();
  CO_ASSIGN_OR_RETURN(const engine::TenantSaved saved,
                      answer_as<engine::TenantSaved>(
                          co_await call.services.context.engine.call(std::move(command))));
  co_return keys_answer(*saved.tenant);
}

}  // namespace ferry::api
