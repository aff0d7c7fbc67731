#include "dispatch/senders/sender_under_test.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <utility>

namespace ferry::dispatch {

Awaitable<Result<http::ClientResponse>> CannedClient::send(http::ClientRequest request) {
  requests.push_back(std::move(request));
  co_return answer;
}

void CannedClient::answer_with(int status, std::string body) {
  answer = http::ClientResponse{.status = status, .body = Bytes::take(std::move(body))};
}

std::string CannedClient::header(std::string_view name) const {
  const std::string* value = last().headers.find(name);
  return value == nullptr ? "" : *value;
}

PushResult send_now(Sender& sender, Push push) {
  asio::io_context io;
  std::optional<PushResult> result;
  asio::co_spawn(io.get_executor(), sender.send(std::move(push)),
                 [&result](std::exception_ptr thrown, PushResult sent) {
                   EXPECT_FALSE(thrown);
                   result = std::move(sent);
                 });
  io.run();
  EXPECT_TRUE(result.has_value());
  return result.value_or(PushResult{});
}

Push sample_push(std::string_view target) {
  const Result<PushTarget> parsed = parse_push_target(target);
  EXPECT_TRUE(parsed.has_value()) << target;
  return {.target = parsed.value_or(PushTarget{}),
          .event_id = "r-1:s",
          .body = Bytes::copy(R"({"a":1})"),
          .success = true,
          .function_arn = "acs:fc:::services/Svc.LATEST/functions/f",
          .request_id = "r-1",
          .created_at = from_unix_ms(1'795'293'480'125),
          .now = from_unix_ms(1'795'293'484'125),
          .timeout = std::chrono::seconds(5)};
}

}  // namespace ferry::dispatch
