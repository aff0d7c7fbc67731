#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "domain/ids.h"

namespace ferry {

// How asynchronous invocations of one qualifier go (Function Compute contract section 1.3). What is
// absent has the default of limits.h.
struct AsyncConfig {
  std::string qualifier;  // "LATEST", a version's id or an alias's name
  bool task_mode = false;
  std::string on_success;  // destination text (domain/push_target.h), or empty
  std::string on_failure;
  std::optional<std::int32_t> max_retries;
  std::optional<Duration> event_age_max;
  TimePoint created_at;
  TimePoint modified_at;

  friend bool operator==(const AsyncConfig&, const AsyncConfig&) = default;
};

struct FunctionVersion {
  std::int64_t id = 0;  // ascending from 1
  std::string description;
  TimePoint created_at;
  TimePoint modified_at;

  friend bool operator==(const FunctionVersion&, const FunctionVersion&) = default;
};

struct FunctionAlias {
  std::string name;
  std::string version_id;
  std::string description;
  std::string attributes;  // JSON object of what else was given, such as weights
  TimePoint created_at;
  TimePoint modified_at;

  friend bool operator==(const FunctionAlias&, const FunctionAlias&) = default;
};

// Kept so that a function with an HTTP trigger is known as an HTTP function.
struct FunctionTrigger {
  std::string name;
  std::string type;        // "http"
  std::string attributes;  // JSON object as given
  TimePoint created_at;
  TimePoint modified_at;

  friend bool operator==(const FunctionTrigger&, const FunctionTrigger&) = default;
};

// A named HTTP endpoint that can be invoked. One row with all that belongs to it; changed as a
// whole, by whoever holds the value it was changed from.
struct Function {
  TenantId tenant;
  std::string service;   // of the 2.0 APIs; empty for 3.0
  std::string function;  // the bare name
  std::string id;        // uuid
  std::string endpoint;  // base URL, no trailing slash
  std::string handler;
  std::string runtime;
  Duration timeout = std::chrono::seconds(60);
  std::int32_t memory_mb = 512;
  std::int32_t concurrency_max = 0;  // attempts at once; 0: only the server's own limits
  std::string initializer;           // empty: none
  Duration initialization_timeout = std::chrono::seconds(60);
  std::string log_project;
  std::string log_store;
  bool disabled = false;           // POST …/invoke/disable
  bool recursion_allowed = false;  // recursionConfig: Allow
  std::string attributes;          // JSON object: all fields as given, shown again as they are
  TimePoint created_at;
  TimePoint modified_at;
  std::int64_t last_version = 0;
  std::vector<FunctionVersion> versions;  // ascending
  std::vector<FunctionAlias> aliases;     // by name
  std::vector<FunctionTrigger> triggers;  // by name
  std::vector<AsyncConfig> configs;       // by qualifier

  friend bool operator==(const Function&, const Function&) = default;
};

using FunctionPtr = std::shared_ptr<const Function>;

// What the 2.0 APIs group functions by. Versions and aliases belong to it there.
struct Service {
  TenantId tenant;
  std::string name;
  std::string id;
  std::string attributes;  // JSON object: all fields as given
  TimePoint created_at;
  TimePoint modified_at;
  std::int64_t last_version = 0;
  std::vector<FunctionVersion> versions;
  std::vector<FunctionAlias> aliases;

  friend bool operator==(const Service&, const Service&) = default;
};

using ServicePtr = std::shared_ptr<const Service>;

// The one name of a function within its tenant: "f" for 3.0, "s$f" for the 2.0 APIs (contract
// section 1.1). The resource's name.
std::string function_name(std::string_view service, std::string_view function);

inline constexpr std::string_view kLatest = "LATEST";

// The config of that qualifier, or null: LATEST is one of its own, there is no fallback.
const AsyncConfig* config_of(const Function& function, std::string_view qualifier);

// An HTTP function cannot be a destination (seed 003).
bool has_http_trigger(const Function& function);

// "acs:fc:::services/Svc.LATEST/functions/f" of a 2.0 function, with region and account empty as
// the service sends it; "acs:fc:{region}:{account}:functions/f" of a 3.0 one (contract 4.1).
std::string function_arn(std::string_view service, std::string_view function,
                         std::string_view qualifier, std::string_view region,
                         std::string_view account);

}  // namespace ferry
