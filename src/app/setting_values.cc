#include "app/setting_values.h"

#include <charconv>

#include "base/encoding.h"

namespace ferry::app {
namespace {

Error expected(std::string what) { return Error{ErrorCode::kInvalidRequest, "expected " + what}; }

template <class T>
Result<T> parse(std::string_view text, const std::string& what) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::unexpected(expected(what + ", got '" + std::string(text) + "'"));
  }
  return value;
}

Result<std::uint64_t> unit_of(std::string_view suffix) {
  constexpr std::string_view kLetters = "kmgt";
  std::string unit = to_lower(trim(suffix));
  if (!unit.empty() && unit.back() == 'b') unit.pop_back();
  if (unit.size() == 2 && unit[1] == 'i') unit.pop_back();
  if (unit.empty()) return 1;
  const std::size_t power = kLetters.find(unit);
  if (unit.size() != 1 || power == std::string_view::npos) {
    return std::unexpected(
        expected("a size such as 64MB, got the unit '" + std::string(suffix) + "'"));
  }
  return 1ull << (10 * (power + 1));
}

}  // namespace

Result<std::string> read_text(const SettingTexts& texts) {
  if (texts.size() != 1) return std::unexpected(expected("one value"));
  return texts.front();
}

Result<std::int64_t> read_integer(const SettingTexts& texts, IntegerBounds bounds) {
  ASSIGN_OR_RETURN(const std::string text, read_text(texts));
  ASSIGN_OR_RETURN(const std::int64_t value, parse<std::int64_t>(trim(text), "an integer"));
  if (value < bounds.min || value > bounds.max) {
    return std::unexpected(expected("an integer from " + std::to_string(bounds.min) + " to " +
                                    std::to_string(bounds.max)));
  }
  return value;
}

Result<double> read_number(const SettingTexts& texts, double min, double max) {
  ASSIGN_OR_RETURN(const std::string text, read_text(texts));
  ASSIGN_OR_RETURN(const double value, parse<double>(trim(text), "a number"));
  if (!(value >= min && value <= max)) {
    return std::unexpected(
        expected("a number from " + std::to_string(min) + " to " + std::to_string(max)));
  }
  return value;
}

Result<std::uint64_t> read_bytes(const SettingTexts& texts, std::uint64_t min, std::uint64_t max) {
  ASSIGN_OR_RETURN(const std::string text, read_text(texts));
  const std::string_view trimmed = trim(text);
  const std::size_t digits = std::min(trimmed.find_first_not_of("0123456789"), trimmed.size());
  ASSIGN_OR_RETURN(const std::uint64_t count,
                   parse<std::uint64_t>(trimmed.substr(0, digits), "a size such as 64MB"));
  ASSIGN_OR_RETURN(const std::uint64_t unit, unit_of(trimmed.substr(digits)));
  if (count > max / unit || count * unit < min) {
    return std::unexpected(
        expected("a size from " + std::to_string(min) + " to " + std::to_string(max) + " bytes"));
  }
  return count * unit;
}

Result<Duration> read_duration(const SettingTexts& texts, Duration min, Duration max) {
  ASSIGN_OR_RETURN(const std::string text, read_text(texts));
  ASSIGN_OR_RETURN(const Duration value, parse_duration(text));
  if (value < min || value > max) {
    return std::unexpected(
        expected("a duration from " + format_duration(min) + " to " + format_duration(max)));
  }
  return value;
}

Result<bool> read_flag(const SettingTexts& texts) {
  ASSIGN_OR_RETURN(const std::string text, read_text(texts));
  const std::string value = to_lower(trim(text));
  if (value == "true" || value == "1" || value == "yes" || value == "on") return true;
  if (value == "false" || value == "0" || value == "no" || value == "off") return false;
  return std::unexpected(expected("true or false, got '" + text + "'"));
}

Result<std::vector<std::string>> read_list(const SettingTexts& texts) {
  std::vector<std::string> items;
  for (const std::string& text : texts) {
    std::string_view rest = text;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      const std::string_view item = trim(rest.substr(0, comma));
      if (!item.empty()) items.emplace_back(item);
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return items;
}

Result<std::map<std::string, std::string>> read_map(const SettingTexts& texts) {
  ASSIGN_OR_RETURN(const std::vector<std::string> items, read_list(texts));
  std::map<std::string, std::string> map;
  for (const std::string& item : items) {
    const std::size_t equals = item.find('=');
    if (equals == std::string::npos || equals == 0) {
      return std::unexpected(expected("key=value, got '" + item + "'"));
    }
    map[std::string(trim(std::string_view(item).substr(0, equals)))] =
        std::string(trim(std::string_view(item).substr(equals + 1)));
  }
  return map;
}

Result<HostAndPort> read_host_and_port(const SettingTexts& texts) {
  ASSIGN_OR_RETURN(const std::string text, read_text(texts));
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return std::unexpected(expected("host:port, got '" + text + "'"));
  std::string host = text.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  ASSIGN_OR_RETURN(const std::int64_t port,
                   parse<std::int64_t>(std::string_view(text).substr(colon + 1), "a port number"));
  if (port < 0 || port > 65'535) return std::unexpected(expected("a port from 0 to 65535"));
  return HostAndPort{host.empty() ? "0.0.0.0" : host, static_cast<std::uint16_t>(port)};
}

}  // namespace ferry::app
