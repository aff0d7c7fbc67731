#include <string>
#include <string_view>

#include "app/signature_check.h"
#include "base/check.h"
#include "base/digest.h"
#include "base/encoding.h"
#include "fuzz/input.h"

// Signature headers: nobody without a key gets one accepted, and one that a key did sign may hold
// any text. Signed or not, the check says why it refuses.
//
//   input = header of the token LF claims LF body, or any text

namespace {

using namespace ferry;  // NOLINT: a program of one file

constexpr std::string_view kUrl = "https://example.com/";
constexpr TimePoint kNow = from_unix_ms(1'760'000'000'000);
const std::string kKeys[] = {"sig_current", "sig_next"};

std::string signed_token(std::string_view header, std::string_view claims) {
  std::string token = base64url_encode(header, false) + "." + base64url_encode(claims, true);
  const Sha256Digest signature = HmacSha256(kKeys[1]).sign(token);
  return token + "." + base64url_encode(as_text(signature), false);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  const auto unsigned_text = app::check_signature(text, kKeys, kUrl, "", kNow);
  CHECK(!unsigned_text && !unsigned_text.error().text.empty());

  std::string_view body = text;
  const std::string_view header = fuzz::take_until(body, '\n');
  const std::string_view claims = fuzz::take_until(body, '\n');
  std::string token = signed_token(header, claims);
  if (!app::check_signature(token, kKeys, kUrl, body, kNow)) return 0;
  CHECK(!app::check_signature(token, kKeys, "https://example.org/", body, kNow));
  CHECK(!app::check_signature(token, kKeys, kUrl, std::string(body) + "x", kNow));
  CHECK(!app::check_signature(token, {}, kUrl, body, kNow));
  token.front() = token.front() == 'A' ? 'B' : 'A';
  CHECK(!app::check_signature(token, kKeys, kUrl, body, kNow));
  return 0;
}
