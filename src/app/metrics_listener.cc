#include "app/metrics_listener.h"

#include <string_view>
#include <utility>

namespace ferry::app {
namespace {

constexpr std::size_t kConnectionsMax = 64;
constexpr std::size_t kAnswerBytesMax = 16u << 20;

http::ServerResponse text_answer(int status, std::string_view type, std::string body) {
  http::ServerResponse response{.status = status, .headers = {}, .body = std::move(body)};
  response.headers.add("Content-Type", std::string(type));
  return response;
}

http::ServerResponse answer_of(const http::RequestHead& head, const Metrics& metrics) {
  constexpr std::string_view kJson = "application/json";
  const std::string_view target = head.target;
  const std::string_view path = target.substr(0, target.find('?'));
  if (path != "/metrics" && path != "/healthz") {
    return text_answer(404, kJson, R"({"error":"not found"})");
  }
  if (head.method != "GET") {
    auto response = text_answer(405, kJson, R"({"error":"method not allowed"})");
    response.headers.add("Allow", "GET");
    return response;
  }
  if (path == "/healthz") return text_answer(200, kJson, R"({"status":"ok"})");
  return text_answer(200, "text/plain; version=0.0.4; charset=utf-8", render_prometheus(metrics));
}

Awaitable<http::ServerResponse> answer(const Metrics& metrics, http::Request request) {
  co_return answer_of(request.head, metrics);
}

}  // namespace

Result<std::unique_ptr<http::Server>> listen_for_metrics(asio::io_context& io,
                                                         const HostAndPort& address,
                                                         Metrics& metrics) {
  return http::Server::listen(
      io,
      {.host = address.host,
       .port = address.port,
       .connections_max = kConnectionsMax,
       .answer_bytes_max = kAnswerBytesMax},
      [](const http::RequestHead&) { return http::Admission{.is_vital = true}; },
      [&metrics](http::Request request) { return answer(metrics, std::move(request)); }, metrics);
}

}  // namespace ferry::app
