#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "domain/resource.h"

namespace ferry::engine {

// The named things of all tenants, as they are stored.
class ResourceTable {
 public:
  // Null: there is none of that name.
  template <class Pointer>
  Pointer find(TenantId tenant, std::string_view name) const {
    const auto it = rows_.find(Key{kind_of(Resource(Pointer())), tenant, std::string(name)});
    return it == rows_.end() ? nullptr : std::get<Pointer>(it->second);
  }
  // Of one kind, ascending by name.
  std::vector<Resource> of(TenantId tenant, ResourceKind kind) const;
  std::int64_t count(TenantId tenant, ResourceKind kind) const {
    const auto use = uses_.find(tenant);
    return use == uses_.end() ? 0 : use->second.count[place(kind)];
  }
  // Of all resources of the tenant (store/row_memory.h).
  std::int64_t memory(TenantId tenant) const {
    const auto use = uses_.find(tenant);
    return use == uses_.end() ? 0 : use->second.memory;
  }
  // Of bodies that are rows of their own.
  std::int64_t schedule_body_bytes(TenantId tenant) const {
    const auto use = uses_.find(tenant);
    return use == uses_.end() ? 0 : use->second.schedule_body_bytes;
  }
  // Of all kinds.
  std::vector<Resource> of(TenantId tenant) const;
  std::vector<Resource> all(ResourceKind kind) const;

  void put(Resource resource);
  bool drop(ResourceKind kind, TenantId tenant, std::string_view name);

 private:
  struct Key {
    ResourceKind kind;
    TenantId tenant;
    std::string name;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Use {
    std::array<std::int64_t, std::variant_size_v<Resource>> count{};
    std::int64_t memory = 0;
    std::int64_t schedule_body_bytes = 0;
  };
  static std::size_t place(ResourceKind kind) { return static_cast<std::size_t>(kind) - 1; }
  void add_use(const Resource& resource, std::int64_t sign);

  std::map<Key, Resource> rows_;
  std::map<TenantId, Use> uses_;
};

}  // namespace ferry::engine
