#include "base/legacy_digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <limits>

#include "base/check.h"

namespace ferry {
namespace {

// OpenSSL refuses a null pointer even where the length is 0.
const char* never_null(std::string_view data) { return data.empty() ? "" : data.data(); }

}  // namespace

Md5Digest md5(std::string_view data) {
  Md5Digest digest;
  unsigned int written = 0;
  CHECK(EVP_Digest(never_null(data), data.size(), digest.data(), &written, EVP_md5(), nullptr) ==
        1);
  CHECK(written == digest.size());
  return digest;
}

Sha1Digest hmac_sha1(std::string_view key, std::string_view data) {
  CHECK(key.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()));
  Sha1Digest digest;
  unsigned int written = 0;
  const auto* const octets = reinterpret_cast<const unsigned char*>(never_null(data));
  CHECK(HMAC(EVP_sha1(), never_null(key), static_cast<int>(key.size()), octets, data.size(),
             digest.data(), &written) != nullptr);
  CHECK(written == digest.size());
  return digest;
}

}  // namespace ferry
