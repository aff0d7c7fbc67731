#include "dispatch/senders/http_result.h"

namespace ferry::dispatch {
namespace {

PushResult unanswered(const Error& error) {
  if (error.code == ErrorCode::kInvalidDestination) return push_refused(400, error.text);
  if (error.code == ErrorCode::kAddressRefused) return push_refused(403, error.text);
  if (is_own_lack(error.code)) return push_not_sent(error.code, error.text);
  return push_failed(0, error.text);
}

}  // namespace

bool is_retryable_status(std::int32_t status) {
  return status >= 500 || status == 408 || status == 425 || status == 429;
}

PushResult http_result(const Result<http::ClientResponse>& answer) {
  if (!answer) return unanswered(answer.error());
  const std::int32_t status = answer->status;
  const std::string_view body = answer->body.view();
  if (status >= 200 && status <= 299) return push_delivered(status, body);
  std::string error = "unexpected status " + std::to_string(status);
  return is_retryable_status(status) ? push_failed(status, std::move(error), body)
                                     : push_refused(status, std::move(error), body);
}

}  // namespace ferry::dispatch
