#include "simulation/checkers/tenants.h"

namespace ferry::simulation {

void TenantChecker::on(const SetStored& stored) {
  for_each<store::PutTenant>(stored.set, [&](const store::PutTenant& put) {
    const Tenant& tenant = *put.tenant;
    expect(!gone_.contains(tenant.id), "the id of a deleted tenant again", tenant.id.value);
    for (const auto& [id, other] : known_) {
      expect(id == tenant.id || other->name != tenant.name, "a name twice", tenant.id.value);
    }
    check_keys(tenant);
    known_[tenant.id] = put.tenant;
  });
  for_each<store::DropTenant>(stored.set, [&](const store::DropTenant& drop) {
    known_.erase(drop.id);
    gone_.insert(drop.id);
  });
}

// A save made before a rotation and stored after it brings the keys back that it knew.
void TenantChecker::check_keys(const Tenant& tenant) {
  const Keys keys{tenant.signing_key_current, tenant.signing_key_next};
  const auto before = known_.find(tenant.id);
  const bool rotated = before != known_.end() && keys.first == before->second->signing_key_next;
  std::set<Keys>& had = keys_[tenant.id];
  expect(before == known_.end() || rotated || had.contains(keys),
         "rotated to a key that was not the next one", tenant.id.value);
  had.insert(keys);
}

}  // namespace ferry::simulation
