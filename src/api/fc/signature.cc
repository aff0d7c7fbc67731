#include "api/fc/signature.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <tuple>

#include "api/query.h"
#include "base/digest.h"
#include "base/encoding.h"

namespace ferry::api::fc {
namespace {

constexpr std::string_view kAcs3Word = "ACS3-HMAC-SHA256";
constexpr std::string_view kClassicWord = "FC";
constexpr std::string_view kProxyPaths = "/2016-08-15/proxy/";
constexpr std::string_view kSignatureKey = "x-fc-signature";

std::string hmac(std::string_view secret, std::string_view text) {
  return std::string(as_text(HmacSha256(secret).sign(text)));
}

std::string hash_hex(std::string_view text) { return hex_encode(as_text(sha256(text))); }

std::vector<std::string> split_names(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    names.push_back(to_lower(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return names;
}

std::optional<Signature> parse_acs3(std::string_view rest) {
  Signature signature;
  while (!rest.empty()) {
    const std::string_view part = trim(rest.substr(0, rest.find(',')));
    rest.remove_prefix(
        std::min(rest.find(',') == rest.npos ? rest.size() : rest.find(',') + 1, rest.size()));
    const std::size_t equals = part.find('=');
    if (equals == part.npos) return std::nullopt;
    const std::string_view value = part.substr(equals + 1);
    if (part.starts_with("Credential=")) signature.key_id = value;
    if (part.starts_with("SignedHeaders=")) signature.signed_headers = split_names(value);
    if (part.starts_with("Signature=")) signature.text = value;
  }
  if (signature.key_id.empty() || signature.text.empty()) return std::nullopt;
  return signature;
}

std::optional<Signature> parse_classic(std::string_view rest) {
  const std::size_t colon = rest.find(':');
  if (colon == rest.npos || colon == 0 || colon + 1 == rest.size()) return std::nullopt;
  return Signature{.scheme = SignatureScheme::kClassic,
                   .key_id = std::string(rest.substr(0, colon)),
                   .signed_headers = {},
                   .text = std::string(rest.substr(colon + 1)),
                   .expires = {}};
}

// What clients make of the path that they send.
std::string canonical_path(std::string_view path) {
  std::string text;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '+') {
      text += "%20";
    } else if (path[i] == '*') {
      text += "%2A";
    } else if (path.substr(i, 3) == "%7E") {
      text += '~';
      i += 2;
    } else {
      text += path[i];
    }
  }
  return text;
}

std::string canonical_query(std::string_view query) {
  std::vector<QueryParameter> parameters = parse_query(query);
  std::ranges::sort(parameters, {},
                    [](const QueryParameter& each) { return std::tie(each.name, each.value); });
  std::string text;
  for (const QueryParameter& parameter : parameters) {
    if (!text.empty()) text += '&';
    text += parameter.name + "=" + percent_encode(parameter.value);
  }
  return text;
}

// All values of a header: sorted, with commas between them.
std::string joined_values(const HeaderList& headers, std::string_view name) {
  std::vector<std::string_view> values;
  for (const HeaderField& field : headers) {
    if (equals_ignore_case(field.name, name)) values.push_back(trim(field.value));
  }
  std::ranges::sort(values);
  std::string text;
  for (const std::string_view value : values) {
    if (!text.empty()) text += ',';
    text += value;
  }
  return text;
}

std::string_view value_of(const HeaderList& headers, std::string_view name) {
  const std::string* value = headers.find(name);
  return value == nullptr ? std::string_view() : std::string_view(*value);
}

// The query as it is signed: decoded, a line each.
std::string signed_query(std::string_view target) {
  std::vector<std::string> lines;
  for (const QueryParameter& each : parse_query(query_of(target))) {
    if (each.name != kSignatureKey) lines.push_back(each.name + "=" + each.value);
  }
  std::ranges::sort(lines);
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + line;
  return "\n" + text;
}

// What the classic schemes sign in front of the path.
std::string classic_headers(const http::RequestHead& head, std::string_view date) {
  std::map<std::string, std::string> signed_headers;
  for (const HeaderField& field : head.headers) {
    std::string name = to_lower(field.name);
    if (name.starts_with("x-fc-")) signed_headers[std::move(name)] = field.value;
  }
  std::string text = head.method;
  for (const std::string_view name : {"Content-MD5", "Content-Type"}) {
    text.append("\n").append(value_of(head.headers, name));
  }
  text.append("\n").append(date).append("\n");
  for (const auto& [name, value] : signed_headers) {
    text.append(name).append(":").append(value).append("\n");
  }
  return text;
}

std::string said_hash(const http::RequestHead& head) {
  return to_lower(value_of(head.headers, "x-acs-content-sha256"));
}

bool is_acs3_signed(const http::RequestHead& head, const Signature& signature,
                    std::string_view secret) {
  return equals_constant_time(
      to_lower(signature.text),
      acs3_signature(head, signature.signed_headers, said_hash(head), secret));
}

bool is_classic_signed(const http::RequestHead& head, const Signature& signature,
                       std::string_view secret) {
  const auto expected = [&](std::string_view path) {
    if (signature.scheme == SignatureScheme::kClassic) {
      return classic_signature(head, path, secret);
    }
    return presigned_signature(head, path, signature.expires, secret);
  };
  const std::string_view path = path_of(head.target);
  const bool as_sent = equals_constant_time(signature.text, expected(path));
  const bool decoded = equals_constant_time(signature.text, expected(percent_decode(path)));
  return as_sent || decoded;
}

std::optional<int> digits(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

}  // namespace

std::optional<Signature> parse_signature(std::string_view authorization) {
  const std::string_view field = trim(authorization);
  const std::size_t blank = field.find(' ');
  if (blank == field.npos) return std::nullopt;
  const std::string_view rest = trim(field.substr(blank + 1));
  if (field.substr(0, blank) == kAcs3Word) return parse_acs3(rest);
  if (field.substr(0, blank) == kClassicWord) return parse_classic(rest);
  return std::nullopt;
}

std::optional<Signature> parse_presigned(std::string_view target) {
  Signature signature{.scheme = SignatureScheme::kPresigned};
  for (QueryParameter& each : parse_query(query_of(target))) {
    if (each.name == "x-fc-access-key-id") signature.key_id = std::move(each.value);
    if (each.name == "x-fc-expires") signature.expires = std::move(each.value);
    if (each.name == kSignatureKey) signature.text = std::move(each.value);
  }
  if (signature.text.empty()) return std::nullopt;
  return signature;
}

std::string acs3_signature(const http::RequestHead& head,
                           const std::vector<std::string>& signed_headers,
                           std::string_view body_hash, std::string_view secret) {
  std::string headers, names;
  for (const std::string& name : signed_headers) {
    headers += name + ":" + joined_values(head.headers, name) + "\n";
    names += (names.empty() ? "" : ";") + name;
  }
  const std::string canonical = head.method + "\n" + canonical_path(path_of(head.target)) + "\n" +
                                canonical_query(query_of(head.target)) + "\n" + headers + "\n" +
                                names + "\n" + std::string(body_hash);
  return hex_encode(hmac(secret, std::string(kAcs3Word) + "\n" + hash_hex(canonical)));
}

std::string classic_signature(const http::RequestHead& head, std::string_view path,
                              std::string_view secret) {
  std::string text = classic_headers(head, value_of(head.headers, "Date")).append(path);
  if (path.starts_with(kProxyPaths)) text += signed_query(head.target);
  return base64_encode(hmac(secret, text));
}

std::string presigned_signature(const http::RequestHead& head, std::string_view path,
                                std::string_view expires, std::string_view secret) {
  std::string text = classic_headers(head, expires).append(path);
  return base64_encode(hmac(secret, text + signed_query(head.target)));
}

bool is_head_signed(const http::RequestHead& head, const Signature& signature,
                    std::string_view secret) {
  return signature.scheme == SignatureScheme::kAcs3 ? is_acs3_signed(head, signature, secret)
                                                    : is_classic_signed(head, signature, secret);
}

bool is_signed(const http::Request& request, const Signature& signature, std::string_view secret) {
  return is_signed(request.head, signature, secret, sha256(request.body.view()));
}

bool is_signed(const http::RequestHead& head, const Signature& signature, std::string_view secret,
               const Sha256Digest& body) {
  if (!is_head_signed(head, signature, secret)) return false;
  return signature.scheme != SignatureScheme::kAcs3 ||
         equals_constant_time(said_hash(head), hex_encode(as_text(body)));
}

std::optional<TimePoint> parse_acs_date(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00Z";
  if (text.size() != kForm.size()) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kForm[i] == '0' ? !digit : text[i] != kForm[i]) return std::nullopt;
  }
  const auto number = [text](std::size_t at, std::size_t count) {
    return digits(text.substr(at, count)).value_or(0);
  };
  using namespace std::chrono;
  const year_month_day day{year(number(0, 4)), month(static_cast<unsigned>(number(5, 2))),
                           std::chrono::day(static_cast<unsigned>(number(8, 2)))};
  if (!day.ok() || number(11, 2) > 23 || number(14, 2) > 59 || number(17, 2) > 60) {
    return std::nullopt;
  }
  return sys_days(day) + hours(number(11, 2)) + minutes(number(14, 2)) + seconds(number(17, 2));
}

}  // namespace ferry::api::fc
