#include "domain/dedup.h"

#include <map>

#include "base/bytes.h"
#include "base/encoding.h"

// What is hashed, in the primitives of base/bytes.h:
//
//   of an id       = u8(1) text(id)
//   of the content = u8(2) text(destination) varint(body length) text(SHA-256 of the body)
//                    text(content type) varint(count) count * ( text(lower-case name) text(value) )
//
// The keys are stored, so this never changes. The body enters as its digest because hashing it
// where it lies costs no copy of megabytes.

namespace ferry {
namespace {

constexpr std::uint8_t kOfId = 1;
constexpr std::uint8_t kOfContent = 2;

// Values of one name stay in the order they were given: it is part of what they say.
std::multimap<std::string, std::string_view> sorted_fields(const HeaderList& headers) {
  std::multimap<std::string, std::string_view> fields;
  for (const HeaderField& field : headers) fields.emplace(to_lower(field.name), field.value);
  return fields;
}

}  // namespace

DedupKey dedup_key_of_id(std::string_view deduplication_id) {
  std::string hashed;
  ByteWriter out(hashed);
  out.u8(kOfId);
  out.text(deduplication_id);
  return {sha256(hashed)};
}

DedupKey dedup_key_of_content(std::string_view destination, std::string_view body,
                              std::string_view content_type, const HeaderList& forward_headers) {
  std::string hashed;
  ByteWriter out(hashed);
  out.u8(kOfContent);
  out.text(destination);
  out.varint(body.size());
  out.text(as_text(sha256(body)));
  out.text(content_type);
  out.varint(forward_headers.size());
  for (const auto& [name, value] : sorted_fields(forward_headers)) {
    out.text(name);
    out.text(value);
  }
  return {sha256(hashed)};
}

}  // namespace ferry
