#include "app/cli/client/shown.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "app/cli/table.h"
#include "base/time.h"

namespace ferry::app::cli {
namespace {

constexpr std::array<std::string_view, 7> kTimes = {"time",
                                                    "createdAt",
                                                    "updatedAt",
                                                    "notBefore",
                                                    "nextDeliveryTime",
                                                    "lastScheduleTime",
                                                    "nextScheduleTime"};
// The wire spells some members twice, for clients that differ.
constexpr std::array<std::string_view, 3> kTwins = {"callerIp", "urlGroup", "retryDelayExpr"};

bool is_one_of(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::string value_text(const JsonValue& value, std::string_view name);

std::string elements_text(const JsonValue& array, std::string_view name) {
  std::string text;
  for (std::size_t i = 0; i < array.size(); ++i) {
    text += (i == 0 ? "" : ", ") + value_text(array.element(i), name);
  }
  return text;
}

std::string members_text(const JsonValue& object) {
  std::string text;
  for (std::size_t i = 0; i < object.size(); ++i) {
    const JsonMember member = object.member(i);
    text +=
        (i == 0 ? "" : "; ") + harmless(member.name) + ": " + value_text(member.value, member.name);
  }
  return text;
}

std::string number_text(const JsonValue& value, std::string_view name) {
  const auto number = value.integer();
  if (!number) return "-";
  if (is_one_of(kTimes, name)) return format_rfc3339(from_unix_ms(*number));
  return std::to_string(*number);
}

std::string value_text(const JsonValue& value, std::string_view name) {
  switch (value.kind()) {
    case JsonKind::kNull:
      return "-";
    case JsonKind::kBool:
      return value.flag().value_or(false) ? "yes" : "no";
    case JsonKind::kNumber:
      return number_text(value, name);
    case JsonKind::kText:
      return harmless(*value.text());
    case JsonKind::kArray:
      return elements_text(value, name);
    case JsonKind::kObject:
      return members_text(value);
  }
  return "-";
}

std::string escaped(char c) {
  if (c == '\n') return "\\n";
  if (c == '\t') return "\\t";
  if (c == '\r') return "\\r";
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  return {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
}

}  // namespace

std::string harmless(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F are control characters as well; in UTF-8 they begin with 0xC2.
    const bool is_c1 =
        byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (byte < ' ' || byte == 0x7F) {
      shown += escaped(text[i]);
    } else if (is_c1) {
      shown += escaped(text[++i]);
    } else {
      shown += text[i];
    }
  }
  return shown;
}

std::string cell_text(const JsonValue& object, std::string_view member) {
  const auto value = object.find(member);
  return value ? value_text(*value, member) : "-";
}

std::string ListText::page(const JsonValue& rows) {
  std::vector<std::size_t> all(rows.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return this->rows(rows, all);
}

std::string ListText::rows(const JsonValue& rows, std::span<const std::size_t> indices) {
  TableRows table;
  if (widths_.empty()) {
    std::vector<std::string>& headings = table.emplace_back();
    for (const Column& column : columns_) headings.emplace_back(column.heading);
  }
  for (const std::size_t index : indices) {
    const JsonValue row = rows.element(index);
    std::vector<std::string>& cells = table.emplace_back();
    for (const Column& column : columns_) {
      cells.push_back(column.text ? column.text(row) : cell_text(row, column.member));
    }
  }
  return format_table(table, widths_);
}

std::string list_text(std::span<const Column> columns, const JsonValue& rows) {
  return ListText(columns).page(rows);
}

std::string record_text(const JsonValue& object) {
  TableRows table;
  for (std::size_t i = 0; i < object.size(); ++i) {
    const JsonMember member = object.member(i);
    if (is_one_of(kTwins, member.name)) continue;
    table.push_back({harmless(member.name), value_text(member.value, member.name)});
  }
  return format_table(table);
}

}  // namespace ferry::app::cli
