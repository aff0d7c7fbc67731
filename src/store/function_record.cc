#include "store/record_parts.h"

// function := version:u8=1 tenant:id service:text function:text id:text endpoint:text handler:text
//             runtime:text timeout:duration memory_mb:svarint concurrency_max:svarint
//             initializer:text initialization_timeout:duration log_project:text log_store:text
//             flags(1: disabled, 2: recursion allowed) attributes:text times belongings trigger*
//             config*
// service  := version:u8=1 tenant:id name:text id:text attributes:text times belongings
// times      := created_at:time modified_at:time
// belongings := last_version:svarint version* alias*
// version  := id:svarint description:text times
// alias    := name:text version_id:text description:text attributes:text times
// trigger  := name:text type:text attributes:text times
// config   := qualifier:text task_mode:flag on_success:text on_failure:text max_retries:svarint?
//             event_age_max:duration? times

namespace ferry::store {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kDisabled = 1;
constexpr std::uint8_t kRecursionAllowed = 2;

template <class T>
void write_times(RecordWriter& out, const T& row) {
  out.time(row.created_at);
  out.time(row.modified_at);
}

template <class T>
void read_times(RecordReader& in, T& row) {
  row.created_at = in.time();
  row.modified_at = in.time();
}

template <class Owner>
void write_belongings(RecordWriter& out, const Owner& owner) {
  out.svarint(owner.last_version);
  out.varint(owner.versions.size());
  for (const FunctionVersion& version : owner.versions) {
    out.svarint(version.id);
    out.text(version.description);
    write_times(out, version);
  }
  out.varint(owner.aliases.size());
  for (const FunctionAlias& alias : owner.aliases) {
    out.text(alias.name);
    out.text(alias.version_id);
    out.text(alias.description);
    out.text(alias.attributes);
    write_times(out, alias);
  }
}

template <class Owner>
void read_belongings(RecordReader& in, Owner& owner) {
  owner.last_version = in.svarint();
  in.repeat([&] {
    FunctionVersion& version = owner.versions.emplace_back();
    version.id = in.svarint();
    version.description = in.string();
    read_times(in, version);
  });
  in.repeat([&] {
    FunctionAlias& alias = owner.aliases.emplace_back();
    alias.name = in.string();
    alias.version_id = in.string();
    alias.description = in.string();
    alias.attributes = in.string();
    read_times(in, alias);
  });
}

void write_trigger(RecordWriter& out, const FunctionTrigger& trigger) {
  out.text(trigger.name);
  out.text(trigger.type);
  out.text(trigger.attributes);
  write_times(out, trigger);
}

FunctionTrigger read_trigger(RecordReader& in) {
  FunctionTrigger trigger;
  trigger.name = in.string();
  trigger.type = in.string();
  trigger.attributes = in.string();
  read_times(in, trigger);
  return trigger;
}

void write_config(RecordWriter& out, const AsyncConfig& config) {
  out.text(config.qualifier);
  out.flag(config.task_mode);
  out.text(config.on_success);
  out.text(config.on_failure);
  out.optional(config.max_retries, [&](std::int32_t value) { out.svarint(value); });
  out.optional(config.event_age_max, [&](Duration value) { out.duration(value); });
  write_times(out, config);
}

AsyncConfig read_config(RecordReader& in) {
  AsyncConfig config;
  config.qualifier = in.string();
  config.task_mode = in.flag();
  config.on_success = in.string();
  config.on_failure = in.string();
  config.max_retries = in.optional([&] { return in.int32(); });
  config.event_age_max = in.optional([&] { return in.duration(); });
  read_times(in, config);
  return config;
}

}  // namespace

void write_function(RecordWriter& out, const Function& function) {
  out.u8(kVersion);
  out.id(function.tenant);
  out.text(function.service);
  out.text(function.function);
  out.text(function.id);
  out.text(function.endpoint);
  out.text(function.handler);
  out.text(function.runtime);
  out.duration(function.timeout);
  out.svarint(function.memory_mb);
  out.svarint(function.concurrency_max);
  out.text(function.initializer);
  out.duration(function.initialization_timeout);
  out.text(function.log_project);
  out.text(function.log_store);
  out.u8(static_cast<std::uint8_t>((function.disabled ? kDisabled : 0) |
                                   (function.recursion_allowed ? kRecursionAllowed : 0)));
  out.text(function.attributes);
  write_times(out, function);
  write_belongings(out, function);
  out.varint(function.triggers.size());
  for (const FunctionTrigger& trigger : function.triggers) write_trigger(out, trigger);
  out.varint(function.configs.size());
  for (const AsyncConfig& config : function.configs) write_config(out, config);
}

Function read_function(RecordReader& in) {
  Function function;
  in.version(kVersion);
  function.tenant = in.id<TenantId>();
  function.service = in.string();
  function.function = in.string();
  function.id = in.string();
  function.endpoint = in.string();
  function.handler = in.string();
  function.runtime = in.string();
  function.timeout = in.duration();
  function.memory_mb = in.int32();
  function.concurrency_max = in.int32();
  function.initializer = in.string();
  function.initialization_timeout = in.duration();
  function.log_project = in.string();
  function.log_store = in.string();
  const std::uint8_t flags = in.flags(kDisabled | kRecursionAllowed);
  function.disabled = (flags & kDisabled) != 0;
  function.recursion_allowed = (flags & kRecursionAllowed) != 0;
  function.attributes = in.string();
  read_times(in, function);
  read_belongings(in, function);
  in.repeat([&] { function.triggers.push_back(read_trigger(in)); });
  in.repeat([&] { function.configs.push_back(read_config(in)); });
  return function;
}

void write_service(RecordWriter& out, const Service& service) {
  out.u8(kVersion);
  out.id(service.tenant);
  out.text(service.name);
  out.text(service.id);
  out.text(service.attributes);
  write_times(out, service);
  write_belongings(out, service);
}

Service read_service(RecordReader& in) {
  Service service;
  in.version(kVersion);
  service.tenant = in.id<TenantId>();
  service.name = in.string();
  service.id = in.string();
  service.attributes = in.string();
  read_times(in, service);
  read_belongings(in, service);
  return service;
}

}  // namespace ferry::store
