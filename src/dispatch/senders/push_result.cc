#include "dispatch/senders/push_result.h"

#include <utility>

namespace ferry::dispatch {
namespace {

PushResult make_result(OutcomeKind kind, std::int32_t status, std::string error,
                       std::string_view answer) {
  return {.kind = kind,
          .status = status,
          .error = std::move(error),
          .answer = std::string(answer.substr(0, kPushAnswerBytesMax))};
}

}  // namespace

PushResult push_delivered(std::int32_t status, std::string_view answer) {
  return make_result(OutcomeKind::kDelivered, status, "", answer);
}

PushResult push_failed(std::int32_t status, std::string error, std::string_view answer) {
  return make_result(OutcomeKind::kFailed, status, std::move(error), answer);
}

PushResult push_refused(std::int32_t status, std::string error, std::string_view answer) {
  return make_result(OutcomeKind::kNonRetryable, status, std::move(error), answer);
}

PushResult push_not_sent(ErrorCode lack, std::string error) {
  PushResult result = push_failed(0, std::move(error));
  result.lack = lack;
  return result;
}

std::size_t wire_bytes_max(const Connection& connection) {
  return connection.body_bytes_max != 0 ? connection.body_bytes_max
                                        : push_bytes_max(connection.kind);
}

std::optional<PushResult> refuse_too_large(const Connection& connection, std::size_t bytes) {
  const std::size_t bytes_max = wire_bytes_max(connection);
  if (bytes <= bytes_max) return std::nullopt;
  return push_refused(413, "the push has " + std::to_string(bytes) + " bytes, " +
                               std::string(push_kind_name(connection.kind)) + " takes " +
                               std::to_string(bytes_max));
}

}  // namespace ferry::dispatch
