#include "dispatch/senders/json_answer.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <utility>

namespace ferry::dispatch {
namespace {

namespace json = boost::json;

const json::value* member(const json::value* from, std::string_view name) {
  if (const json::array* list = from->if_array(); list != nullptr) {
    if (list->empty()) return nullptr;
    from = &list->front();
  }
  const json::object* object = from->if_object();
  return object == nullptr ? nullptr : object->if_contains({name.data(), name.size()});
}

const json::value* find(const json::value& root, std::string_view path) {
  const json::value* found = &root;
  while (found != nullptr && !path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    found = member(found, path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return found;
}

}  // namespace

struct JsonAnswer::Document {
  json::value root;
};

JsonAnswer::JsonAnswer(std::string_view text) : document_(std::make_unique<Document>()) {
  boost::system::error_code error;
  document_->root = json::parse({text.data(), text.size()}, error);
}

JsonAnswer::JsonAnswer(JsonAnswer&&) noexcept = default;
JsonAnswer::~JsonAnswer() = default;

std::string JsonAnswer::text(std::string_view path) const {
  const json::value* found = find(document_->root, path);
  const json::string* text = found == nullptr ? nullptr : found->if_string();
  return text == nullptr ? "" : std::string(text->data(), text->size());
}

std::optional<std::int64_t> JsonAnswer::integer(std::string_view path) const {
  const json::value* found = find(document_->root, path);
  if (found == nullptr) return std::nullopt;
  boost::system::error_code error;
  const auto number = found->to_number<std::int64_t>(error);
  if (!error) return number;
  const std::string quoted = text(path);
  std::int64_t value = 0;
  const char* const end = quoted.data() + quoted.size();
  const auto [stop, wrong] = std::from_chars(quoted.data(), end, value);
  if (wrong != std::errc() || stop != end || quoted.empty()) return std::nullopt;
  return value;
}

}  // namespace ferry::dispatch
