#include "engine/admission.h"

#include <string>

namespace ferry::engine {

std::int32_t retries_max(const Engine::State& state, const Tenant& tenant) {
  return tenant.quotas.max_retries.value_or(state.options.retries_max);
}

Result<TenantPtr> admit(const Engine::State& state, TenantId id) {
  TenantPtr tenant = state.catalog->find(id);
  if (!tenant) return fail(ErrorCode::kUnauthenticated);
  if (tenant->suspended) return fail(ErrorCode::kTenantSuspended);
  if (!state.store.has_room()) return fail(ErrorCode::kDiskFull);
  return tenant;
}

Result<void> check_quotas(const Engine::State& state, const Tenant& tenant,
                          const PublishOptions& options, TimePoint now) {
  if (options.max_retries.value_or(0) > retries_max(state, tenant)) {
    return fail(ErrorCode::kQuotaExceeded, "quota maxRetries exceeded");
  }
  const Duration delay_max = tenant.quotas.max_delay.value_or(state.options.delay_max);
  if (first_due(options, now) > now + delay_max) {
    return fail(ErrorCode::kQuotaExceeded,
                "quota maxDelay exceeded, current limit: " +
                    std::to_string(std::chrono::floor<std::chrono::seconds>(delay_max).count()));
  }
  for (const auto* hook : {&options.callback, &options.failure_callback}) {
    if (*hook) RETURN_IF_ERROR(check_quotas(state, tenant, *(*hook)->options, now));
  }
  return {};
}

Result<void> check_count(const Engine::State& state, const Tenant& tenant, ResourceKind kind,
                         std::int64_t more) {
  const Quotas& quotas = tenant.quotas;
  const auto& [most, name] = kind == ResourceKind::kQueue ? std::pair(quotas.queues, "maxQueues")
                             : kind == ResourceKind::kSchedule
                                 ? std::pair(quotas.schedules, "maxSchedules")
                                 : std::pair(quotas.url_groups, "maxUrlGroups");
  if (!most || state.resources.count(tenant.id, kind) + more <= *most) return {};
  return fail(ErrorCode::kQuotaExceeded,
              "quota " + std::string(name) + " exceeded, current limit: " + std::to_string(*most));
}

}  // namespace ferry::engine
