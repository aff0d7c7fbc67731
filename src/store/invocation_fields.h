#pragma once

#include "domain/invocation.h"
#include "store/fields.h"

// Of the parts of a message that invocations and pushes have. Explained in fields.h.

namespace ferry::store {

template <>
struct FieldsOf<Lineage::Visit> {
  static constexpr std::string_view kName = "visit";
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& visit) {
    field("function", visit.function);
    field("count", visit.count);
  }
};

template <>
struct FieldsOf<Lineage> {
  static constexpr std::string_view kName = "lineage";
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& lineage) {
    field("root", lineage.root);
    field("hops", lineage.hops);
    field("visit", lineage.visits);
  }
};

template <>
struct FieldsOf<Invocation> {
  static constexpr std::string_view kName = "invocation";
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& invocation) {
    field("request_id", invocation.request_id);
    field("service", invocation.service);
    field("function", invocation.function);
    field("qualifier", invocation.qualifier);
    field("arn", invocation.arn);
    field("handler", invocation.handler);
    field("memory_mb", invocation.memory_mb);
    field("initializer", invocation.initializer);
    field("initialization_timeout", invocation.initialization_timeout);
    field("log_project", invocation.log_project);
    field("log_store", invocation.log_store);
    field("event_age_max", invocation.event_age_max);
    field("task_mode", invocation.task_mode);
    field("task_id", invocation.task_id);
    field("lineage", invocation.lineage);
  }
};

template <>
struct FieldsOf<PushOrigin> {
  static constexpr std::string_view kName = "push";
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& push) {
    field("event_id", push.event_id);
    field("success", push.success);
    field("request_id", push.request_id);
    field("service", push.service);
    field("function", push.function);
    field("qualifier", push.qualifier);
    field("arn", push.arn);
    field("lineage", push.lineage);
  }
};

}  // namespace ferry::store
