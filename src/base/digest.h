#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace ferry {

using Sha256Digest = std::array<unsigned char, 32>;

Sha256Digest sha256(std::string_view data);
inline std::string_view as_text(const Sha256Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// SHA-256 of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  ~Sha256();

  void update(std::string_view piece);
  // Of all pieces together; the object is not used again.
  Sha256Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// HMAC-SHA256 with the key schedule computed once and re-used for each message (0.8 us a signature
// instead of rebuilding the context). One thread at a time.
class HmacSha256 {
 public:
  explicit HmacSha256(std::string_view key);
  HmacSha256(HmacSha256&&) noexcept;
  HmacSha256& operator=(HmacSha256&&) noexcept;
  ~HmacSha256();

  Sha256Digest sign(std::string_view data);
  // The same of data that comes in pieces: begin, pieces, finish, and no sign() in between.
  void begin();
  void update(std::string_view piece);
  Sha256Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// SipHash-2-4 with 128 bits: a keyed hash for short texts that nobody forges without the key, ten
// times cheaper than an HMAC.
using SipKey = std::array<unsigned char, 16>;
using SipDigest = std::array<unsigned char, 16>;
SipDigest siphash128(const SipKey& key, std::string_view data);

// 64-bit hash for index keys and lanes: stored in tables, so it never changes (FNV-1a followed by a
// finalizer; `seed` separates kinds).
std::uint64_t stable_hash(std::string_view data, std::uint64_t seed = 0);

// Checksum of journal records (CRC-32C), with the processor's instruction where it has one. `start`
// is the checksum of what came before: crc32c(b, crc32c(a)) is that of a and b together.
std::uint32_t crc32c(std::string_view data, std::uint32_t start = 0);
// The same by table, for processors without the instruction.
std::uint32_t crc32c_portable(std::string_view data, std::uint32_t start = 0);

// Takes the same time wherever two texts of one length differ.
bool equals_constant_time(std::string_view a, std::string_view b);

}  // namespace ferry
