#include "dispatch/pushes.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/random.h"
#include "domain/function.h"

namespace ferry::dispatch {

struct Pushes::State {
  PushOptions options;
  IdCodec ids;
  MakeSender make_sender;
  InvokeHere invoke_here;
  Random random;
  std::map<std::string, std::unique_ptr<Sender>> senders;  // by connection

  Result<Connection> connection_of(const PushTarget& target) const;
  Result<Sender*> sender_of(const PushTarget& target);
  Result<std::unique_ptr<Sender>> make_or_explain(const Connection& connection) const;
  Push push_of(const engine::StartAttempt& attempt, PushTarget target, PushSigning signing,
               TimePoint now) const;
  engine::Invoke invocation_of(const engine::StartAttempt& attempt, const PushTarget& target,
                               TimePoint now);
  static Awaitable<Result<Outcome>> run(std::shared_ptr<State> self, engine::StartAttempt attempt,
                                        PushSigning signing, http::Asker asker, TimePoint now);
};

namespace {

Outcome never(int status, std::string error) {
  Outcome outcome{.kind = OutcomeKind::kNonRetryable, .error = std::move(error)};
  outcome.response = std::make_shared<const Response>(Response{.status = status});
  return outcome;
}

Result<Outcome> outcome_of(PushResult result) {
  if (result.lack) return fail(*result.lack, std::move(result.error));
  Outcome outcome{.kind = result.kind, .error = std::move(result.error)};
  if (result.status != 0 || !result.answer.empty()) {
    outcome.response = std::make_shared<const Response>(
        Response{.status = result.status, .body = Bytes::take(std::move(result.answer))});
  }
  return outcome;
}

bool is_own_trouble(ErrorCode code) {
  return code == ErrorCode::kOverloaded || code == ErrorCode::kDiskFull ||
         code == ErrorCode::kStopping;
}

// Accepted is delivered: what comes of the invocation is its own affair. An overloaded engine is
// the server's own lack; what it refuses it will refuse again.
Result<Outcome> outcome_of(const engine::Answer& answer) {
  if (std::holds_alternative<engine::Invoked>(answer)) {
    Outcome outcome{.kind = OutcomeKind::kDelivered};
    outcome.response = std::make_shared<const Response>(Response{.status = 202});
    return outcome;
  }
  const auto* error = std::get_if<Error>(&answer);
  if (error == nullptr) return never(500, "the invocation was not answered");
  if (is_own_trouble(error->code)) return std::unexpected(*error);
  const int status = error_info(error->code).http_status;
  Outcome outcome = never(status, std::string(error_info(error->code).slug) + ": " + error->text);
  if (status >= 500 || status == 429) outcome.kind = OutcomeKind::kFailed;
  if (error->code == ErrorCode::kRecursionDetected) outcome.condition = kRecursionCondition;
  return outcome;
}

std::size_t bytes_max(const PushTarget& target, const Result<Connection>& connection) {
  const bool own = connection && connection->body_bytes_max > 0;
  return own ? connection->body_bytes_max : push_bytes_max(target.kind);
}

}  // namespace

// URLs need no connection of their own: what may be reached is the guard's affair.
Result<Connection> Pushes::State::connection_of(const PushTarget& target) const {
  if (target.kind == PushKind::kHttp) return Connection{.name = "http", .kind = PushKind::kHttp};
  const auto found = std::ranges::find(options.connections, target.connection, &Connection::name);
  if (found == options.connections.end()) {
    return fail(ErrorCode::kNotFound, "no connection \"" + target.connection + "\" is configured");
  }
  if (found->kind != target.kind) {
    return fail(ErrorCode::kInvalidRequest, "connection \"" + target.connection + "\" is of kind " +
                                                std::string(push_kind_name(found->kind)) +
                                                ", the destination of kind " +
                                                std::string(push_kind_name(target.kind)));
  }
  return *found;
}

Result<Sender*> Pushes::State::sender_of(const PushTarget& target) {
  ASSIGN_OR_RETURN(const Connection connection, connection_of(target));
  std::unique_ptr<Sender>& sender = senders[connection.name];
  if (!sender) {
    auto made = make_or_explain(connection);
    if (!made) {
      senders.erase(connection.name);
      return std::unexpected(std::move(made.error()));
    }
    sender = std::move(*made);
  }
  return sender.get();
}

// A sender may need a thread, which the system may not give.
Result<std::unique_ptr<Sender>> Pushes::State::make_or_explain(const Connection& connection) const {
  try {
    return make_sender(connection);
  } catch (const std::system_error& error) {
    return fail(ErrorCode::kOutOfMemory,
                "no thread for the connection " + connection.name + ": " + error.what());
  }
}

Push Pushes::State::push_of(const engine::StartAttempt& attempt, PushTarget target,
                            PushSigning signing, TimePoint now) const {
  const Message& message = *attempt.message;
  const PushOrigin& origin = *message.push;
  // A published message goes by its id.
  const std::string published = origin.request_id.empty() ? ids.wire(message.source) : "";
  Push push{.target = std::move(target),
            .event_id = published + origin.event_id,
            .body = message.body,
            .success = origin.success,
            .function_arn = origin.arn,
            .request_id = published.empty() ? origin.request_id : published,
            .lineage = {},
            .trace = {},
            .signing = std::move(signing),
            .created_at = message.created_at,
            .now = now,
            .timeout = options.timeout};
  if (!origin.lineage.root.empty())
    push.lineage = write_lineage(origin.lineage, options.lineage_key);
  if (!message.trace_context.empty()) push.trace.add("Traceparent", message.trace_context);
  return push;
}

engine::Invoke Pushes::State::invocation_of(const engine::StartAttempt& attempt,
                                            const PushTarget& target, TimePoint now) {
  const Message& message = *attempt.message;
  engine::Invoke invoke;
  invoke.tenant = message.tenant;
  invoke.function = target.name;
  invoke.qualifier = target.qualifier.empty() ? std::string(kLatest) : target.qualifier;
  invoke.event = message.body;
  invoke.request_id = make_request_id(now, random);
  invoke.lineage = message.push->lineage;
  invoke.caller_ip = message.caller_ip;
  invoke.trace_context = message.trace_context;
  return invoke;
}

Awaitable<Result<Outcome>> Pushes::State::run(std::shared_ptr<State> self,
                                              engine::StartAttempt attempt, PushSigning signing,
                                              http::Asker asker, TimePoint now) {
  auto target = parse_push_target(attempt.delivery.to->target.url);
  if (!target) co_return never(400, std::move(target.error().text));
  const std::size_t most = bytes_max(*target, self->connection_of(*target));
  if (attempt.message->body.size() > most) {
    co_return never(413, "the record has " + std::to_string(attempt.message->body.size()) +
                             " bytes, the destination takes " + std::to_string(most));
  }
  if (target->kind == PushKind::kFunction) {
    co_return outcome_of(co_await self->invoke_here(self->invocation_of(attempt, *target, now)));
  }
  const auto sender = self->sender_of(*target);
  if (!sender && is_own_lack(sender.error().code)) co_return std::unexpected(sender.error());
  if (!sender) co_return never(404, sender.error().text);
  Push push = self->push_of(attempt, std::move(*target), std::move(signing), now);
  push.asker = std::move(asker);
  co_return outcome_of(co_await (*sender)->send(std::move(push)));
}

Pushes::Pushes(PushOptions options, IdCodec ids, MakeSender make_sender, InvokeHere invoke_here,
               std::uint64_t seed)
    : state_(std::make_shared<State>(State{.options = std::move(options),
                                           .ids = ids,
                                           .make_sender = std::move(make_sender),
                                           .invoke_here = std::move(invoke_here),
                                           .random = Random(seed),
                                           .senders = {}})) {}

Pushes::~Pushes() = default;

Awaitable<Result<Outcome>> Pushes::send(engine::StartAttempt attempt, PushSigning signing,
                                        http::Asker asker, TimePoint now) {
  return State::run(state_, std::move(attempt), std::move(signing), std::move(asker), now);
}

}  // namespace ferry::dispatch
