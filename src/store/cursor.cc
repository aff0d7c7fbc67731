#include "store/cursor.h"

#include "base/bytes.h"
#include "base/digest.h"
#include "base/encoding.h"

// cursor  := base64url, not padded, of: payload checksum:fixed32
// payload := version:u8=1 time:svarint a:svarint b:svarint
//
// The checksum (CRC-32C of the payload) catches a text that was cut or retyped; a cursor opens
// nothing that a filter would not, so it needs no secret.

namespace ferry::store {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kTextBytesMax = 64;
constexpr std::size_t kChecksumBytes = 4;

std::unexpected<Error> not_a_cursor() {
  return fail(ErrorCode::kInvalidFilter, "cursor: not one that an earlier page gave");
}

}  // namespace

std::string encode_cursor(const Cursor& cursor) {
  std::string data;
  ByteWriter out(data);
  out.u8(kVersion);
  out.svarint(to_unix_ms(cursor.time));
  out.svarint(cursor.a);
  out.svarint(cursor.b);
  out.fixed32(crc32c(data));
  return base64url_encode(data, false);
}

Result<Cursor> decode_cursor(std::string_view text) {
  if (text.size() > kTextBytesMax) return not_a_cursor();
  const std::optional<std::string> data = base64_decode(text);
  if (!data || data->size() <= kChecksumBytes) return not_a_cursor();
  ByteReader in(*data);
  const std::uint8_t version = in.u8();
  Cursor cursor;
  cursor.time = from_unix_ms(in.svarint());
  cursor.a = in.svarint();
  cursor.b = in.svarint();
  const std::string_view payload = std::string_view(*data).substr(0, data->size() - kChecksumBytes);
  if (in.fixed32() != crc32c(payload) || !in.ok() || !in.at_end()) return not_a_cursor();
  // Padding and the other alphabet decode as well, but are not ours.
  if (version != kVersion || encode_cursor(cursor) != text) return not_a_cursor();
  return cursor;
}

}  // namespace ferry::store
