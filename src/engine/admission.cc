#include "engine/admission.h"

#include <string>

#include "domain/limits.h"

namespace ferry::engine {
namespace {

// How many things of a kind there may be, and how the quota is called.
struct CountLimit {
  std::optional<std::int64_t> most;
  std::string_view name;
};

CountLimit count_limit(const Quotas& quotas, ResourceKind kind) {
  switch (kind) {
    case ResourceKind::kQueue:
      return {quotas.queues, "maxQueues"};
    case ResourceKind::kSchedule:
      return {quotas.schedules, "maxSchedules"};
    case ResourceKind::kUrlGroup:
      return {quotas.url_groups, "maxUrlGroups"};
    case ResourceKind::kFunction:
      return {quotas.functions.value_or(limits::kFunctionsMaxDefault), "maxFunctions"};
    case ResourceKind::kService:
      return {quotas.services.value_or(limits::kServicesMaxDefault), "maxServices"};
    case ResourceKind::kFlowKey:
      break;
  }
  return {};
}

}  // namespace

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
  const auto [most, name] = count_limit(tenant.quotas, kind);
  if (!most || state.resources.count(tenant.id, kind) + more <= *most) return {};
  return fail(ErrorCode::kQuotaExceeded,
              "quota " + std::string(name) + " exceeded, current limit: " + std::to_string(*most));
}

}  // namespace ferry::engine
