#include "dispatch/senders/json_answer.h"

#include <algorithm>
#include <charconv>

namespace ferry::dispatch {
namespace {

constexpr std::size_t kValuesMax = 10'000;  // what services answer to one push has a few

std::optional<JsonValue> member(const JsonValue& from, std::string_view name) {
  if (from.kind() != JsonKind::kArray) return from.find(name);
  if (from.size() == 0) return std::nullopt;
  return from.element(0).find(name);
}

std::optional<JsonValue> find(JsonValue root, std::string_view path) {
  std::optional<JsonValue> found = root;
  while (found && !path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    found = member(*found, path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return found;
}

}  // namespace

JsonAnswer::JsonAnswer(std::string_view text) {
  if (Result<JsonDocument> document = JsonDocument::parse(text, {.values_max = kValuesMax})) {
    document_.emplace(std::move(*document));
  }
}

std::string JsonAnswer::text(std::string_view path) const {
  if (!document_) return "";
  const auto found = find(document_->root(), path);
  return std::string(found ? found->text().value_or("") : "");
}

std::optional<std::int64_t> JsonAnswer::integer(std::string_view path) const {
  if (!document_) return std::nullopt;
  const auto found = find(document_->root(), path);
  if (!found) return std::nullopt;
  if (const auto number = found->integer()) return number;
  const std::string_view quoted = found->text().value_or("");
  std::int64_t value = 0;
  const char* const end = quoted.data() + quoted.size();
  const auto [stop, wrong] = std::from_chars(quoted.data(), end, value);
  if (wrong != std::errc() || stop != end || quoted.empty()) return std::nullopt;
  return value;
}

}  // namespace ferry::dispatch
