#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/header_list.h"
#include "domain/ids.h"
#include "store/write_set.h"

// What the encodings of records.h are made of. A record carries no length of its own: it begins
// with its version and each part tells where it ends, so a record nests in another one as it is.
// record_codec.h writes and reads whole rows with it.

namespace ferry::store {

// ByteWriter with the vocabulary of the records (grammar in record_parts.cc).
class RecordWriter : public ByteWriter {
 public:
  using ByteWriter::ByteWriter;

  void time(TimePoint t) { svarint(to_unix_ms(t)); }
  void duration(Duration d) { svarint(d.count()); }
  void flag(bool value) { u8(value ? 1 : 0); }
  void digest(const Sha256Digest& value) { text(as_text(value)); }
  void headers(const HeaderList& value);
  void options(const PublishOptions& value);

  template <class Tag>
  void id(Id<Tag> value) {
    varint(static_cast<std::uint64_t>(value.value));
  }
  template <class E>
  void enumerator(E value) {
    u8(static_cast<std::uint8_t>(value));
  }
};

// ByteReader that trusts nothing: after the first thing that no writer made every further read
// returns 0 or empty, and `failure()` says what kind of damage it was.
class RecordReader {
 public:
  explicit RecordReader(std::string_view data) : bytes_(data) {}

  // The version in front of a record; one above `newest` fails with kStoreTooNew.
  std::uint8_t version(std::uint8_t newest);

  std::uint8_t u8() { return ok() ? bytes_.u8() : 0; }
  std::uint64_t varint() { return ok() ? bytes_.varint() : 0; }
  std::int64_t svarint() { return ok() ? bytes_.svarint() : 0; }
  std::string_view text() { return ok() ? bytes_.text() : std::string_view(); }
  std::string string() { return std::string(text()); }

  bool flag() { return flags(1) != 0; }
  std::uint8_t flags(std::uint8_t known);  // a bit outside `known` is damage
  std::int32_t int32();
  TimePoint time() { return from_unix_ms(svarint()); }
  Duration duration() { return Duration(svarint()); }
  Sha256Digest digest();
  HeaderList headers();
  PublishOptions options();

  template <class IdType>
  IdType id() {
    const std::uint64_t value = varint();
    if (value > std::numeric_limits<std::int64_t>::max()) refuse();
    return IdType{ok() ? static_cast<std::int64_t>(value) : 0};
  }
  // Enumerators are numbered without gaps.
  template <class E>
  E enumerator(E first, E last) {
    const std::uint8_t value = u8();
    const bool known =
        value >= static_cast<std::uint8_t>(first) && value <= static_cast<std::uint8_t>(last);
    if (!known) refuse();
    return ok() ? static_cast<E>(value) : first;
  }
  // A count, then so many elements. Nothing is reserved for a count, which may be a lie.
  template <class Read>
  std::uint64_t repeat(Read read) {
    const std::uint64_t count = varint();
    for (std::uint64_t i = 0; i < count && ok(); ++i) read();
    return count;
  }

  // The bytes are not what a writer makes.
  void refuse() { refused_ = true; }
  bool ok() const { return !refused_ && !too_new_ && bytes_.ok(); }
  bool at_end() const { return bytes_.at_end(); }
  ErrorCode failure() const {
    return too_new_ ? ErrorCode::kStoreTooNew : ErrorCode::kStoreCorrupt;
  }

 private:
  ByteReader bytes_;
  bool refused_ = false;
  bool too_new_ = false;
};

}  // namespace ferry::store
