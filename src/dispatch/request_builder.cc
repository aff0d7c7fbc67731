#include "dispatch/request_builder.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"

namespace ferry::dispatch {
namespace {

// Fields that only this server or its HTTP client may make, in lower case.
constexpr std::array<std::string_view, 18> kReserved = {"connection",
                                                        "content-length",
                                                        "expect",
                                                        "host",
                                                        "keep-alive",
                                                        "proxy-authorization",
                                                        "proxy-connection",
                                                        "te",
                                                        "trailer",
                                                        "transfer-encoding",
                                                        "upgrade",
                                                        "upstash-message-id",
                                                        "upstash-retried",
                                                        "upstash-signature",
                                                        "upstash-topic-name",
                                                        "upstash-schedule-id",
                                                        "upstash-endpoint-name",
                                                        "upstash-caller-ip"};

bool is_reserved(std::string_view name) {
  const auto same = [name](std::string_view reserved) {
    return equals_ignore_case(name, reserved);
  };
  return std::ranges::any_of(kReserved, same) || equals_ignore_case(name, "upstash-region");
}

// Server-made, too, for a tenant that wants them (Standard Webhooks 1.0).
constexpr std::array<std::string_view, 3> kStandardWebhooks = {"webhook-id", "webhook-timestamp",
                                                               "webhook-signature"};

bool is_standard_webhook(std::string_view name) {
  return std::ranges::any_of(kStandardWebhooks, [name](std::string_view reserved) {
    return equals_ignore_case(name, reserved);
  });
}

void add_if(HeaderList& headers, std::string_view name, const std::string& value) {
  if (!value.empty()) headers.add(std::string(name), value);
}

HeaderList build_headers(const Message& message, const Delivery& delivery, const IdCodec& ids,
                         const RequestFacts& facts) {
  HeaderList headers;
  headers.reserve(message.headers.size() + 13);
  const bool standard = !facts.standard_signature.empty();
  for (const HeaderField& field : message.headers) {
    const bool ours = is_reserved(field.name) || (standard && is_standard_webhook(field.name));
    if (!ours) headers.add(field.name, field.value);
  }
  if (!message.headers.contains("User-Agent")) headers.add("User-Agent", "Upstash-QStash");
  if (!message.headers.contains("Traceparent")) {
    add_if(headers, "Traceparent", message.trace_context);
  }
  headers.add("Upstash-Message-Id", ids.wire(delivery.id));
  headers.add("Upstash-Retried", std::to_string(delivery.retried));
  headers.add("Upstash-Signature", facts.signature);
  headers.add("Upstash-Region", facts.region);
  if (standard) {
    headers.add("webhook-id", ids.wire(delivery.id));
    headers.add("webhook-timestamp", std::to_string(to_unix_seconds(facts.signed_at)));
    headers.add("webhook-signature", facts.standard_signature);
  }
  add_if(headers, "Upstash-Caller-Ip", message.caller_ip);
  add_if(headers, "Upstash-Topic-Name", delivery.to->group_name);
  add_if(headers, "Upstash-Schedule-Id", delivery.to->schedule_id);
  return headers;
}

}  // namespace

http::ClientRequest build_request(const Message& message, const Delivery& delivery,
                                  const IdCodec& ids, const RequestFacts& facts) {
  const bool own_timeout = message.timeout > Duration{0} && message.timeout < facts.timeout_max;
  return {.method = std::string(method_name(message.method)),
          .url = delivery.to->target.url,
          .headers = build_headers(message, delivery, ids, facts),
          .body = message.body,
          .timeout = own_timeout ? message.timeout : facts.timeout_max,
          .response_bytes_max = facts.response_bytes_max};
}

}  // namespace ferry::dispatch
