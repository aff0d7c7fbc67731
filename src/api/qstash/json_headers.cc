#include "api/qstash/json_headers.h"

#include "domain/limits.h"

namespace ferry::api {
namespace {

std::unexpected<Error> invalid_body(std::string text) {
  return fail(ErrorCode::kInvalidBody, std::move(text));
}

std::unexpected<Error> too_many_headers() {
  return invalid_body("more than " + std::to_string(limits::kRequestHeadersMax) + " headers or " +
                      std::to_string(limits::kRequestHeaderBytesMax) + " bytes of headers");
}

Result<void> add_header(const JsonMember& member, HeaderList& headers) {
  if (const auto text = member.value.text()) {
    if (text->size() > limits::kRequestHeaderBytesMax) return too_many_headers();
    headers.add(std::string(member.name), std::string(*text));
    return {};
  }
  if (member.value.kind() != JsonKind::kArray) {
    return invalid_body("the value of header " + std::string(member.name) +
                        " is neither a string nor an array of strings");
  }
  // Before they are copied: an item may have a hundred thousand.
  if (member.value.size() > limits::kRequestHeadersMax) return too_many_headers();
  for (std::size_t i = 0; i < member.value.size(); ++i) {
    const auto text = member.value.element(i).text();
    if (!text) {
      return invalid_body("a value of header " + std::string(member.name) + " is not a string");
    }
    headers.add(std::string(member.name), std::string(*text));
  }
  return {};
}

// What a request could carry: the limits of the server's own header section.
Result<void> check_header_limits(const HeaderList& headers) {
  std::size_t bytes = 0;
  for (const HeaderField& field : headers) bytes += field.name.size() + field.value.size();
  if (headers.size() <= limits::kRequestHeadersMax && bytes <= limits::kRequestHeaderBytesMax) {
    return {};
  }
  return too_many_headers();
}

}  // namespace

Result<HeaderList> read_json_headers(const std::optional<JsonValue>& value) {
  HeaderList headers;
  if (!value || value->is_null()) return headers;
  if (value->kind() != JsonKind::kObject) return invalid_body("headers is not an object");
  if (value->size() > limits::kRequestHeadersMax) return too_many_headers();
  headers.reserve(value->size());
  for (std::size_t i = 0; i < value->size(); ++i) {
    RETURN_IF_ERROR(add_header(value->member(i), headers));
  }
  RETURN_IF_ERROR(check_header_limits(headers));
  return headers;
}

}  // namespace ferry::api
