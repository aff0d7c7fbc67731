#pragma once

#include "store/function_fields.h"
#include "store/message_fields.h"
#include "store/resource_fields.h"
#include "store/write_set.h"

// Of write-sets, which the records of the journal are. An operation is its number and then its
// fields. Explained in fields.h.

namespace ferry::store {

template <class T>
struct FieldsOfId {
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& operation) {
    field("id", operation.id);
  }
};
template <class T>
struct FieldsOfPrune {
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& operation) {
    field("before", operation.before);
  }
};

// Numbers are stored: never change or re-use one. Each is the place in RowOperation, from 1.
template <>
struct FieldsOf<PutMessage> {
  static constexpr std::string_view kName = "put_message";
  static constexpr std::uint8_t kNumber = 1;
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& operation) {
    field.present("message", operation.message);
  }
};
template <>
struct FieldsOf<DropMessage> : FieldsOfId<DropMessage> {
  static constexpr std::string_view kName = "drop_message";
  static constexpr std::uint8_t kNumber = 2;
};
template <>
struct FieldsOf<PutDelivery> {
  static constexpr std::string_view kName = "put_delivery";
  static constexpr std::uint8_t kNumber = 3;
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& operation) {
    field("delivery", operation.delivery);
  }
};
template <>
struct FieldsOf<DropDelivery> : FieldsOfId<DropDelivery> {
  static constexpr std::string_view kName = "drop_delivery";
  static constexpr std::uint8_t kNumber = 4;
};
template <>
struct FieldsOf<AppendEntry> {
  static constexpr std::string_view kName = "append_entry";
  static constexpr std::uint8_t kNumber = 5;
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& operation) {
    field("entry", operation.entry);
  }
};
template <>
struct FieldsOf<PutDeadLetter> {
  static constexpr std::string_view kName = "put_dead_letter";
  static constexpr std::uint8_t kNumber = 6;
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& operation) {
    field.present("letter", operation.letter);
  }
};
template <>
struct FieldsOf<DropDeadLetter> : FieldsOfId<DropDeadLetter> {
  static constexpr std::string_view kName = "drop_dead_letter";
  static constexpr std::uint8_t kNumber = 7;
};
template <>
struct FieldsOf<PruneDeadLetters> : FieldsOfPrune<PruneDeadLetters> {
  static constexpr std::string_view kName = "prune_dead_letters";
  static constexpr std::uint8_t kNumber = 8;
};
template <>
struct FieldsOf<PutDedup> {
  static constexpr std::string_view kName = "put_dedup";
  static constexpr std::uint8_t kNumber = 9;
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& operation) {
    field("record", operation.record);
  }
};
template <>
struct FieldsOf<PruneDedup> : FieldsOfPrune<PruneDedup> {
  static constexpr std::string_view kName = "prune_dedup";
  static constexpr std::uint8_t kNumber = 10;
};
template <>
struct FieldsOf<PutTenant> {
  static constexpr std::string_view kName = "put_tenant";
  static constexpr std::uint8_t kNumber = 11;
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& operation) {
    field.present("tenant", operation.tenant);
  }
};
template <>
struct FieldsOf<DropTenant> : FieldsOfId<DropTenant> {
  static constexpr std::string_view kName = "drop_tenant";
  static constexpr std::uint8_t kNumber = 12;
};
template <>
struct FieldsOf<PutSetting> {
  static constexpr std::string_view kName = "put_setting";
  static constexpr std::uint8_t kNumber = 13;
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& operation) {
    field("key", operation.key);
    field("value", operation.value);
  }
};
template <>
struct FieldsOf<ReleaseMessage> : FieldsOfId<ReleaseMessage> {
  static constexpr std::string_view kName = "release_message";
  static constexpr std::uint8_t kNumber = 14;
};
template <>
struct FieldsOf<PutResource> {
  static constexpr std::string_view kName = "put_resource";
  static constexpr std::uint8_t kNumber = 15;
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& operation) {
    field("resource", operation.resource);
  }
};
template <>
struct FieldsOf<DropResource> {
  static constexpr std::string_view kName = "drop_resource";
  static constexpr std::uint8_t kNumber = 16;
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& operation) {
    field("kind", operation.kind);
    field("tenant", operation.tenant);
    field("name", operation.name);
  }
};
template <>
struct FieldsOf<PutSequence> {
  static constexpr std::string_view kName = "put_sequence";
  static constexpr std::uint8_t kNumber = 17;
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& operation) {
    field("sequence", operation.sequence);
  }
};

template <>
struct FieldsOf<WriteSet> {
  static constexpr std::string_view kName = "write_set";
  static constexpr std::uint8_t kVersion = 1;
  template <class Visitor, class Row>
  static void list(Visitor& field, Row& set) {
    field("operation", set.operations);
  }
};

}  // namespace ferry::store
