#include "dispatch/senders/aws_signature.h"

#include <algorithm>
#include <map>
#include <vector>

#include "base/digest.h"
#include "base/encoding.h"
#include "http/url.h"

namespace ferry::dispatch {
namespace {

// "20261121T203804Z".
std::string basic_time(TimePoint t) {
  std::string text = format_rfc3339(t);
  text.erase(text.find('.'));
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text + "Z";
}

std::string encode_path(std::string_view path) {
  std::string encoded;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    encoded += percent_encode(path.substr(0, end));
    if (end == path.size()) break;
    encoded += '/';
    path.remove_prefix(end + 1);
  }
  return encoded;
}

std::string canonical_query(std::string_view query) {
  std::vector<std::string> pairs;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    pairs.push_back(percent_encode(percent_decode(pair.substr(0, equals))) + "=" +
                    percent_encode(percent_decode(pair.substr(std::min(equals + 1, pair.size())))));
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  std::ranges::sort(pairs);
  std::string canonical;
  for (const std::string& pair : pairs) canonical += (canonical.empty() ? "" : "&") + pair;
  return canonical;
}

// Runs of blanks count as one.
std::string canonical_value(std::string_view value) {
  std::string canonical;
  for (const char c : trim(value)) {
    if (c != ' ' || !canonical.ends_with(' ')) canonical += c;
  }
  return canonical;
}

struct CanonicalRequest {
  std::string text;
  std::string signed_names;
};

CanonicalRequest canonical_request(const http::ClientRequest& request, const http::Url& url) {
  std::map<std::string, std::string> fields = {{"host", url.authority}};
  for (const HeaderField& field : request.headers.fields()) {
    fields[to_lower(field.name)] = canonical_value(field.value);
  }
  const std::size_t query_at = std::min(url.target.find('?'), url.target.size());
  const std::string_view target = url.target;
  CanonicalRequest canonical;
  canonical.text = request.method + "\n" + encode_path(target.substr(0, query_at)) + "\n" +
                   canonical_query(target.substr(std::min(query_at + 1, target.size()))) + "\n";
  for (const auto& [name, value] : fields) {
    canonical.text.append(name).append(":").append(value).append("\n");
    canonical.signed_names += (canonical.signed_names.empty() ? "" : ";") + name;
  }
  canonical.text +=
      "\n" + canonical.signed_names + "\n" + hex_encode(as_text(sha256(request.body.view())));
  return canonical;
}

std::string hmac(std::string_view key, std::string_view text) {
  return std::string(as_text(HmacSha256(key).sign(text)));
}

}  // namespace

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
void sign_aws_request(http::ClientRequest& request, const AwsScope& scope, TimePoint now) {
  const std::string time = basic_time(now);
  const std::string day = time.substr(0, 8);
  request.headers.set("X-Amz-Date", time);
  if (!scope.token.empty()) request.headers.set("X-Amz-Security-Token", scope.token);

  const CanonicalRequest canonical = canonical_request(request, *http::parse_url(request.url));
  const std::string credential = day + "/" + scope.region + "/" + scope.service + "/aws4_request";
  const std::string to_sign = "AWS4-HMAC-SHA256\n" + time + "\n" + credential + "\n" +
                              hex_encode(as_text(sha256(canonical.text)));
  const std::string key = hmac(
      hmac(hmac(hmac("AWS4" + scope.secret, day), scope.region), scope.service), "aws4_request");
  request.headers.set("Authorization", "AWS4-HMAC-SHA256 Credential=" + scope.access_key_id + "/" +
                                           credential +
                                           ", SignedHeaders=" + canonical.signed_names +
                                           ", Signature=" + hex_encode(hmac(key, to_sign)));
}

}  // namespace ferry::dispatch
