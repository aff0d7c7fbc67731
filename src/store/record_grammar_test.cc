#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "domain/publish_options_fields.h"
#include "store/write_set_fields.h"

// The grammar of all records, made from their lists of fields, must be what records.grammar says:
// so every change of stored bytes shows in a file that is read in reviews.

namespace ferry::store {
namespace {

std::string range(int first, int last) {
  const std::string from = "(" + std::to_string(first);
  return first == last ? from + ")" : from + "-" + std::to_string(last) + ")";
}

// What a value of some type is called in the grammar.
template <class T>
std::string type_name() {
  if constexpr (std::is_same_v<T, bool>) return "flag";
  if constexpr (std::is_same_v<T, std::int32_t> || std::is_same_v<T, std::int64_t>)
    return "svarint";
  if constexpr (std::is_same_v<T, std::uint64_t>) return "varint";
  if constexpr (std::is_same_v<T, TimePoint>) return "time";
  if constexpr (std::is_same_v<T, Duration>) return "duration";
  if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, Bytes>) return "text";
  if constexpr (std::is_same_v<T, Sha256Digest>) return "digest";
  if constexpr (std::is_same_v<T, HeaderList>) return "headers";
  if constexpr (std::is_same_v<T, PublishOptions>) return "options";
  if constexpr (requires(T id) { id.value + 1; }) return "id";
  if constexpr (std::is_same_v<T, Resource>) return "resource";
  if constexpr (std::is_same_v<T, RowOperation>) return "operation";
  if constexpr (std::is_enum_v<T>) {
    return "u8" +
           range(static_cast<int>(EnumRange<T>::kFirst), static_cast<int>(EnumRange<T>::kLast));
  }
  if constexpr (is_vector<T>) return type_name<typename T::value_type>() + "*";
  if constexpr (is_optional<T>) return type_name<typename T::value_type>() + "?";
  if constexpr (is_shared<T>) return type_name<std::remove_cv_t<typename T::element_type>>() + "?";
  if constexpr (Listed<T>) return std::string(FieldsOf<T>::kName);
}

// The definitions of a type and of all that it is made of, each once, in the order met.
class Grammar {
 public:
  template <class T>
  void define() {
    if constexpr (is_vector<T> || is_optional<T>) {
      define<typename T::value_type>();
    } else if constexpr (is_shared<T>) {
      define<std::remove_cv_t<typename T::element_type>>();
    } else if constexpr (std::is_same_v<T, Resource> || std::is_same_v<T, RowOperation>) {
      define_variant(static_cast<const T*>(nullptr));
    } else if constexpr (Listed<T>) {
      if (!defined_.insert(type_name<T>()).second) return;
      const std::string outer = std::exchange(text_, type_name<T>() + " :=\n");
      const std::string outer_since = std::exchange(since_, "");
      if constexpr (requires { FieldsOf<T>::kVersion; }) {
        line("version", "u8" + range(1, FieldsOf<T>::kVersion));
      }
      T row{};
      FieldsOf<T>::list(*this, row);
      done_ += text_ + "\n";
      text_ = outer;
      since_ = outer_since;
    }
  }

  template <class T>
  void operator()(std::string_view name, const T&) {
    line(name, type_name<T>());
    define<T>();
  }
  template <class T>
  void present(std::string_view name, const std::shared_ptr<const T>&) {
    line(name, type_name<T>());
    define<T>();
  }
  template <class T>
  void some(std::string_view name, const std::vector<T>&) {
    line(name, type_name<T>() + "+");
    define<T>();
  }
  template <class... Flags>
  void bits(Bit<Flags>... bits) {
    int place = 1;
    std::string names;
    ((names += (place > 1 ? ", " : "") + std::to_string(place) + ": " + std::string(bits.name),
      place *= 2),
     ...);
    line("flags", "flags(" + names + ")");
  }
  template <class List>
  void since(std::uint8_t version, List list) {
    since_ = "since " + std::to_string(version) + "  ";
    list();
    since_.clear();
  }

  // What a publisher may set: fields with their numbers, up to a 0 (publish_options_codec.cc).
  template <class T>
  void operator()(std::uint8_t number, std::string_view name, const std::optional<T>&) {
    text_ += "  " + std::to_string(number) + " " + std::string(name) + ":" + type_name<T>() + "\n";
  }
  void operator()(std::uint8_t number, std::string_view name, const HeaderList&) {
    text_ += "  " + std::to_string(number) + " " + std::string(name) + ":header\n";
  }
  void define_options() {
    text_ = "options :=\n";
    const PublishOptions options;
    list_publish_options(*this, options);
    done_ += text_;
  }

  const std::string& text() const { return done_; }

 private:
  void line(std::string_view name, const std::string& type) {
    text_ += "  " + since_ + std::string(name) + ":" + type + "\n";
  }

  template <class... Ts>
  void define_variant(const std::variant<Ts...>*) {
    const std::string name = type_name<std::variant<Ts...>>();
    if (!defined_.insert(name).second) return;
    int number = 0;
    std::string text = name + " :=\n";
    (
        [&] {
          std::string alternative = type_name<Ts>();
          if (alternative.ends_with('?')) alternative.pop_back();
          text += "  | " + std::to_string(++number) + " " + alternative + "\n";
        }(),
        ...);
    done_ += text + "\n";
    (define<Ts>(), ...);
  }

  std::string done_;
  std::string text_;
  std::string since_;
  std::set<std::string> defined_;
};

}  // namespace

TEST(RecordGrammar, IsWhatTheFileSays) {
  Grammar grammar;
  grammar.define<WriteSet>();
  grammar.define_options();
  std::ifstream file(FERRY_RECORD_GRAMMAR);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  text.erase(0, text.find("operation :="));  // what explains it
  EXPECT_EQ(text, grammar.text());
}

}  // namespace ferry::store
