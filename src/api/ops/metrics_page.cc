#include "api/ops/metrics_page.h"

#include "base/digest.h"

namespace ferry::api {

Awaitable<Answered> metrics_page(Call call) {
  const Context& context = call.services.context;
  if (context.options.metrics_token.empty()) co_return fail(ErrorCode::kNotFound);
  const auto token = bearer_token(call.request.head.headers);
  if (!token || !equals_constant_time(*token, context.options.metrics_token)) {
    co_return fail(ErrorCode::kUnauthenticated, "unable to authenticate: invalid token");
  }
  http::ServerResponse response;
  response.headers.add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  response.body = render_prometheus(context.metrics);
  co_return response;
}

}  // namespace ferry::api
