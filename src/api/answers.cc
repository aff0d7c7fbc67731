#include "api/answers.h"

#include <algorithm>

#include "base/json_writer.h"

namespace ferry::api {

http::ServerResponse json_answer(std::string body, int status) {
  http::ServerResponse response;
  response.status = status;
  response.headers.reserve(4);
  response.headers.add("Content-Type", "application/json");
  response.body = std::move(body);
  return response;
}

http::ServerResponse error_answer(const Error& error) {
  const ErrorInfo& info = error_info(error.code);
  JsonWriter json;
  json.begin_object().field("error", error.text).end_object();
  // Codes of the store and of attempts have no status of their own: here they are the server's
  // fault.
  const int status = info.http_status >= 400 ? info.http_status : 500;
  http::ServerResponse response = json_answer(std::move(json).take(), status);
  response.headers.add("Ferry-Error-Code", std::string(info.slug));
  if (status == 503) response.headers.add("Retry-After", "1");
  return response;
}

void add_daily_limit(http::ServerResponse& response, const Tenant& tenant,
                     const engine::DailyUsage& used, TimePoint now) {
  if (!tenant.quotas.messages_per_day) return;
  const std::int64_t limit = *tenant.quotas.messages_per_day;
  const std::int64_t left = used.day == utc_day(now) ? limit - used.messages : limit;
  constexpr std::int64_t kSecondsPerDay = 86'400;
  response.headers.add("RateLimit-Limit", std::to_string(limit));
  response.headers.add("RateLimit-Remaining", std::to_string(std::max<std::int64_t>(left, 0)));
  response.headers.add("RateLimit-Reset", std::to_string((utc_day(now) + 1) * kSecondsPerDay));
}

}  // namespace ferry::api
