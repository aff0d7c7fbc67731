#include "simulation/checkers/tenants.h"

namespace ferry::simulation {

void TenantChecker::on(const SetStored& stored) {
  for_each<store::PutTenant>(stored.set, [&](const store::PutTenant& put) {
    const Tenant& tenant = *put.tenant;
    expect(!gone_.contains(tenant.id), "the id of a deleted tenant again", tenant.id.value);
    for (const auto& [id, other] : known_) {
      expect(id == tenant.id || other->name != tenant.name, "a name twice", tenant.id.value);
    }
    const auto before = known_.find(tenant.id);
    if (before != known_.end() &&
        tenant.signing_key_current != before->second->signing_key_current) {
      expect(tenant.signing_key_current == before->second->signing_key_next,
             "rotated to a key that was not the next one", tenant.id.value);
    }
    known_[tenant.id] = put.tenant;
  });
  for_each<store::DropTenant>(stored.set, [&](const store::DropTenant& drop) {
    known_.erase(drop.id);
    gone_.insert(drop.id);
  });
}

}  // namespace ferry::simulation
