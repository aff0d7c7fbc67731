#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "domain/flow_control.h"
#include "domain/function.h"
#include "domain/queue.h"
#include "domain/schedule.h"
#include "domain/url_group.h"

namespace ferry {

// The named things of a tenant that outlive messages. All of them are in the engine's memory, but
// the bodies of schedules.
using Resource = std::variant<QueuePtr, UrlGroupPtr, SchedulePtr, FlowKeyPtr, FunctionPtr,
                              ServicePtr, ScheduleBodyPtr>;

// In the order of the alternatives above. Stored: never change these numbers.
enum class ResourceKind : std::uint8_t {
  kQueue = 1,
  kUrlGroup = 2,
  kSchedule = 3,
  kFlowKey = 4,
  kFunction = 5,
  kService = 6,
  kScheduleBody = 7,
};

ResourceKind kind_of(const Resource& resource);
TenantId tenant_of(const Resource& resource);
std::string name_of(const Resource& resource);  // a schedule's id, a flow key's key, "s$f"

}  // namespace ferry
