#include "engine/resource_table.h"

#include "store/row_memory.h"

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
  for (const ResourceKind kind :
       {ResourceKind::kQueue, ResourceKind::kUrlGroup, ResourceKind::kSchedule,
        ResourceKind::kFlowKey, ResourceKind::kFunction, ResourceKind::kService}) {
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

void ResourceTable::add_use(const Resource& resource, std::int64_t sign) {
  Use& use = uses_[tenant_of(resource)];
  use.count[place(kind_of(resource))] += sign;
  use.memory += sign * static_cast<std::int64_t>(store::row_memory(resource));
  if (const auto* schedule = std::get_if<SchedulePtr>(&resource)) {
    use.schedule_body_bytes += sign * (*schedule)->body_bytes;
  }
}

void ResourceTable::put(Resource resource) {
  Key key{kind_of(resource), tenant_of(resource), name_of(resource)};
  add_use(resource, 1);
  const auto [row, added] = rows_.try_emplace(std::move(key), resource);
  if (added) return;
  add_use(row->second, -1);
  row->second = std::move(resource);
}

bool ResourceTable::drop(ResourceKind kind, TenantId tenant, std::string_view name) {
  const auto row = rows_.find(Key{kind, tenant, std::string(name)});
  if (row == rows_.end()) return false;
  add_use(row->second, -1);
  rows_.erase(row);
  return true;
}

}  // namespace ferry::engine
