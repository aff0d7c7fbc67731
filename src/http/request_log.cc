#include "http/request_log.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/log.h"

namespace ferry::http {

namespace {

constexpr std::size_t kPathBytesMax = 256;
constexpr std::size_t kPrefixDigits = 10;
constexpr std::size_t kCounterDigits = 8;

void append_base32(std::string& out, std::uint64_t number, std::size_t digits) {
  constexpr std::string_view kAlphabet = "0123456789abcdefghijklmnopqrstuv";
  for (std::size_t i = digits; i-- > 0;) out.push_back(kAlphabet[(number >> (5 * i)) & 31]);
}

// The first place of `sign`, plain or percent-encoded as %XX; the end of `text` if there is none.
std::size_t find_sign(std::string_view text, char sign, std::string_view encoded) {
  const std::size_t plain = std::min(text.find(sign), text.size());
  for (std::size_t at = text.find('%'); at < plain; at = text.find('%', at + 1)) {
    if (equals_ignore_case(text.substr(at, encoded.size()), encoded)) return at;
  }
  return plain;
}

bool is_probe(std::string_view path) { return path == "/healthz" || path == "/readyz"; }

}  // namespace

RequestIds::RequestIds(std::uint64_t seed) : prefix_("req_") {
  append_base32(prefix_, seed, kPrefixDigits);
}

std::string RequestIds::next() {
  std::string id;
  id.reserve(prefix_.size() + kCounterDigits);
  id.append(prefix_);
  append_base32(id, count_++, kCounterDigits);
  return id;
}

std::string loggable_path(std::string_view target) {
  std::string_view path = target.substr(0, find_sign(target, '?', "%3f"));
  path = path.substr(0, path.find('#'));
  // A destination's scheme ends in the first colon of the path.
  if (find_sign(path, '@', "%40") < path.size()) path = path.substr(0, find_sign(path, ':', "%3a"));
  return std::string(path.substr(0, kPathBytesMax));
}

void log_request(const RequestRecord& record) {
  const log::Level level = is_probe(record.path) ? log::Level::kDebug : log::Level::kInfo;
  if (!log::enabled(level)) return;
  log::write(level, "request",
             {{"request_id", record.request_id},
              {"method", record.method},
              {"path", record.path},
              {"status", record.status},
              {"bytes_in", static_cast<std::int64_t>(record.bytes_in)},
              {"bytes_out", static_cast<std::int64_t>(record.bytes_out)},
              {"us", record.microseconds},
              {"peer", record.peer_ip}});
}

}  // namespace ferry::http
