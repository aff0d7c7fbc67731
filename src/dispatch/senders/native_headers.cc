#include "dispatch/senders/native_headers.h"

#include <string>

#include "domain/lineage.h"

namespace ferry::dispatch {

HeaderList native_headers(const Push& push) {
  HeaderList headers;
  const auto add = [&headers](std::string_view name, const std::string& value) {
    if (!value.empty()) headers.add(std::string(name), value);
  };
  add(kEventIdHeader, push.event_id);
  add(kRequestIdHeader, push.request_id);
  add(kLineageHeader, push.lineage);
  for (const HeaderField& field : push.trace) add(field.name, field.value);
  return headers;
}

}  // namespace ferry::dispatch
