// Sends one push with the real sender and prints what came of it as one line of JSON.
//
//   destination_probe TARGET [--name=value…] <record
//
//   --address --user --secret --token --ca-file   of the connection
//   --tls                                         the connection uses TLS
//   --bytes-max                                   its body_bytes_max
//   --option.NAME=value                           one of its options
//   --event-id --request-id --arn --lineage --signing-key
//   --trace.NAME=value                            a header of the trace
//   --failure                                     an onFailure destination
//   --count=N                                     sends N times over the same sender
//   --timeout-ms                                  of each push, 5000 unless told
//
// The record is read from standard input. Exits with 2 when the target or connection is refused,
// else with 0.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <string>

#include "base/json_writer.h"
#include "base/random.h"
#include "dispatch/senders/senders.h"
#include "http/pooled_client.h"

namespace {

using namespace ferry;            // NOLINT(google-build-using-namespace)
using namespace ferry::dispatch;  // NOLINT(google-build-using-namespace)

using Flags = std::map<std::string, std::string>;

Flags read_flags(int count, char** arguments) {
  Flags flags;
  for (int i = 2; i < count; ++i) {
    const std::string text = arguments[i];
    const std::size_t equals = std::min(text.find('='), text.size());
    flags[text.substr(0, equals)] = equals == text.size() ? "" : text.substr(equals + 1);
  }
  return flags;
}

std::string value_of(const Flags& flags, const std::string& name, std::string otherwise = "") {
  const auto flag = flags.find("--" + name);
  return flag == flags.end() ? otherwise : flag->second;
}

int number_of(const Flags& flags, const std::string& name, const std::string& otherwise) {
  return std::atoi(value_of(flags, name, otherwise).c_str());
}

TimePoint now() { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }

Connection connection_of(const PushTarget& target, const Flags& flags) {
  Connection connection{
      .name = target.connection,
      .kind = target.kind,
      .address = value_of(flags, "address"),
      .user = value_of(flags, "user"),
      .secret = value_of(flags, "secret"),
      .token = value_of(flags, "token"),
      .tls = flags.contains("--tls"),
      .ca_file = value_of(flags, "ca-file"),
      .body_bytes_max = static_cast<std::size_t>(number_of(flags, "bytes-max", "0"))};
  const std::string prefix = "--option.";
  for (const auto& [name, value] : flags) {
    if (name.starts_with(prefix)) connection.options[name.substr(prefix.size())] = value;
  }
  return connection;
}

Push push_of(const PushTarget& target, const Flags& flags, const Bytes& record) {
  Push push{.target = target,
            .event_id = value_of(flags, "event-id", "request-1:s"),
            .body = record,
            .success = !flags.contains("--failure"),
            .function_arn = value_of(flags, "arn", "acs:fc:::services/Svc.LATEST/functions/f"),
            .request_id = value_of(flags, "request-id", "request-1"),
            .lineage = value_of(flags, "lineage"),
            .signing = {.key = value_of(flags, "signing-key")},
            .created_at = now(),
            .now = now(),
            .timeout = Duration(number_of(flags, "timeout-ms", "5000"))};
  const std::string prefix = "--trace.";
  for (const auto& [name, value] : flags) {
    if (name.starts_with(prefix)) push.trace.add(name.substr(prefix.size()), value);
  }
  return push;
}

std::string_view kind_name(OutcomeKind kind) {
  switch (kind) {
    case OutcomeKind::kDelivered:
      return "delivered";
    case OutcomeKind::kFailed:
      return "failed";
    case OutcomeKind::kNonRetryable:
      return "non_retryable";
    case OutcomeKind::kThrottled:
      return "throttled";  // of functions alone
  }
  std::abort();
}

void print(const PushResult& result) {
  JsonWriter json;
  json.begin_object()
      .field("kind", kind_name(result.kind))
      .field("status", result.status)
      .field("error", result.error)
      .field("answer", result.answer)
      .end_object();
  std::printf("%s\n", json.text().c_str());
}

PushResult send(asio::io_context& io, Sender& sender, Push push) {
  std::optional<PushResult> result;
  asio::co_spawn(io.get_executor(), sender.send(std::move(push)),
                 [&result](std::exception_ptr thrown, PushResult sent) {
                   if (thrown) std::rethrow_exception(thrown);
                   result = std::move(sent);
                 });
  io.restart();
  while (!result && io.run_one() != 0) {
  }
  return result.value();
}

int refuse(const Error& error) {
  std::fprintf(stderr, "destination_probe: %s\n", error.text.c_str());
  return 2;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) return refuse({ErrorCode::kInvalidRequest, "which target?"});
  const Result<PushTarget> target = parse_push_target(arguments[1]);
  if (!target) return refuse(target.error());
  const Flags flags = read_flags(count, arguments);
  const Bytes record = Bytes::take(std::string(std::istreambuf_iterator<char>(std::cin), {}));

  asio::io_context io;
  Metrics metrics;
  http::ClientOptions options{.ca_file = value_of(flags, "ca-file")};
  options.guard.allow_all = true;
  const auto client = http::PooledClient::make(io, options, metrics);
  if (!client) return refuse(client.error());
  const SenderParts parts{io, **client, **client, metrics, random_seed()};
  const auto sender = make_sender(parts, connection_of(*target, flags));
  if (!sender) return refuse(sender.error());
  for (int i = 0; i < number_of(flags, "count", "1"); ++i) {
    print(send(io, **sender, push_of(*target, flags, record)));
  }
  return 0;
}
