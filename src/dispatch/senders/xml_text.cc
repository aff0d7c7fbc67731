#include "dispatch/senders/xml_text.h"

#include <array>

namespace ferry::dispatch {
namespace {

struct Reference {
  char character;
  std::string_view text;
};

// A carriage return is written as a reference because readers turn a plain one into a line feed
// (XML 1.0 section 2.11).
constexpr std::array<Reference, 6> kReferences = {{{'&', "&amp;"},
                                                   {'<', "&lt;"},
                                                   {'>', "&gt;"},
                                                   {'"', "&quot;"},
                                                   {'\'', "&apos;"},
                                                   {'\r', "&#13;"}}};

std::string resolve_references(std::string_view text) {
  std::string resolved;
  while (!text.empty()) {
    std::size_t length = 1;
    char character = text.front();
    for (const Reference& reference : kReferences) {
      if (!text.starts_with(reference.text)) continue;
      character = reference.character;
      length = reference.text.size();
    }
    resolved += character;
    text.remove_prefix(length);
  }
  return resolved;
}

}  // namespace

std::string xml_escape(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size() + text.size() / 8);
  for (const char c : text) {
    std::string_view piece(&c, 1);
    for (const Reference& reference : kReferences) {
      if (reference.character == c) piece = reference.text;
    }
    escaped += piece;
  }
  return escaped;
}

std::string xml_element_text(std::string_view document, std::string_view name) {
  const std::string open = "<" + std::string(name) + ">";
  const std::size_t begin = document.find(open);
  if (begin == std::string_view::npos) return {};
  document.remove_prefix(begin + open.size());
  const std::size_t end = document.find("</" + std::string(name) + ">");
  if (end == std::string_view::npos) return {};
  return resolve_references(document.substr(0, end));
}

}  // namespace ferry::dispatch
