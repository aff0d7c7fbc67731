#pragma once

#include <compare>
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
    return static_cast<std::int64_t>(of(tenant, kind).size());
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
  std::map<Key, Resource> rows_;
};

}  // namespace ferry::engine
