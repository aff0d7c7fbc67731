#include "dispatch/senders/cloud_event.h"

#include <string_view>

#include "base/json_writer.h"

namespace ferry::dispatch {
namespace {

std::string_view source_of(const Push& push) {
  return push.function_arn.empty() ? "ferry" : "acs:fc";
}

std::string type_of(const Push& push) {
  return std::string(push.function_arn.empty() ? "ferry:Message:" : "fc:AsyncInvoke:") +
         (push.success ? "succeeded" : "failed");
}

// To the second, as the service sends it.
std::string time_of(const Push& push) {
  std::string text = format_rfc3339(push.created_at);
  text.erase(text.find('.'));
  return text + "Z";
}

std::string field_value(std::string_view text) {
  constexpr std::string_view kHexDigits = "0123456789ABCDEF";
  std::string value;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7F && c != '"' && c != '%') {
      value += c;
    } else {
      value += {'%', kHexDigits[byte >> 4], kHexDigits[byte & 15]};
    }
  }
  return value;
}

}  // namespace

std::string cloud_event_json(const Push& push, const HeaderList& extensions) {
  JsonWriter json(push.body.size() + 512);
  json.begin_object()
      .field("specversion", "1.0")
      .field("id", push.event_id)
      .field("source", source_of(push))
      .field("type", type_of(push))
      .field_if("subject", push.function_arn)
      .field("time", time_of(push))
      .field("datacontenttype", "application/json");
  for (const HeaderField& extension : extensions.fields()) {
    json.field(extension.name, extension.value);
  }
  json.key("data").raw(push.body.view());
  return std::move(json.end_object()).take();
}

void add_cloud_event_headers(HeaderList& headers, const Push& push) {
  headers.add("ce-specversion", "1.0");
  headers.add("ce-id", field_value(push.event_id));
  headers.add("ce-source", std::string(source_of(push)));
  headers.add("ce-type", type_of(push));
  if (!push.function_arn.empty()) headers.add("ce-subject", field_value(push.function_arn));
  headers.add("ce-time", time_of(push));
}

}  // namespace ferry::dispatch
