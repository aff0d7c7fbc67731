#include "api/fc/functions.h"

#include <utility>

#include "api/answers.h"
#include "api/fc/fields.h"
#include "api/fc/function_fields.h"
#include "api/fc/pages.h"
#include "api/fc/stored.h"
#include "api/fc/uuid.h"

namespace ferry::api::fc {
namespace {

constexpr std::size_t kFunctionBytesTypical = 1024;

void write(JsonWriter& json, const Call& call, const Function& function) {
  write_function(json, function, call.services.context.options.function_region,
                 call.caller.tenant->name);
}

http::ServerResponse function_answer(const Call& call, const Function& function) {
  JsonWriter json(kFunctionBytesTypical);
  write(json, call, function);
  return json_answer(std::move(json).take());
}

Checked<Address> address_in_body(const Call& call, const JsonValue& members) {
  ASSIGN_OR_RETURN(Address address, address_of(call));
  const auto name = members.find("functionName");
  if (!name || !name->text()) return invalid_argument("functionName is missing or not a text");
  ASSIGN_OR_RETURN(address.function, checked_name("function", *name->text()));
  return address;
}

Function begin_function(const Call& call, const Address& address) {
  Function function;
  function.tenant = call.caller.tenant->id;
  function.service = address.service;
  function.function = address.function;
  function.id = make_uuid();
  function.created_at = call.now;
  function.modified_at = call.now;
  return function;
}

Awaitable<Answered> set_disabled(Call call, bool disabled) {
  CO_ASSIGN_OR_RETURN(const Address address, address_of(call));
  CO_ASSIGN_OR_RETURN(const FunctionPtr saved,
                      co_await change_function(call, address, [disabled](Function& function) {
                        function.disabled = disabled;
                        return Checked<void>();
                      }));
  JsonWriter json;
  json.begin_object().field("functionName", saved->function).field("disabled", disabled);
  json.end_object();
  co_return json_answer(std::move(json).take());
}

http::ServerResponse concurrency_answer(const Call& call, const Function& function) {
  JsonWriter json;
  json.begin_object()
      .field("functionArn",
             function_arn(function.service, function.function, kLatest,
                          call.services.context.options.function_region, call.caller.tenant->name))
      .field("reservedConcurrency", function.concurrency_max)
      .end_object();
  return json_answer(std::move(json).take());
}

// It is one of the function's fields: what is shown and what counts never differ.
Awaitable<Checked<FunctionPtr>> set_concurrency(const Call& call, std::int64_t number) {
  CO_ASSIGN_OR_RETURN(const Address address, address_of(call));
  co_return co_await change_function(
      call, address,
      [number, &guard = call.services.guard,
       timeout_max = timeout_max_of(call)](Function& function) -> Checked<void> {
        const std::string text = R"({"concurrency":null,"reservedConcurrency":)" +
                                 (number > 0 ? std::to_string(number) : "null") + "}";
        ASSIGN_OR_RETURN(const JsonDocument members, parse_object(text));
        return put_fields(function, members.root(), guard, timeout_max);
      });
}

}  // namespace

Awaitable<Answered> create_function(Call call) {
  CO_ASSIGN_OR_RETURN(const JsonDocument body, co_await read_object(call.request.body));
  CO_ASSIGN_OR_RETURN(const Address address, address_in_body(call, body.root()));
  Function function = begin_function(call, address);
  if (call.has_services()) {
    CO_ASSIGN_OR_RETURN(const ServicePtr service, co_await read_service(call, address.service));
    if (auto put = put_service_fields(function, *service); !put) {
      co_return std::unexpected(put.error());
    }
  }
  if (auto put = put_fields(function, body.root(), call.services.guard, timeout_max_of(call));
      !put) {
    co_return std::unexpected(put.error());
  }
  const auto created = std::make_shared<const Function>(std::move(function));
  const Checked<void> saved = co_await save_new(call, created);
  if (saved) co_return function_answer(call, *created);
  if (saved.error().code != FaultCode::kConcurrentUpdate) co_return std::unexpected(saved.error());
  co_return refuse(FaultCode::kFunctionAlreadyExists,
                   "function '" + address.name() + "' already exists");
}

// The 3.0 face lists its own functions, a service those that are in it.
Awaitable<Answered> list_functions(Call call) {
  CO_ASSIGN_OR_RETURN(const Address address, address_of(call));
  CO_ASSIGN_OR_RETURN(const PageRequest request, read_page(call));
  if (call.has_services()) {
    CO_ASSIGN_OR_RETURN([[maybe_unused]] const ServicePtr service,
                        co_await read_service(call, address.service));
  }
  CO_ASSIGN_OR_RETURN(std::vector<FunctionPtr> functions, co_await read_functions(call));
  std::erase_if(functions,
                [&](const FunctionPtr& each) { return each->service != address.service; });
  auto page = cut_page(std::move(functions), request,
                       [](const FunctionPtr& each) { return each->function; });
  co_return co_await answer_page(
      call, "functions", std::move(page),
      [region = call.services.context.options.function_region, account = call.caller.tenant->name](
          JsonWriter& json, const Function& function) {
        write_function(json, function, region, account);
      });
}

Awaitable<Answered> get_function(Call call) {
  CO_ASSIGN_OR_RETURN(const Address address, address_of(call));
  CO_ASSIGN_OR_RETURN(const FunctionPtr function, co_await read_function(call, address));
  co_return function_answer(call, *function);
}

Awaitable<Answered> update_function(Call call) {
  CO_ASSIGN_OR_RETURN(const Address address, address_of(call));
  CO_ASSIGN_OR_RETURN(const JsonDocument body, co_await read_object(call.request.body));
  const JsonValue members = body.root();
  const http::AddressGuard& guard = call.services.guard;
  const Duration timeout_max = timeout_max_of(call);
  CO_ASSIGN_OR_RETURN(
      const FunctionPtr saved,
      co_await change_function(call, address, [members, &guard, timeout_max](Function& function) {
        return put_fields(function, members, guard, timeout_max);
      }));
  co_return function_answer(call, *saved);
}

Awaitable<Answered> delete_function(Call call) {
  CO_ASSIGN_OR_RETURN(const Address address, address_of(call));
  CO_ASSIGN_OR_RETURN([[maybe_unused]] const FunctionPtr there,
                      co_await read_function(call, address));
  const Checked<void> dropped = co_await drop(
      call, ResourceKind::kFunction, address.name(),
      {FaultCode::kFunctionNotFound, "function '" + address.name() + "' does not exist"});
  if (!dropped) co_return std::unexpected(dropped.error());
  co_return empty_answer(204);
}

Awaitable<Answered> disable_function(Call call) { return set_disabled(std::move(call), true); }
Awaitable<Answered> enable_function(Call call) { return set_disabled(std::move(call), false); }

Awaitable<Answered> put_concurrency(Call call) {
  CO_ASSIGN_OR_RETURN(const JsonDocument body, co_await read_object(call.request.body));
  CO_ASSIGN_OR_RETURN(const auto number,
                      integer_member(body.root(), "reservedConcurrency", {1, 100'000}));
  if (!number) co_return invalid_argument("reservedConcurrency is missing");
  CO_ASSIGN_OR_RETURN(const FunctionPtr saved, co_await set_concurrency(call, *number));
  co_return concurrency_answer(call, *saved);
}

Awaitable<Answered> get_concurrency(Call call) {
  CO_ASSIGN_OR_RETURN(const Address address, address_of(call));
  CO_ASSIGN_OR_RETURN(const FunctionPtr function, co_await read_function(call, address));
  co_return concurrency_answer(call, *function);
}

Awaitable<Answered> delete_concurrency(Call call) {
  CO_ASSIGN_OR_RETURN([[maybe_unused]] const FunctionPtr saved, co_await set_concurrency(call, 0));
  co_return empty_answer(204);
}

}  // namespace ferry::api::fc
