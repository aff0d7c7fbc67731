#include "engine/resource_table.h"

namespace ferry::engine {

std::vector<Resource> ResourceTable::of(TenantId tenant, ResourceKind kind) const {
  std::vector<Resource> found;
  for (auto it = rows_.lower_bound(Key{kind, tenant, {}}); it != rows_.end(); ++it) {
    if (it->first.kind != kind || it->first.tenant != tenant) break;
    found.push_back(it->second);
  }
  return found;
}

std::vector<Resource> ResourceTable::of(TenantId tenant) const {
  std::vector<Resource> found;
  for (const ResourceKind kind : {ResourceKind::kQueue, ResourceKind::kUrlGroup,
                                  ResourceKind::kSchedule, ResourceKind::kFlowKey,
                                  ResourceKind::kFunction, ResourceKind::kService}) {
    for (Resource& each : of(tenant, kind)) found.push_back(std::move(each));
  }
  return found;
}

std::vector<Resource> ResourceTable::all(ResourceKind kind) const {
  std::vector<Resource> found;
  for (auto it = rows_.lower_bound(Key{kind, TenantId{}, {}}); it != rows_.end(); ++it) {
    if (it->first.kind != kind) break;
    found.push_back(it->second);
  }
  return found;
}

void ResourceTable::put(Resource resource) {
  Key key{kind_of(resource), tenant_of(resource), name_of(resource)};
  rows_.insert_or_assign(std::move(key), std::move(resource));
}

bool ResourceTable::drop(ResourceKind kind, TenantId tenant, std::string_view name) {
  return rows_.erase(Key{kind, tenant, std::string(name)}) > 0;
}

}  // namespace ferry::engine
