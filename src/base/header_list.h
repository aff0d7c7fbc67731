#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ferry {

struct HeaderField {
  std::string name;
  std::string value;

  friend bool operator==(const HeaderField&, const HeaderField&) = default;
};

// HTTP header fields in the order they came; names compare without regard to case and may repeat.
class HeaderList {
 public:
  HeaderList() = default;
  HeaderList(std::initializer_list<HeaderField> fields) : fields_(fields) {}

  void add(std::string name, std::string value);
  // Replaces every field of that name by one.
  void set(std::string name, std::string value);
  void remove(std::string_view name);
  void reserve(std::size_t count) { fields_.reserve(count); }

  // The last value of `name`, or null: of single-valued options the last one wins.
  const std::string* find(std::string_view name) const;
  bool contains(std::string_view name) const { return find(name) != nullptr; }

  const std::vector<HeaderField>& fields() const { return fields_; }
  bool empty() const { return fields_.empty(); }
  std::size_t size() const { return fields_.size(); }
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

  friend bool operator==(const HeaderList&, const HeaderList&) = default;

 private:
  std::vector<HeaderField> fields_;
};

// Go's canonical MIME form: "x-api-key" becomes "X-Api-Key" (contract section 0.1). A name with a
// character that no header name may have is returned unchanged.
std::string canonical_header_name(std::string_view name);

// RFC 9110 section 5.1: one or more token characters.
bool is_header_name(std::string_view name);
// RFC 9110 section 5.5: no control character but tab (so no CR, LF or NUL).
bool is_header_value(std::string_view value);

}  // namespace ferry
