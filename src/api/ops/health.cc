#include "api/ops/health.h"

#include "api/answers.h"
#include "base/json_writer.h"

namespace ferry::api {

Awaitable<Answered> health(Call) { co_return json_answer(R"({"status":"ok"})"); }

Awaitable<Answered> readiness(Call call) {
  const bool ready = call.services.context.ready();
  http::ServerResponse response =
      json_answer(ready ? R"({"status":"ready"})" : R"({"error":"the server is not ready"})",
                  ready ? 200 : 503);
  if (!ready) response.headers.add("Retry-After", "1");
  co_return response;
}

Awaitable<Answered> version(Call) {
  JsonWriter json;
  json.begin_object().field("version", FERRY_VERSION).end_object();
  co_return json_answer(std::move(json).take());
}

}  // namespace ferry::api
