#include "simulation/checkers/quotas.h"

namespace ferry::simulation {

void QuotaChecker::on(const SetStored& stored) {
  for_each<store::PutMessage>(stored.set, [&](const store::PutMessage& put) {
    const DeliveryFact* fact = facts_.find(DeliveryId{put.message->id.value});
    if (fact == nullptr || !fact->item) return;
    expect(stored.room, "published although the disk is full", put.message->id.value);
    const auto tenant = facts_.tenants.find(fact->row.tenant);
    expect(tenant != facts_.tenants.end() && !tenant->second->suspended,
           "published for a tenant that is gone or suspended", put.message->id.value);
    if (tenant != facts_.tenants.end()) check_message(stored.now, *fact, *tenant->second);
  });
}

void QuotaChecker::check_message(TimePoint now, const DeliveryFact& fact, const Tenant& tenant) {
  const std::int64_t id = fact.row.id.value;
  const Quotas& quotas = tenant.quotas;
  expect(!quotas.max_retries || fact.message->max_retries <= *quotas.max_retries,
         "more retries than the quota", id);
  expect(!quotas.max_delay || fact.row.due_at <= now + *quotas.max_delay,
         "more delay than the quota", id);
  if (!quotas.messages_per_day) return;
  Day& day = days_[tenant.id];
  if (day.day != utc_day(now)) day = {.day = utc_day(now)};
  expect(++day.messages <= *quotas.messages_per_day, "more messages a day than the quota", id);
}

}  // namespace ferry::simulation
