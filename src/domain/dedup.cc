#include "domain/dedup.h"

#include <map>
#include <tuple>

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

UnhashedContent content_without_body(std::string_view destination, std::size_t body_bytes,
                                     std::string_view content_type,
                                     const HeaderList& forward_headers) {
  UnhashedContent content;
  ByteWriter before(content.before);
  before.u8(kOfContent);
  before.text(destination);
  before.varint(body_bytes);
  before.varint(std::tuple_size_v<Sha256Digest>);
  ByteWriter after(content.after);
  after.text(content_type);
  after.varint(forward_headers.size());
  for (const auto& [name, value] : sorted_fields(forward_headers)) {
    after.text(name);
    after.text(value);
  }
  return content;
}

DedupKey dedup_key_of(const UnhashedContent& content, const Sha256Digest& body) {
  return {sha256(content.before + std::string(as_text(body)) + content.after)};
}

DedupKey dedup_key_of_content(std::string_view destination, std::string_view body,
                              std::string_view content_type, const HeaderList& forward_headers) {
  return dedup_key_of(content_without_body(destination, body.size(), content_type, forward_headers),
                      sha256(body));
}

}  // namespace ferry
