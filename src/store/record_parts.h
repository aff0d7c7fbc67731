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
  void texts(const std::vector<std::string>& value);
  void options(const PublishOptions& value);

  template <class Tag>
  void id(Id<Tag> value) {
    varint(static_cast<std::uint64_t>(value.value));
  }
  template <class E>
  void enumerator(E value) {
    u8(static_cast<std::uint8_t>(value));
  }
  template <class T, class Write>
  void optional(const T& value, Write write) {
    flag(value.has_value());
    if (value) write(*value);
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
  std::vector<std::string> texts();
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
  template <class Read>
  auto optional(Read read) -> std::optional<decltype(read())> {
    if (!flag()) return std::nullopt;
    return read();
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

void write_message(RecordWriter& out, const Message& message);
Message read_message(RecordReader& in);

void write_delivery(RecordWriter& out, const Delivery& delivery);
Delivery read_delivery(RecordReader& in);

void write_response(RecordWriter& out, const ResponsePtr& response);
ResponsePtr read_response(RecordReader& in);

void write_entry(RecordWriter& out, const Entry& entry);
Entry read_entry(RecordReader& in);

void write_dead_letter(RecordWriter& out, const DeadLetter& letter);
DeadLetter read_dead_letter(RecordReader& in);

void write_dedup(RecordWriter& out, const DedupRecord& record);
DedupRecord read_dedup(RecordReader& in);

void write_tenant(RecordWriter& out, const Tenant& tenant);
Tenant read_tenant(RecordReader& in);

void write_resource(RecordWriter& out, const Resource& resource);
Resource read_resource(RecordReader& in);

void write_queue(RecordWriter& out, const Queue& queue);
Queue read_queue(RecordReader& in);

void write_url_group(RecordWriter& out, const UrlGroup& group);
UrlGroup read_url_group(RecordReader& in);

void write_schedule(RecordWriter& out, const Schedule& schedule);
Schedule read_schedule(RecordReader& in);

void write_flow_key(RecordWriter& out, const FlowKey& key);
FlowKey read_flow_key(RecordReader& in);

void write_function(RecordWriter& out, const Function& function);
Function read_function(RecordReader& in);

void write_service(RecordWriter& out, const Service& service);
Service read_service(RecordReader& in);

void write_invocation(RecordWriter& out, const Invocation& invocation);
Invocation read_invocation(RecordReader& in);

void write_push_origin(RecordWriter& out, const PushOrigin& push);
PushOrigin read_push_origin(RecordReader& in);

void write_sequence(RecordWriter& out, const Sequence& sequence);
Sequence read_sequence(RecordReader& in);

void write_write_set(RecordWriter& out, const WriteSet& set);
WriteSet read_write_set(RecordReader& in);

}  // namespace ferry::store
