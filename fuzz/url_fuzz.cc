#include <string>
#include <string_view>

#include "base/check.h"
#include "domain/delivery.h"
#include "fuzz/input.h"
#include "http/url.h"

// A URL that is understood gives pieces that are fit for a request, and these make the same URL
// again; whatever can be sent has a host to be limited by.

using namespace ferry;  // NOLINT: a program of one file

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  const std::string key = host_key(text);
  CHECK(url_path(text).starts_with('/'));
  const auto url = http::parse_url(text);
  if (!url) return 0;
  CHECK(!key.empty());
  CHECK(!url->host.empty() && url->port != 0);
  CHECK(url->target.starts_with('/') || url->target.starts_with('?'));
  for (const char c : url->authority + url->target) CHECK(c > ' ' && c < 0x7f);

  const std::string rebuilt =
      (url->secure ? "https://" : "http://") + url->authority + url->target;
  const auto again = http::parse_url(rebuilt);
  CHECK(again);
  CHECK(again->secure == url->secure && again->host == url->host && again->port == url->port);
  CHECK(again->authority == url->authority && again->target == url->target);
  CHECK(host_key(rebuilt) == key);
  return 0;
}
