#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ferry {

// Immutable bytes that are shared, never copied: a message body is read from the socket once, and
// the same buffer is what the journal writes and every attempt sends. Any thread may read it.
class Bytes {
 public:
  Bytes() = default;

  // Takes the buffer over without copying it.
  static Bytes take(std::string data);
  static Bytes copy(std::string_view data) { return take(std::string(data)); }

  std::string_view view() const { return view_; }
  std::size_t size() const { return view_.size(); }
  bool empty() const { return view_.empty(); }

  // The same bytes; `companion` lives as long as they and every part of them.
  Bytes together_with(std::shared_ptr<const void> companion) &&;

  // A part of the same buffer; the bounds are clamped to it.
  Bytes slice(std::size_t offset, std::size_t count) const;

  friend bool operator==(const Bytes& a, const Bytes& b) { return a.view_ == b.view_; }

 private:
  std::shared_ptr<const std::string> owner_;
  std::string_view view_;
};

// Appends the primitive encodings that every stored record is made of:
//   u8       one byte
//   varint   7 bits a byte, low first, the high bit set on all but the last (at most 10 bytes)
//   svarint  varint of the zigzag form, for signed values
//   fixed32, fixed64   little-endian
//   text     varint length, then the bytes
class ByteWriter {
 public:
  explicit ByteWriter(std::string& out) : out_(out) {}

  void u8(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void varint(std::uint64_t value);
  void svarint(std::int64_t value);
  void fixed32(std::uint32_t value);
  void fixed64(std::uint64_t value);
  void text(std::string_view value);

 private:
  std::string& out_;
};

// Reads what ByteWriter wrote. After the first read beyond the end or of a malformed varint every
// further read returns 0 or empty and `ok()` is false, so a decoder checks once at its end.
class ByteReader {
 public:
  explicit ByteReader(std::string_view data) : rest_(data) {}

  std::uint8_t u8();
  std::uint64_t varint();
  std::int64_t svarint();
  std::uint32_t fixed32();
  std::uint64_t fixed64();
  std::string_view text();

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  std::size_t remaining() const { return rest_.size(); }

 private:
  bool take(std::size_t count, std::string_view& out);

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace ferry
