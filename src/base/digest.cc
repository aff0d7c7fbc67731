#include "base/digest.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <sodium/crypto_shorthash_siphash24.h>

#include <cstring>

#include "base/check.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace ferry {
namespace {

template <auto kFree>
struct FreeWith {
  template <class T>
  void operator()(T* pointer) const {
    kFree(pointer);
  }
};

using Digest = std::unique_ptr<EVP_MD, FreeWith<EVP_MD_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>>;
using Mac = std::unique_ptr<EVP_MAC, FreeWith<EVP_MAC_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, FreeWith<EVP_MAC_CTX_free>>;

// OpenSSL refuses a null pointer even where the length is 0.
const unsigned char* octets(std::string_view data) {
  return reinterpret_cast<const unsigned char*>(data.empty() ? "" : data.data());
}

// Fetching an algorithm takes locks and a search, several times the cost of a short hash, so it is
// done once.
EVP_MD* sha256_algorithm() {
  static const Digest algorithm(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  CHECK(algorithm != nullptr);
  return algorithm.get();
}

EVP_MAC* hmac_algorithm() {
  static const Mac algorithm(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  CHECK(algorithm != nullptr);
  return algorithm.get();
}

}  // namespace

Sha256Digest sha256(std::string_view data) {
  thread_local const DigestContext context(EVP_MD_CTX_new());
  Sha256Digest digest;
  CHECK(EVP_DigestInit_ex2(context.get(), sha256_algorithm(), nullptr) == 1);
  CHECK(EVP_DigestUpdate(context.get(), octets(data), data.size()) == 1);
  CHECK(EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1);
  return digest;
}

struct Sha256::State {
  DigestContext context{EVP_MD_CTX_new()};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  CHECK(EVP_DigestInit_ex2(state_->context.get(), sha256_algorithm(), nullptr) == 1);
}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::update(std::string_view piece) {
  CHECK(EVP_DigestUpdate(state_->context.get(), octets(piece), piece.size()) == 1);
}

Sha256Digest Sha256::finish() {
  Sha256Digest digest;
  CHECK(EVP_DigestFinal_ex(state_->context.get(), digest.data(), nullptr) == 1);
  return digest;
}

struct HmacSha256::State {
  MacContext context;
};

HmacSha256::HmacSha256(std::string_view key) : state_(std::make_unique<State>()) {
  state_->context.reset(EVP_MAC_CTX_new(hmac_algorithm()));
  char name[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                   OSSL_PARAM_construct_end()};
  CHECK(EVP_MAC_init(state_->context.get(), octets(key), key.size(), parameters) == 1);
}

HmacSha256::HmacSha256(HmacSha256&&) noexcept = default;
HmacSha256& HmacSha256::operator=(HmacSha256&&) noexcept = default;
HmacSha256::~HmacSha256() = default;

Sha256Digest HmacSha256::sign(std::string_view data) {
  begin();
  update(data);
  return finish();
}

void HmacSha256::begin() {
  // Without a key: its schedule is kept.
  CHECK(EVP_MAC_init(state_->context.get(), nullptr, 0, nullptr) == 1);
}

void HmacSha256::update(std::string_view piece) {
  CHECK(EVP_MAC_update(state_->context.get(), octets(piece), piece.size()) == 1);
}

Sha256Digest HmacSha256::finish() {
  Sha256Digest digest;
  std::size_t written = 0;
  CHECK(EVP_MAC_final(state_->context.get(), digest.data(), &written, digest.size()) == 1);
  CHECK(written == digest.size());
  return digest;
}

SipDigest siphash128(const SipKey& key, std::string_view data) {
  SipDigest digest;
  static_assert(sizeof(SipDigest) == crypto_shorthash_siphashx24_BYTES);
  static_assert(sizeof(SipKey) == crypto_shorthash_siphashx24_KEYBYTES);
  crypto_shorthash_siphashx24(digest.data(), octets(data), data.size(), key.data());
  return digest;
}

std::uint64_t stable_hash(std::string_view data, std::uint64_t seed) {
  // FNV-1a with the published basis and prime; FNV leaves the high bits of short texts poorly
  // mixed, hence the finalizer (murmur3's fmix64).
  std::uint64_t hash = 0xCBF29CE484222325u ^ (seed * 0x9E3779B97F4A7C15u);
  for (const char c : data) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x00000100000001B3u;
  }
  hash ^= hash >> 33;
  hash *= 0xFF51AFD7ED558CCDu;
  hash ^= hash >> 33;
  hash *= 0xC4CEB9FE1A85EC53u;
  return hash ^ (hash >> 33);
}

namespace {

constexpr std::uint32_t kCrc32cPolynomial = 0x82F63B78u;  // Castagnoli, bits reflected

constexpr std::array<std::uint32_t, 256> make_crc32c_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kCrc32cPolynomial : 0);
    table[i] = crc;
  }
  return table;
}

constexpr std::array<std::uint32_t, 256> kCrc32cTable = make_crc32c_table();

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_sse42(std::string_view data,
                                                             std::uint32_t start) {
  const char* at = data.data();
  std::size_t left = data.size();
  std::uint64_t crc = ~start;
  for (; left >= sizeof(std::uint64_t);
       at += sizeof(std::uint64_t), left -= sizeof(std::uint64_t)) {
    std::uint64_t chunk;
    std::memcpy(&chunk, at, sizeof chunk);
    crc = _mm_crc32_u64(crc, chunk);
  }
  auto tail = static_cast<std::uint32_t>(crc);
  for (; left > 0; ++at, --left) tail = _mm_crc32_u8(tail, static_cast<unsigned char>(*at));
  return ~tail;
}
#endif

using Crc32c = std::uint32_t (*)(std::string_view, std::uint32_t);

Crc32c fastest_crc32c() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return crc32c_sse42;
#endif
  return crc32c_portable;
}

}  // namespace

std::uint32_t crc32c(std::string_view data, std::uint32_t start) {
  static const Crc32c fastest = fastest_crc32c();
  return fastest(data, start);
}

std::uint32_t crc32c_portable(std::string_view data, std::uint32_t start) {
  std::uint32_t crc = ~start;
  for (const char c : data) {
    crc = (crc >> 8) ^ kCrc32cTable[(crc ^ static_cast<unsigned char>(c)) & 0xFF];
  }
  return ~crc;
}

bool equals_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace ferry
