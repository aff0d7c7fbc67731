#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/encoding.h"
#include "base/random.h"
#include "store/test_rows.h"
#include "store/write_set_fields.h"

// What the tests do with every field of a row, by its list (fields.h): fill it with random contents
// and describe it.

namespace ferry::store::test {

// An optional field is there about half of the time, texts hold any byte, vectors are short.
class RandomFields {
 public:
  explicit RandomFields(Random& random) : random_(random) {}

  template <class T>
  void operator()(std::string_view, T& value) {
    fill(value);
  }
  template <class T>
  void present(std::string_view, std::shared_ptr<const T>& value) {
    auto made = std::make_shared<T>();
    fill(*made);
    value = std::move(made);
  }
  template <class T>
  void some(std::string_view, std::vector<T>& values) {
    fill(values);
    if (values.empty()) fill(values.emplace_back());
  }
  template <class... Flags>
  void bits(Bit<Flags>... bits) {
    ((bits.value = random_.one_in(2)), ...);
  }
  // Rows of the older versions are about as many as those of the newest.
  template <class List>
  void since(std::uint8_t, List list) {
    if (random_.one_in(2)) list();
  }

 private:
  template <class T>
  void fill(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      value = random_.one_in(2);
    } else if constexpr (std::is_enum_v<T>) {
      const auto first = static_cast<std::uint64_t>(EnumRange<T>::kFirst);
      const auto last = static_cast<std::uint64_t>(EnumRange<T>::kLast);
      value = static_cast<T>(first + random_.below(last - first + 1));
    } else if constexpr (std::is_unsigned_v<T>) {
      value = random_.next() >> random_.below(64);
    } else if constexpr (std::is_integral_v<T>) {
      const std::uint64_t number = random_.next() >> random_.below(64);
      value = static_cast<T>(random_.one_in(2) ? number : ~number);
    } else if constexpr (is_optional<T>) {
      value.reset();
      if (random_.one_in(2)) fill(value.emplace());
    } else if constexpr (is_vector<T>) {
      value.clear();
      for (std::uint64_t n = random_.below(4); n > 0; --n) fill(value.emplace_back());
    } else if constexpr (is_shared<T>) {
      value = nullptr;
      if (!random_.one_in(3)) present({}, value);
    } else if constexpr (Listed<T>) {
      FieldsOf<T>::list(*this, value);
    } else {
      random_value(random_, value);
    }
  }

  static void random_value(Random& random, TimePoint& value);
  static void random_value(Random& random, Duration& value);
  static void random_value(Random& random, std::string& value) { value = random_text(random); }
  static void random_value(Random& random, Bytes& value) {
    value = Bytes::take(random_text(random, 500));
  }
  static void random_value(Random& random, Sha256Digest& value) {
    value = sha256(random_text(random, 2));
  }
  static void random_value(Random& random, HeaderList& value) { value = random_headers(random); }
  static void random_value(Random& random, PublishOptions& value);
  template <class Tag>
  static void random_value(Random& random, Id<Tag>& value) {
    value = {static_cast<std::int64_t>(random.next() >> 1)};
  }

  Random& random_;
};

template <class T>
void fill_randomly(Random& random, T& row) {
  RandomFields fields(random);
  FieldsOf<T>::list(fields, row);
}

// "name=value " of every field; bytes that do not print are escaped.
class DescribedFields {
 public:
  template <class T>
  void operator()(std::string_view name, const T& value) {
    if constexpr (is_optional<T>) {
      if (value) (*this)(name, *value);
    } else if constexpr (is_shared<T>) {
      if (value != nullptr) (*this)(name, *value);
    } else if constexpr (is_vector<T>) {
      for (const auto& each : value) (*this)(name, each);
    } else if constexpr (Listed<T>) {
      out_.append(name).append("{ ");
      FieldsOf<T>::list(*this, value);
      out_.append("}\n");
    } else {
      out_.append(name).append("=").append(percent_encode(text_of(value))).append(" ");
    }
  }
  template <class... Ts>
  void operator()(std::string_view name, const std::variant<Ts...>& value) {
    (*this)(name, static_cast<std::uint64_t>(value.index()));
    std::visit([&](const auto& each) { (*this)(name, each); }, value);
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
  void since(std::uint8_t, List list) {
    list();
  }

  std::string take() { return std::move(out_); }

 private:
  template <class T>
  static std::string text_of(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      return value ? "yes" : "no";
    } else if constexpr (std::is_enum_v<T>) {
      return std::to_string(static_cast<int>(value));
    } else if constexpr (std::is_integral_v<T>) {
      return std::to_string(value);
    } else {
      return text_of_value(value);
    }
  }
  static std::string text_of_value(TimePoint value) { return std::to_string(to_unix_ms(value)); }
  static std::string text_of_value(Duration value) { return std::to_string(value.count()); }
  static std::string text_of_value(const std::string& value) { return value; }
  static std::string text_of_value(const Bytes& value) { return std::string(value.view()); }
  static std::string text_of_value(const Sha256Digest& value) { return hex_encode(as_text(value)); }
  static std::string text_of_value(const HeaderList& value) {
    std::string text;
    for (const HeaderField& header : value) {
      text.append(percent_encode(header.name)).append(":");
      text.append(percent_encode(header.value)).append(" ");
    }
    return text;
  }
  static std::string text_of_value(const PublishOptions& value) {
    std::string text;
    encode_publish_options(value, text);
    return text;
  }
  template <class Tag>
  static std::string text_of_value(Id<Tag> value) {
    return std::to_string(value.value);
  }

  std::string out_;
};

template <class T>
std::string describe_fields(const T& row) {
  DescribedFields fields;
  FieldsOf<T>::list(fields, row);
  return fields.take();
}

}  // namespace ferry::store::test
