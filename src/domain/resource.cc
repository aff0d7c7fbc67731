#include "domain/resource.h"

namespace ferry {

ResourceKind kind_of(const Resource& resource) {
  return static_cast<ResourceKind>(resource.index() + 1);
}

TenantId tenant_of(const Resource& resource) {
  return std::visit([](const auto& each) { return each->tenant; }, resource);
}

std::string name_of(const Resource& resource) {
  struct Name {
    std::string operator()(const QueuePtr& queue) const { return queue->name; }
    std::string operator()(const UrlGroupPtr& group) const { return group->name; }
    std::string operator()(const SchedulePtr& schedule) const { return schedule->id; }
    std::string operator()(const FlowKeyPtr& flow) const { return flow->key; }
    std::string operator()(const FunctionPtr& function) const {
      return function_name(function->service, function->function);
    }
    std::string operator()(const ServicePtr& service) const { return service->name; }
    std::string operator()(const ScheduleBodyPtr& body) const { return body->schedule; }
  };
  return std::visit(Name{}, resource);
}

}  // namespace ferry
