#include "api/fc/services.h"

#include <algorithm>
#include <utility>

#include "api/answers.h"
#include "api/fc/fields.h"
#include "api/fc/pages.h"
#include "api/fc/stored.h"
#include "api/fc/uuid.h"

namespace ferry::api::fc {
namespace {

constexpr std::size_t kServiceBytesTypical = 512;

// What is not kept: it is ours to say.
constexpr std::string_view kNotKept[] = {"serviceName", "serviceId", "createdTime",
                                         "lastModifiedTime"};

void write_service(JsonWriter& json, const Service& service) {
  json.begin_object().field("serviceName", service.name).field("serviceId", service.id);
  write_members(json, service.attributes, {});
  json.field("createdTime", wire_time(service.created_at))
      .field("lastModifiedTime", wire_time(service.modified_at))
      .end_object();
}

http::ServerResponse service_answer(const Service& service) {
  JsonWriter json(kServiceBytesTypical);
  write_service(json, service);
  return json_answer(std::move(json).take());
}

Checked<void> put_members(Service& service, const JsonValue& members) {
  ASSIGN_OR_RETURN(service.attributes, merge_members(service.attributes, members, kNotKept));
  return {};
}

Checked<Service> new_service(const Call& call, const JsonValue& members) {
  const auto name = members.find("serviceName");
  if (!name || !name->text()) return invalid_argument("serviceName is missing or not a text");
  Service service;
  ASSIGN_OR_RETURN(service.name, checked_name("service", *name->text()));
  service.tenant = call.caller.tenant->id;
  service.id = make_uuid();
  service.created_at = call.now;
  service.modified_at = call.now;
  RETURN_IF_ERROR(put_members(service, members));
  return service;
}

}  // namespace

Awaitable<Answered> create_service(Call call) {
  CO_ASSIGN_OR_RETURN(const JsonDocument body, co_await read_object(call.request.body));
  CO_ASSIGN_OR_RETURN(Service service, new_service(call, body.root()));
  const auto created = std::make_shared<const Service>(std::move(service));
  const Checked<void> saved = co_await save_new(call, created);
  if (saved) co_return service_answer(*created);
  if (saved.error().code != FaultCode::kConcurrentUpdate) co_return std::unexpected(saved.error());
  co_return refuse(FaultCode::kServiceAlreadyExists,
                   "service '" + created->name + "' already exists");
}

Awaitable<Answered> list_services(Call call) {
  CO_ASSIGN_OR_RETURN(const PageRequest request, read_page(call));
  CO_ASSIGN_OR_RETURN(std::vector<ServicePtr> services, co_await read_services(call));
  auto page =
      cut_page(std::move(services), request, [](const ServicePtr& each) { return each->name; });
  co_return co_await answer_page(
      call, "services", std::move(page),
      [](JsonWriter& json, const Service& service) { write_service(json, service); });
}

Awaitable<Answered> get_service(Call call) {
  CO_ASSIGN_OR_RETURN(const Address address, address_of(call));
  CO_ASSIGN_OR_RETURN(const ServicePtr service, co_await read_service(call, address.service));
  co_return service_answer(*service);
}

Awaitable<Answered> update_service(Call call) {
  CO_ASSIGN_OR_RETURN(const Address address, address_of(call));
  CO_ASSIGN_OR_RETURN(const JsonDocument body, co_await read_object(call.request.body));
  const JsonValue members = body.root();
  CO_ASSIGN_OR_RETURN(const ServicePtr saved,
                      co_await change_service(call, address.service, [members](Service& service) {
                        return put_members(service, members);
                      }));
  co_return service_answer(*saved);
}

Awaitable<Answered> delete_service(Call call) {
  CO_ASSIGN_OR_RETURN(const Address address, address_of(call));
  CO_ASSIGN_OR_RETURN([[maybe_unused]] const ServicePtr there,
                      co_await read_service(call, address.service));
  CO_ASSIGN_OR_RETURN(const std::vector<FunctionPtr> functions, co_await read_functions(call));
  const bool used = std::ranges::any_of(
      functions, [&](const FunctionPtr& each) { return each->service == address.service; });
  if (used) {
    co_return refuse(FaultCode::kServiceNotEmpty,
                     "service '" + address.service + "' still has functions");
  }
  const Checked<void> dropped = co_await drop(
      call, ResourceKind::kService, address.service,
      {FaultCode::kServiceNotFound, "service '" + address.service + "' does not exist"});
  if (!dropped) co_return std::unexpected(dropped.error());
  co_return empty_answer(204);
}

}  // namespace ferry::api::fc
