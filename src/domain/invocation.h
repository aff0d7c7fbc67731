#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/time.h"
#include "domain/dedup.h"
#include "domain/ids.h"
#include "domain/lineage.h"

namespace ferry {

// What a message of kind kInvocation has besides its event, which is the body: the function as it
// was when the event was accepted. Immutable.
struct Invocation {
  std::string request_id;  // the same in all attempts
  std::string service;
  std::string function;
  std::string qualifier;
  std::string arn;
  std::string handler;
  std::int32_t memory_mb = 0;
  std::string initializer;
  Duration initialization_timeout{0};
  std::string log_project;
  std::string log_store;
  Duration event_age_max{0};
  bool task_mode = false;
  std::string task_id;
  Lineage lineage;  // with the visit of this very invocation

  friend bool operator==(const Invocation&, const Invocation&) = default;
};

using InvocationPtr = std::shared_ptr<const Invocation>;

// What a message of kind kPush has besides the record, which is the body.
struct PushOrigin {
  // "{requestId}:s" or "{requestId}:f": stable over all attempts. Of a published message, whose id
  // the dispatcher puts there, what stands in front of the colon is empty.
  std::string event_id;
  bool success = false;
  std::string request_id;  // this and what follows: empty for a published message
  std::string service;     // of the function whose result it is
  std::string function;
  std::string qualifier;
  std::string arn;
  Lineage lineage;

  friend bool operator==(const PushOrigin&, const PushOrigin&) = default;
};

using PushOriginPtr = std::shared_ptr<const PushOrigin>;

// "1-{8 hex digits of unix seconds}-{8}-{12}", as the platform makes them (contract section 1.2).
std::string make_request_id(TimePoint now, Random& random);

// The label of a task's message, which tasks of a function are listed by.
inline std::string task_label(std::string_view function) {
  return "fc-task:" + std::string(function);
}

// The label of the push of a task's result, by which is found what became of it.
inline std::string push_label(DeliveryId task) { return "fc-push:" + std::to_string(task.value); }

// What a task is remembered by: its id is unique among those of its function.
DedupKey task_key(std::string_view function, std::string_view task_id);

}  // namespace ferry
