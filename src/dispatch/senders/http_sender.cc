#include "dispatch/senders/http_sender.h"

#include <utility>

#include "dispatch/senders/cloud_event.h"
#include "dispatch/senders/http_result.h"
#include "dispatch/signer.h"
#include "domain/lineage.h"

namespace ferry::dispatch {
namespace {

using Mode = PushTarget::Mode;

HeaderList headers_of(const Push& push) {
  HeaderList headers;
  const bool structured = push.target.mode == Mode::kStructured;
  headers.add("Content-Type",
              structured ? "application/cloudevents+json; charset=utf-8" : "application/json");
  headers.add("User-Agent", "Ferry");
  headers.add("Ferry-Event-Id", push.event_id);
  if (push.target.mode == Mode::kBinary) add_cloud_event_headers(headers, push);
  if (!push.lineage.empty()) headers.add(std::string(kLineageHeader), push.lineage);
  for (const HeaderField& field : push.trace.fields()) headers.add(field.name, field.value);
  return headers;
}

class HttpSender final : public Sender {
 public:
  HttpSender(http::Client& client, Connection connection, std::uint64_t seed)
      : client_(client), connection_(std::move(connection)), signer_(seed) {}

  Awaitable<PushResult> send(Push push) override;

 private:
  void sign(http::ClientRequest& request, const Push& push);
  http::ClientRequest request_of(const Push& push);

  http::Client& client_;
  const Connection connection_;
  Signer signer_;
};

// What is signed is what goes on the wire: a CloudEvent with its envelope.
void HttpSender::sign(http::ClientRequest& request, const Push& push) {
  const std::string& key = push.signing.key;
  const std::string_view body = request.body.view();
  request.headers.add("Upstash-Signature", signer_.sign(key, request.url, body, push.now));
  if (!push.signing.standard) return;
  request.headers.add("webhook-id", push.event_id);
  request.headers.add("webhook-timestamp", std::to_string(to_unix_seconds(push.now)));
  request.headers.add("webhook-signature",
                      signer_.sign_standard(key, push.event_id, body, push.now));
}

http::ClientRequest HttpSender::request_of(const Push& push) {
  http::ClientRequest request{.method = "POST",
                              .url = push.target.name,
                              .headers = headers_of(push),
                              .body = push.body,
                              .timeout = push.timeout,
                              .response_bytes_max = kPushAnswerBytesMax,
                              .asker = push.asker};
  if (push.target.mode == Mode::kStructured) request.body = Bytes::take(cloud_event_json(push));
  if (!push.signing.key.empty()) sign(request, push);
  return request;
}

Awaitable<PushResult> HttpSender::send(Push push) {
  http::ClientRequest request = request_of(push);
  if (auto too_large = refuse_too_large(connection_, request.body.size())) co_return *too_large;
  co_return http_result(co_await client_.send(std::move(request)));
}

}  // namespace

std::unique_ptr<Sender> make_http_sender(http::Client& client, Connection connection,
                                         std::uint64_t seed) {
  return std::make_unique<HttpSender>(client, std::move(connection), seed);
}

}  // namespace ferry::dispatch
