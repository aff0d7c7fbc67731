#include "api/cors.h"

namespace ferry::api {

http::ServerResponse preflight_answer(const http::RequestHead& head) {
  http::ServerResponse response;
  response.status = 204;
  response.headers.add("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS");
  if (const std::string* wanted = head.headers.find("Access-Control-Request-Headers")) {
    response.headers.add("Access-Control-Allow-Headers", *wanted);
  }
  if (head.headers.contains("Access-Control-Request-Private-Network")) {
    response.headers.add("Access-Control-Allow-Private-Network", "true");
  }
  response.headers.add("Access-Control-Max-Age", "86400");
  return response;
}

void allow_any_origin(http::ServerResponse& response, bool from_browser) {
  response.headers.add("Access-Control-Allow-Origin", "*");
  if (!from_browser) return;
  response.headers.add("Access-Control-Expose-Headers",
                       "RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, "
                       "Burst-RateLimit-Limit, Burst-RateLimit-Remaining, Burst-RateLimit-Reset, "
                       "Retry-After, Request-Id, Ferry-Error-Code");
}

}  // namespace ferry::api
