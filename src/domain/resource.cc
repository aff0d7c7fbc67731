#include "domain/resource.h"

namespace ferry {

ResourceKind kind_of(const Resource& resource) {
  return static_cast<ResourceKind>(resource.index() + 1);
}

TenantId tenant_of(const Resource& resource) {
  return std::visit([](const auto& each) { return each->tenant; }, resource);
}

std::string_view name_of(const Resource& resource) {
  struct Name {
    std::string_view operator()(const QueuePtr& queue) const { return queue->name; }
    std::string_view operator()(const UrlGroupPtr& group) const { return group->name; }
    std::string_view operator()(const SchedulePtr& schedule) const { return schedule->id; }
    std::string_view operator()(const FlowKeyPtr& flow) const { return flow->key; }
  };
  return std::visit(Name{}, resource);
}

}  // namespace ferry
