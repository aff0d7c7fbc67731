#pragma once

#include "domain/function.h"
#include "store/fields.h"

// Of functions and services. Explained in fields.h.

namespace ferry::store {

template <>
struct FieldsOf<FunctionVersion> {
  static constexpr std::string_view kName = "version";
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& version) {
    field("id", version.id);
    field("description", version.description);
    field("created_at", version.created_at);
    field("modified_at", version.modified_at);
  }
};

template <>
struct FieldsOf<FunctionAlias> {
  static constexpr std::string_view kName = "alias";
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& alias) {
    field("name", alias.name);
    field("version_id", alias.version_id);
    field("description", alias.description);
    field("attributes", alias.attributes);
    field("created_at", alias.created_at);
    field("modified_at", alias.modified_at);
  }
};

template <>
struct FieldsOf<FunctionTrigger> {
  static constexpr std::string_view kName = "trigger";
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& trigger) {
    field("name", trigger.name);
    field("type", trigger.type);
    field("attributes", trigger.attributes);
    field("created_at", trigger.created_at);
    field("modified_at", trigger.modified_at);
  }
};

template <>
struct FieldsOf<AsyncConfig> {
  static constexpr std::string_view kName = "config";
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& config) {
    field("qualifier", config.qualifier);
    field("task_mode", config.task_mode);
    field("on_success", config.on_success);
    field("on_failure", config.on_failure);
    field("max_retries", config.max_retries);
    field("event_age_max", config.event_age_max);
    field("created_at", config.created_at);
    field("modified_at", config.modified_at);
  }
};

template <>
struct FieldsOf<Function> {
  static constexpr std::string_view kName = "function";
  static constexpr std::uint8_t kVersion = 1;
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& function) {
    field("tenant", function.tenant);
    field("service", function.service);
    field("function", function.function);
    field("id", function.id);
    field("endpoint", function.endpoint);
    field("handler", function.handler);
    field("runtime", function.runtime);
    field("timeout", function.timeout);
    field("memory_mb", function.memory_mb);
    field("concurrency_max", function.concurrency_max);
    field("initializer", function.initializer);
    field("initialization_timeout", function.initialization_timeout);
    field("log_project", function.log_project);
    field("log_store", function.log_store);
    field.bits(Bit{"disabled", function.disabled},
               Bit{"recursion_allowed", function.recursion_allowed});
    field("attributes", function.attributes);
    field("created_at", function.created_at);
    field("modified_at", function.modified_at);
    field("last_version", function.last_version);
    field("version", function.versions);
    field("alias", function.aliases);
    field("trigger", function.triggers);
    field("config", function.configs);
  }
};

template <>
struct FieldsOf<Service> {
  static constexpr std::string_view kName = "service";
  static constexpr std::uint8_t kVersion = 1;
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& service) {
    field("tenant", service.tenant);
    field("name", service.name);
    field("id", service.id);
    field("attributes", service.attributes);
    field("created_at", service.created_at);
    field("modified_at", service.modified_at);
    field("last_version", service.last_version);
    field("version", service.versions);
    field("alias", service.aliases);
  }
};

}  // namespace ferry::store
