#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

// One list of fields for each type that is stored, in the order of their bytes. The same list
// serves the writer and the reader (record_codec.h), the grammar (records.grammar, which a test
// compares), and the random rows and descriptions of the tests.
//
//   template <>
//   struct FieldsOf<Queue> {
//     static constexpr std::string_view kName = "queue";  // in the grammar
//     static constexpr std::uint8_t kVersion = 1;         // the newest; a part of a record has
//     none template <class Visitor, class Row>                 // Row: Queue or const Queue static
//     void list(Visitor& field, Row& row) {
//       field("tenant", row.tenant);
//     }
//   };
//
// How a value is encoded follows from its type (record_codec.h). Besides `field(name, value)`:
//
//   field.bits(Bit{name, flag}...)     up to eight flags in one byte, the first one in bit 1
//   field.present(name, pointer)       a pointer that is never null, encoded as what it points to
//   field.some(name, vector)           a vector that is never empty
//   field.since(version, [&] { … })    fields that came with that version of the record
//
// A row is written in the oldest version that holds all of it, so a program of that version reads
// it. A new field stands at the end of its record, in `since` of a new version, and its absence
// means the value that a new row of that type has. Nothing in a list is ever moved or removed.

namespace ferry::store {

template <class T>
struct FieldsOf;

// The first and last enumerator of a stored enum, which is numbered without gaps.
template <class E>
struct EnumRange;

template <class T>
concept Listed = requires { FieldsOf<T>::kName; };
// Begins with its version.
template <class T>
concept ListedRecord = Listed<T> && requires { FieldsOf<T>::kVersion; };

template <class Flag>
struct Bit {
  std::string_view name;
  Flag& value;
};
template <class Flag>
Bit(std::string_view, Flag&) -> Bit<Flag>;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
template <class T>
inline constexpr bool is_shared = false;
template <class T>
inline constexpr bool is_shared<std::shared_ptr<const T>> = true;

}  // namespace ferry::store
