#include "api/body_size.h"

#include "api/scalars.h"

namespace ferry::api {

bool announces_more_than(const http::RequestHead& head, std::size_t bytes_max) {
  const std::string* field = head.headers.find("Content-Length");
  if (field == nullptr) return false;
  const auto length = parse_integer(*field);  // the server let digits pass only
  return !length || static_cast<std::uint64_t>(*length) > bytes_max;
}

}  // namespace ferry::api
