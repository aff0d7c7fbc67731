#pragma once

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/check.h"
#include "store/fields.h"
#include "store/record_parts.h"

// Writes and reads rows by their lists of fields (fields.h). A value is encoded by its type, in the
// terms of record_parts.cc: a bool as a flag, signed integers as svarint, LaneId as varint, an enum
// as u8, ids, times, durations, texts and bytes under their names, an optional value and a pointer
// with a flag in front, a vector with its count in front, a variant with the number of its
// alternative in front, from 1. Lists are inlined, so what is left of one is straight code.

namespace ferry::store {

template <class T>
inline constexpr bool is_variant = false;
template <class... Ts>
inline constexpr bool is_variant<std::variant<Ts...>> = true;

// The oldest version of a record that holds all of a row: that of the newest field with a value.
class VersionNeeded {
 public:
  template <class T>
  void operator()(std::string_view, const T& value) {
    if (since_ > version_ && !is_absent(value)) version_ = since_;
  }
  template <class T>
  void present(std::string_view name, const T& value) {
    (*this)(name, value);
  }
  template <class T>
  void some(std::string_view name, const T& value) {
    (*this)(name, value);
  }
  template <class... Flags>
  void bits(Bit<Flags>... bits) {
    ((*this)(bits.name, bits.value), ...);
  }
  template <class List>
  void since(std::uint8_t version, List list) {
    since_ = version;
    list();
    since_ = 0;
  }
  std::uint8_t version() const { return version_; }

 private:
  template <class T>
  static bool is_absent(const T& value) {
    if constexpr (requires { value.empty(); }) {
      return value.empty();
    } else if constexpr (requires { value.has_value(); }) {
      return !value.has_value();
    } else {
      return value == T{};
    }
  }

  std::uint8_t version_ = 1;
  std::uint8_t since_ = 0;
};

template <class T>
std::uint8_t version_needed(const T& row) {
  if constexpr (FieldsOf<T>::kVersion == 1) return 1;
  VersionNeeded needed;
  [[clang::always_inline]] FieldsOf<T>::list(needed, row);
  return needed.version();
}

class FieldWriter {
 public:
  FieldWriter(RecordWriter& out, std::uint8_t version) : out_(out), version_(version) {}

  template <class T>
  void operator()(std::string_view, const T& value) {
    put(value);
  }
  template <class T>
  void present(std::string_view, const std::shared_ptr<const T>& value) {
    CHECK(value != nullptr);
    put(*value);
  }
  template <class T>
  void some(std::string_view, const std::vector<T>& values) {
    CHECK(!values.empty());
    put(values);
  }
  template <class... Flags>
  void bits(Bit<Flags>... bits) {
    unsigned byte = 0, place = 1;
    ((byte |= bits.value ? place : 0u, place <<= 1), ...);
    out_.u8(static_cast<std::uint8_t>(byte));
  }
  template <class List>
  void since(std::uint8_t version, List list) {
    if (version_ >= version) list();
  }

 private:
  void put(bool value) { out_.flag(value); }
  void put(std::int32_t value) { out_.svarint(value); }
  void put(std::int64_t value) { out_.svarint(value); }
  void put(std::uint64_t value) { out_.varint(value); }
  void put(TimePoint value) { out_.time(value); }
  void put(Duration value) { out_.duration(value); }
  void put(const std::string& value) { out_.text(value); }
  void put(const Bytes& value) { out_.text(value.view()); }
  void put(const Sha256Digest& value) { out_.digest(value); }
  void put(const HeaderList& value) { out_.headers(value); }
  void put(const PublishOptions& value) { out_.options(value); }
  template <class Tag>
  void put(Id<Tag> value) {
    out_.id(value);
  }
  template <class E>
    requires std::is_enum_v<E>
  void put(E value) {
    out_.enumerator(value);
  }
  template <class T>
  void put(const std::optional<T>& value) {
    out_.flag(value.has_value());
    if (value) put(*value);
  }
  template <class T>
  void put(const std::shared_ptr<const T>& value) {
    out_.flag(value != nullptr);
    if (value != nullptr) put(*value);
  }
  template <class T>
  void put(const std::vector<T>& values) {
    out_.varint(values.size());
    for (const T& value : values) put(value);
  }
  template <class... Ts>
  void put(const std::variant<Ts...>& value) {
    out_.u8(static_cast<std::uint8_t>(value.index() + 1));
    std::visit([this](const auto& each) { this->put_alternative(each); }, value);
  }
  template <class T>
  void put_alternative(const T& value) {
    if constexpr (is_shared<T>) {
      present({}, value);
    } else {
      put(value);
    }
  }
  template <Listed T>
  void put(const T& row);

  RecordWriter& out_;
  std::uint8_t version_;
};

template <class T>
void write_record(RecordWriter& out, const T& row) {
  const std::uint8_t version = version_needed(row);
  out.u8(version);
  FieldWriter writer(out, version);
  [[clang::always_inline]] FieldsOf<T>::list(writer, row);
}

template <Listed T>
void FieldWriter::put(const T& row) {
  if constexpr (ListedRecord<T>) {
    write_record(out_, row);
  } else {
    [[clang::always_inline]] FieldsOf<T>::list(*this, row);
  }
}

// Fills a row whose fields all have the values of a new one.
class FieldReader {
 public:
  FieldReader(RecordReader& in, std::uint8_t version) : in_(in), version_(version) {}

  template <class T>
  void operator()(std::string_view, T& value) {
    get(value);
  }
  template <class T>
  void present(std::string_view, std::shared_ptr<const T>& value) {
    auto made = std::make_shared<T>();
    get(*made);
    value = std::move(made);
  }
  template <class T>
  void some(std::string_view, std::vector<T>& values) {
    get(values);
    if (values.empty()) in_.refuse();
  }
  template <class... Flags>
  void bits(Bit<Flags>... bits) {
    const unsigned byte = in_.flags(static_cast<std::uint8_t>((1u << sizeof...(Flags)) - 1));
    unsigned place = 1;
    ((bits.value = (byte & place) != 0, place <<= 1), ...);
  }
  template <class List>
  void since(std::uint8_t version, List list) {
    if (version_ >= version) list();
  }

 private:
  void get(bool& value) { value = in_.flag(); }
  void get(std::int32_t& value) { value = in_.int32(); }
  void get(std::int64_t& value) { value = in_.svarint(); }
  void get(std::uint64_t& value) { value = in_.varint(); }
  void get(TimePoint& value) { value = in_.time(); }
  void get(Duration& value) { value = in_.duration(); }
  void get(std::string& value) { value = in_.string(); }
  void get(Bytes& value) { value = Bytes::copy(in_.text()); }
  void get(Sha256Digest& value) { value = in_.digest(); }
  void get(HeaderList& value) { value = in_.headers(); }
  void get(PublishOptions& value) { value = in_.options(); }
  template <class Tag>
  void get(Id<Tag>& value) {
    value = in_.id<Id<Tag>>();
  }
  template <class E>
    requires std::is_enum_v<E>
  void get(E& value) {
    value = in_.enumerator(EnumRange<E>::kFirst, EnumRange<E>::kLast);
  }
  template <class T>
  void get(std::optional<T>& value) {
    if (in_.flag()) get(value.emplace());
  }
  template <class T>
  void get(std::shared_ptr<const T>& value) {
    if (in_.flag()) present({}, value);
  }
  template <class T>
  void get(std::vector<T>& values) {
    in_.repeat([&] { get(values.emplace_back()); });
  }
  template <class... Ts>
  void get(std::variant<Ts...>& value) {
    get_alternative(value, in_.u8(), std::index_sequence_for<Ts...>{});
  }
  template <class Variant, std::size_t... Places>
  void get_alternative(Variant& value, std::uint8_t number, std::index_sequence<Places...>) {
    const bool known = ((number == Places + 1 && get_new(value.template emplace<Places>())) || ...);
    if (!known) in_.refuse();
  }
  template <class T>
  bool get_new(T& value) {
    if constexpr (is_shared<T>) {
      present({}, value);
    } else {
      get(value);
    }
    return true;
  }
  template <Listed T>
  void get(T& row);

  RecordReader& in_;
  std::uint8_t version_;
};

template <class T>
void read_record(RecordReader& in, T& row) {
  const std::uint8_t version = in.version(FieldsOf<T>::kVersion);
  FieldReader reader(in, version);
  FieldsOf<T>::list(reader, row);
}

template <Listed T>
void FieldReader::get(T& row) {
  if constexpr (ListedRecord<T>) {
    read_record(in_, row);
  } else {
    [[clang::always_inline]] FieldsOf<T>::list(*this, row);
  }
}

}  // namespace ferry::store
