#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace ferry::app::cli {

// One column of a list. Without `text` it is the cell_text of the member.
struct Column {
  std::string_view heading;
  std::string_view member;
  std::string (*text)(const JsonValue& row) = nullptr;
};

// A member of an answer for people: times as RFC 3339, yes and no, lists with commas, "-" for what
// is absent. Never a control character, which a terminal might obey.
std::string cell_text(const JsonValue& object, std::string_view member);

// Text with its control characters escaped.
std::string harmless(std::string_view text);

// A list whose pages are shown one after the other: the heading once, and the columns of later
// pages at least as wide as those of the earlier ones.
class ListText {
 public:
  explicit ListText(std::span<const Column> columns) : columns_(columns) {}
  std::string page(const JsonValue& rows);
  // Of the page only these rows, in this order.
  std::string rows(const JsonValue& rows, std::span<const std::size_t> indices);

 private:
  std::span<const Column> columns_;
  std::vector<std::size_t> widths_;
};

// A whole list.
std::string list_text(std::span<const Column> columns, const JsonValue& rows);

// Every member of one thing, a line each.
std::string record_text(const JsonValue& object);

}  // namespace ferry::app::cli
