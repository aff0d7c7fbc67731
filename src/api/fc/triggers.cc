#include "api/fc/triggers.h"

#include <algorithm>
#include <utility>

#include "api/answers.h"
#include "api/fc/fields.h"
#include "api/fc/pages.h"
#include "api/fc/stored.h"

namespace ferry::api::fc {
namespace {

constexpr std::size_t kTriggersMax = 10;
constexpr std::size_t kTextBytesMax = 256;
constexpr std::string_view kWrittenApart[] = {"triggerName", "triggerType", "createdTime",
                                              "lastModifiedTime"};

void write_trigger(JsonWriter& json, const FunctionTrigger& trigger) {
  json.begin_object().field("triggerName", trigger.name).field("triggerType", trigger.type);
  write_members(json, trigger.attributes, kWrittenApart);
  json.field("createdTime", wire_time(trigger.created_at))
      .field("lastModifiedTime", wire_time(trigger.modified_at))
      .end_object();
}

http::ServerResponse trigger_answer(const FunctionTrigger& trigger) {
  JsonWriter json;
  write_trigger(json, trigger);
  return json_answer(std::move(json).take());
}

Fault not_found(std::string_view name) {
  return {FaultCode::kTriggerNotFound, "trigger '" + std::string(name) + "' does not exist"};
}

Checked<void> check_type(const std::string& type) {
  if (type == "http") return {};
  return invalid_argument("triggers of type '" + type + "' are not offered, only http");
}

Checked<FunctionTrigger> read_trigger(const Call& call, const JsonValue& members) {
  ASSIGN_OR_RETURN(const auto name, text_member(members, "triggerName", kTextBytesMax));
  ASSIGN_OR_RETURN(const auto type, text_member(members, "triggerType", kTextBytesMax));
  if (!name || !type) return invalid_argument("triggerName and triggerType are needed");
  RETURN_IF_ERROR(check_type(*type));
  FunctionTrigger trigger;
  ASSIGN_OR_RETURN(trigger.name, checked_name("trigger", *name));
  trigger.type = *type;
  ASSIGN_OR_RETURN(trigger.attributes, merge_members("", members, kWrittenApart));
  trigger.created_at = call.now;
  trigger.modified_at = call.now;
  return trigger;
}

Checked<void> add_trigger(Function& function, const FunctionTrigger& trigger) {
  auto& triggers = function.triggers;
  const auto place = std::ranges::lower_bound(triggers, trigger.name, {}, &FunctionTrigger::name);
  if (place != triggers.end() && place->name == trigger.name) {
    return refuse(FaultCode::kTriggerAlreadyExists,
                  "trigger '" + trigger.name + "' already exists");
  }
  if (triggers.size() >= kTriggersMax) {
    return refuse(FaultCode::kLimitExceeded,
                  "there are " + std::to_string(kTriggersMax) + " triggers already");
  }
  triggers.insert(place, trigger);
  return {};
}

// What a change names must be what it is of: neither name nor type changes.
Checked<void> check_change(const JsonValue& members, std::string_view name) {
  ASSIGN_OR_RETURN(const auto given, text_member(members, "triggerName", kTextBytesMax));
  if (given && *given != name) return invalid_argument("a trigger cannot be renamed");
  ASSIGN_OR_RETURN(const auto type, text_member(members, "triggerType", kTextBytesMax));
  return type ? check_type(*type) : Checked<void>();
}

// Members that are not given stay as they are.
Checked<void> change_trigger(Function& function, std::string_view name, const JsonValue& members,
                             TimePoint now) {
  const auto found = std::ranges::find(function.triggers, name, &FunctionTrigger::name);
  if (found == function.triggers.end()) return std::unexpected(not_found(name));
  ASSIGN_OR_RETURN(found->attributes, merge_members(found->attributes, members, kWrittenApart));
  found->modified_at = now;
  return {};
}

}  // namespace

Awaitable<Answered> create_trigger(Call call) {
  CO_ASSIGN_OR_RETURN(const Address address, address_of(call));
  CO_ASSIGN_OR_RETURN(const JsonDocument body, co_await read_object(call.request.body));
  CO_ASSIGN_OR_RETURN(const FunctionTrigger trigger, read_trigger(call, body.root()));
  CO_ASSIGN_OR_RETURN([[maybe_unused]] const FunctionPtr saved,
                      co_await change_function(call, address, [&trigger](Function& function) {
                        return add_trigger(function, trigger);
                      }));
  co_return trigger_answer(trigger);
}

Awaitable<Answered> list_triggers(Call call) {
  CO_ASSIGN_OR_RETURN(const Address address, address_of(call));
  CO_ASSIGN_OR_RETURN(const PageRequest request, read_page(call));
  CO_ASSIGN_OR_RETURN(const FunctionPtr function, co_await read_function(call, address));
  const auto page = cut_page(function->triggers, request,
                             [](const FunctionTrigger& trigger) { return trigger.name; });
  JsonWriter json;
  json.begin_object().key("triggers").begin_array();
  for (const FunctionTrigger& trigger : page.items) write_trigger(json, trigger);
  json.end_array().field_if("nextToken", page.next_token).end_object();
  co_return json_answer(std::move(json).take());
}

Awaitable<Answered> get_trigger(Call call) {
  CO_ASSIGN_OR_RETURN(const Address address, address_of(call));
  CO_ASSIGN_OR_RETURN(const FunctionPtr function, co_await read_function(call, address));
  const std::string_view name = call.parameter("trigger");
  const auto found = std::ranges::find(function->triggers, name, &FunctionTrigger::name);
  if (found == function->triggers.end()) co_return std::unexpected(not_found(name));
  co_return trigger_answer(*found);
}

Awaitable<Answered> update_trigger(Call call) {
  CO_ASSIGN_OR_RETURN(const Address address, address_of(call));
  CO_ASSIGN_OR_RETURN(const JsonDocument body, co_await read_object(call.request.body));
  const std::string name(call.parameter("trigger"));
  if (auto checked = check_change(body.root(), name); !checked) {
    co_return std::unexpected(checked.error());
  }
  CO_ASSIGN_OR_RETURN(const FunctionPtr saved,
                      co_await change_function(call, address, [&](Function& function) {
                        return change_trigger(function, name, body.root(), call.now);
                      }));
  co_return trigger_answer(*std::ranges::find(saved->triggers, name, &FunctionTrigger::name));
}

Awaitable<Answered> delete_trigger(Call call) {
  CO_ASSIGN_OR_RETURN(const Address address, address_of(call));
  const std::string name(call.parameter("trigger"));
  CO_ASSIGN_OR_RETURN(
      [[maybe_unused]] const FunctionPtr saved,
      co_await change_function(call, address, [&name](Function& function) -> Checked<void> {
        const auto removed = std::erase_if(
            function.triggers, [&name](const FunctionTrigger& each) { return each.name == name; });
        if (removed == 0) return std::unexpected(not_found(name));
        return {};
      }));
  co_return empty_answer(204);
}

}  // namespace ferry::api::fc
