#include "api/fc/uuid.h"

#include "base/encoding.h"
#include "base/random.h"

namespace ferry::api::fc {

std::string make_uuid() {
  std::string bytes = secure_random_bytes(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);  // version 4
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);  // its variant
  std::string text = hex_encode(bytes);
  for (const std::size_t place : {20u, 16u, 12u, 8u}) text.insert(place, 1, '-');
  return text;
}

}  // namespace ferry::api::fc
