#include "dispatch/senders/aliyun_signature.h"

#include <map>

#include "base/encoding.h"
#include "base/legacy_digest.h"

namespace ferry::dispatch {

std::string aliyun_signature(const http::ClientRequest& request, std::string_view resource,
                             std::string_view prefix, std::string_view secret) {
  std::string text = request.method + "\n";
  for (const std::string_view name : {"Content-MD5", "Content-Type", "Date"}) {
    const std::string* const value = request.headers.find(name);
    if (value != nullptr) text += *value;
    text += "\n";
  }
  std::map<std::string, std::string_view> signed_fields;
  for (const HeaderField& field : request.headers.fields()) {
    if (starts_with_ignore_case(field.name, prefix)) {
      signed_fields[to_lower(field.name)] = trim(field.value);
    }
  }
  for (const auto& [name, value] : signed_fields) {
    text.append(name).append(":").append(value).append("\n");
  }
  text += resource;
  return base64_encode(as_text(hmac_sha1(secret, text)));
}

}  // namespace ferry::dispatch
