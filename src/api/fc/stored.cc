#include "api/fc/stored.h"

#include "api/qstash/resources.h"

namespace ferry::api::fc {
namespace {

// Each failed try means that another one of the same resource got through.
constexpr int kTriesMax = 10;

template <class Pointer>
std::vector<Pointer> all_of(std::vector<engine::ResourceView> views) {
  std::vector<Pointer> all;
  for (engine::ResourceView& view : views) all.push_back(std::get<Pointer>(view.resource));
  return all;
}

engine::SaveFunction save_command(FunctionPtr function, FunctionPtr base) {
  return {.reply = {}, .function = std::move(function), .base = std::move(base)};
}
engine::SaveService save_command(ServicePtr service, ServicePtr base) {
  return {.reply = {}, .service = std::move(service), .base = std::move(base)};
}

template <class Pointer>
Awaitable<Checked<void>> save(const Call& call, Pointer row, Pointer base) {
  CO_ASSIGN_OR_RETURN([[maybe_unused]] const engine::Done done,
                      answer_as<engine::Done>(co_await call.services.context.engine.call(
                          save_command(std::move(row), std::move(base)))));
  co_return Checked<void>();
}

// A changed copy, or why there is none.
template <class Pointer, class Change>
Checked<Pointer> changed(const Pointer& base, const Change& change, TimePoint now) {
  auto copy = std::make_shared<std::remove_const_t<typename Pointer::element_type>>(*base);
  RETURN_IF_ERROR(change(*copy));
  copy->modified_at = now;
  return Pointer(std::move(copy));
}

bool is_conflict(const Checked<void>& saved) {
  return !saved && saved.error().code == FaultCode::kConcurrentUpdate;
}

}  // namespace

Awaitable<Checked<ServicePtr>> read_service(const Call& call, const std::string& name) {
  auto views = co_await read_resources(call.services.context, call.caller.tenant->id,
                                       ResourceKind::kService, name);
  if (views) co_return std::get<ServicePtr>(views->front().resource);
  if (views.error().code != ErrorCode::kNotFound) co_return std::unexpected(views.error());
  co_return refuse(FaultCode::kServiceNotFound, "service '" + name + "' does not exist");
}

Awaitable<Checked<FunctionPtr>> read_function(const Call& call, const Address& address) {
  auto views = co_await read_resources(call.services.context, call.caller.tenant->id,
                                       ResourceKind::kFunction, address.name());
  if (views) co_return std::get<FunctionPtr>(views->front().resource);
  if (views.error().code != ErrorCode::kNotFound) co_return std::unexpected(views.error());
  if (!address.service.empty()) {
    CO_ASSIGN_OR_RETURN([[maybe_unused]] const ServicePtr service,
                        co_await read_service(call, address.service));
  }
  co_return refuse(FaultCode::kFunctionNotFound,
                   "function '" + address.name() + "' does not exist");
}

Awaitable<Checked<std::vector<FunctionPtr>>> read_functions(const Call& call) {
  CO_ASSIGN_OR_RETURN(auto views,
                      co_await read_resources(call.services.context, call.caller.tenant->id,
                                              ResourceKind::kFunction));
  co_return all_of<FunctionPtr>(std::move(views));
}

Awaitable<Checked<std::vector<ServicePtr>>> read_services(const Call& call) {
  CO_ASSIGN_OR_RETURN(auto views,
                      co_await read_resources(call.services.context, call.caller.tenant->id,
                                              ResourceKind::kService));
  co_return all_of<ServicePtr>(std::move(views));
}

Awaitable<Checked<void>> save_new(const Call& call, FunctionPtr function) {
  return save<FunctionPtr>(call, std::move(function), nullptr);
}

Awaitable<Checked<void>> save_new(const Call& call, ServicePtr service) {
  return save<ServicePtr>(call, std::move(service), nullptr);
}

Awaitable<Checked<FunctionPtr>> change_function(const Call& call, Address address,
                                                FunctionChange change) {
  for (int attempt = 1;; ++attempt) {
    CO_ASSIGN_OR_RETURN(FunctionPtr base, co_await read_function(call, address));
    CO_ASSIGN_OR_RETURN(FunctionPtr next, changed(base, change, call.now));
    const Checked<void> saved = co_await save(call, next, std::move(base));
    if (saved) co_return next;
    if (!is_conflict(saved) || attempt == kTriesMax) co_return std::unexpected(saved.error());
  }
}

Awaitable<Checked<ServicePtr>> change_service(const Call& call, std::string name,
                                              ServiceChange change) {
  for (int attempt = 1;; ++attempt) {
    CO_ASSIGN_OR_RETURN(ServicePtr base, co_await read_service(call, name));
    CO_ASSIGN_OR_RETURN(ServicePtr next, changed(base, change, call.now));
    const Checked<void> saved = co_await save(call, next, std::move(base));
    if (saved) co_return next;
    if (!is_conflict(saved) || attempt == kTriesMax) co_return std::unexpected(saved.error());
  }
}

Awaitable<Checked<void>> drop(const Call& call, ResourceKind kind, std::string name, Fault fault) {
  const auto done = answer_as<engine::Done>(
      co_await call.services.context.engine.call(drop_command(call, kind, name, true)));
  if (done) co_return Checked<void>();
  if (done.error().code == ErrorCode::kNotFound) co_return std::unexpected(std::move(fault));
  co_return std::unexpected(done.error());
}

}  // namespace ferry::api::fc
