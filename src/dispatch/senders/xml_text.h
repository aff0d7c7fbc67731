#pragma once

#include <string>
#include <string_view>

namespace ferry::dispatch {

// `text` as the content of an XML 1.0 element. It holds no control characters beside tab, line
// feed and carriage return: nothing can stand for those.
std::string xml_escape(std::string_view text);

// The text of the first element <name> without attributes, references resolved; empty when there is
// none. Made for the flat answers of MNS, not for XML at large.
std::string xml_element_text(std::string_view document, std::string_view name);

}  // namespace ferry::dispatch
