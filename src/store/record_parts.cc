#include "store/record_parts.h"

#include <algorithm>

// The values of records.grammar, in the terms of base/bytes.h:
//
//   id       := varint                      (63 bits)
//   time     := svarint                     (unix milliseconds)
//   duration := svarint                     (milliseconds)
//   flag     := u8                          (0 or 1)
//   flags    := u8                          (bits; unknown ones are damage)
//   digest   := text                        (32 bytes)
//   headers  := count:varint (name:text value:text)*
//   options  := text                        (domain/publish_options_codec.cc)
//   x?       := flag [x]                    (x when the flag is 1)
//   x*       := count:varint x…

namespace ferry::store {

void RecordWriter::headers(const HeaderList& value) {
  varint(value.size());
  for (const HeaderField& field : value) {
    text(field.name);
    text(field.value);
  }
}

void RecordWriter::options(const PublishOptions& value) {
  std::string encoded;
  encode_publish_options(value, encoded);
  text(encoded);
}

std::uint8_t RecordReader::version(std::uint8_t newest) {
  const std::uint8_t value = u8();
  if (value == 0) refuse();
  if (ok() && value > newest) too_new_ = true;
  return value;
}

std::uint8_t RecordReader::flags(std::uint8_t known) {
  const std::uint8_t value = u8();
  if ((value & ~known) != 0) refuse();
  return ok() ? value : std::uint8_t{0};
}

std::int32_t RecordReader::int32() {
  const std::int64_t value = svarint();
  if (!std::in_range<std::int32_t>(value)) refuse();
  return ok() ? static_cast<std::int32_t>(value) : 0;
}

Sha256Digest RecordReader::digest() {
  Sha256Digest value{};
  const std::string_view bytes = text();
  if (bytes.size() != value.size()) {
    refuse();
  } else {
    std::ranges::copy(bytes, value.begin());
  }
  return value;
}

HeaderList RecordReader::headers() {
  HeaderList list;
  repeat([&] {
    std::string name = string();
    std::string value = string();
    list.add(std::move(name), std::move(value));
  });
  return list;
}

PublishOptions RecordReader::options() {
  std::optional<PublishOptions> value = decode_publish_options(text());
  if (!value) refuse();
  return std::move(value).value_or(PublishOptions{});
}

}  // namespace ferry::store
