#include "engine/admission.h"

#include <string>

#include "domain/limits.h"
#include "store/row_memory.h"

namespace ferry::engine {
namespace {

// How many things of a kind there may be, and how the quota is called.
struct CountLimit {
  std::int64_t most = 0;
  std::string_view name;
};

CountLimit count_limit(const Quotas& quotas, ResourceKind kind) {
  switch (kind) {
    case ResourceKind::kQueue:
      return {quotas.queues.value_or(limits::kQueuesMaxDefault), "maxQueues"};
    case ResourceKind::kSchedule:
      return {quotas.schedules.value_or(limits::kSchedulesMaxDefault), "maxSchedules"};
    case ResourceKind::kUrlGroup:
      return {quotas.url_groups.value_or(limits::kUrlGroupsMaxDefault), "maxUrlGroups"};
    case ResourceKind::kFunction:
      return {quotas.functions.value_or(limits::kFunctionsMaxDefault), "maxFunctions"};
    case ResourceKind::kService:
      return {quotas.services.value_or(limits::kServicesMaxDefault), "maxServices"};
    case ResourceKind::kFlowKey:
      return {quotas.flow_keys.value_or(limits::kFlowKeysMaxDefault), "maxFlowKeys"};
    case ResourceKind::kScheduleBody:
      break;
  }
  return {};
}

Error exceeded(std::string_view quota, std::int64_t most) {
  return {ErrorCode::kQuotaExceeded,
          "quota " + std::string(quota) + " exceeded, current limit: " + std::to_string(most)};
}

std::int64_t seconds_of(Duration duration) {
  return std::chrono::floor<std::chrono::seconds>(duration).count();
}

Result<void> check_bytes(const Engine::State& state, const Tenant& tenant, std::int64_t more) {
  const std::int64_t most = tenant.quotas.resource_bytes.value_or(limits::kResourceBytesMaxDefault);
  if (more <= 0 || state.resources.memory(tenant.id) + more <= most) return {};
  return std::unexpected(exceeded("maxResourceBytes", most));
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
    return std::unexpected(exceeded("maxDelay", seconds_of(delay_max)));
  }
  RETURN_IF_ERROR(check_timeout(tenant, options.timeout.value_or(Duration(0))));
  for (const auto* hook : {&options.callback, &options.failure_callback}) {
    if (*hook) RETURN_IF_ERROR(check_quotas(state, tenant, *(*hook)->options, now));
  }
  return {};
}

Result<void> check_count(const Engine::State& state, const Tenant& tenant, ResourceKind kind,
                         std::int64_t more) {
  const auto [most, name] = count_limit(tenant.quotas, kind);
  if (state.resources.count(tenant.id, kind) + more <= most) return {};
  return std::unexpected(exceeded(name, most));
}

Result<void> check_memory(const Engine::State& state, const Tenant& tenant, const Resource& row,
                          const Resource* known) {
  const auto before = known ? static_cast<std::int64_t>(store::row_memory(*known)) : 0;
  return check_bytes(state, tenant, static_cast<std::int64_t>(store::row_memory(row)) - before);
}

Result<void> check_memory(const Engine::State& state, const Tenant& tenant, std::size_t names,
                          std::size_t name_bytes) {
  constexpr std::size_t kRowBytes = 400;  // of a queue or flow key without its name
  return check_bytes(state, tenant, static_cast<std::int64_t>(names * kRowBytes + name_bytes));
}

Result<void> check_timeout(const Tenant& tenant, Duration timeout) {
  const auto& most = tenant.quotas.timeout_max;
  if (!most || timeout <= *most) return {};
  return std::unexpected(exceeded("maxTimeout", seconds_of(*most)));
}

}  // namespace ferry::engine
