// connections test: one probe by a connection of the configuration, without a server.

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "app/cli/commands.h"
#include "app/cli/exit_codes.h"
#include "app/cli/run_to_end.h"
#include "app/cli/setting_flags.h"
#include "app/clock.h"
#include "base/json_writer.h"
#include "base/random.h"
#include "dispatch/senders/senders.h"
#include "domain/invocation.h"
#include "http/pooled_client.h"

namespace ferry::app::cli {
namespace {

struct ProbeFlags {
  SettingFlags settings;
  std::string connection;
  std::string to = "ferry-probe";
};

// "kafka://orders/ferry-probe"; MNS tells queues and topics apart, RabbitMQ's is of the default
// exchange.
std::string target_text(const dispatch::Connection& connection, const std::string& to) {
  const std::string base =
      std::string(push_kind_name(connection.kind)) + "://" + connection.name + "/";
  if (to.contains('/')) return base + to;
  if (connection.kind == PushKind::kMns) return base + "queues/" + to;
  if (connection.kind == PushKind::kRabbitMq) return base + "/" + to;
  return base + to;
}

dispatch::Push probe(PushTarget target, TimePoint now, Duration timeout) {
  Random random(random_seed());
  dispatch::Push push{
      .target = std::move(target), .created_at = now, .now = now, .timeout = timeout};
  push.request_id = make_request_id(now, random);
  push.event_id = push.request_id + ":s";
  push.success = true;
  JsonWriter json;
  json.begin_object().field("probe", push.request_id).end_object();
  push.body = Bytes::take(std::move(json).take());
  return push;
}

int tell(const std::string& text, const dispatch::PushResult& result) {
  if (result.kind == OutcomeKind::kDelivered) {
    std::printf("%s took the probe: %s\n", text.c_str(), result.answer.c_str());
    return kDone;
  }
  const bool again = result.kind == OutcomeKind::kFailed;
  report({.text = text + " did not take the probe, " +
                  (again ? "a push would be tried again: " : "a push would be a dead letter: ") +
                  result.error});
  return kFailed;
}

Result<int> send(const Settings& settings, const dispatch::Connection& connection,
                 const std::string& to) {
  const std::string text = target_text(connection, to);
  ASSIGN_OR_RETURN(PushTarget target, parse_push_target(text));
  Metrics metrics;
  Clock clock;
  asio::io_context io;
  ASSIGN_OR_RETURN(auto client,
                   http::PooledClient::make(io,
                                            {.connect_timeout = settings.connect_timeout,
                                             .ca_file = settings.ca_file,
                                             .proxy = settings.proxy,
                                             .connect_to = settings.connect_to,
                                             .guard = {.allow_all = true, .allowed_cidrs = {}},
                                             .names = settings.names},
                                            metrics));
  ASSIGN_OR_RETURN(const auto sender, dispatch::make_sender({.io = io,
                                                             .client = *client,
                                                             .operator_client = *client,
                                                             .metrics = metrics,
                                                             .seed = random_seed(),
                                                             .names = settings.names},
                                                            connection));
  const auto result =
      run_to_end(io, sender->send(probe(std::move(target), clock.now(), settings.push_timeout)));
  client->stop();
  return tell(text, result);
}

int test_connection(const ProbeFlags& flags) {
  const auto settings = settings_from({}, flags.settings);
  if (!settings) {
    report(settings.error());
    return kNotUnderstood;
  }
  const auto found =
      std::ranges::find(settings->connections, flags.connection, &dispatch::Connection::name);
  if (found == settings->connections.end()) {
    report({.text = "no connection \"" + flags.connection + "\" is configured"});
    return kNotUnderstood;
  }
  const auto sent = send(*settings, *found, flags.to);
  if (sent) return *sent;
  report(sent.error());
  return kFailed;
}

}  // namespace

void add_connection_commands(Command ferry) {
  Command connections = ferry.add_noun("connections", "Where results are pushed to");
  const auto flags = std::make_shared<ProbeFlags>();
  Command test = connections.add_command("test", "Send one probe by a connection",
                                         [flags] { return test_connection(*flags); });
  add_setting_flags(test, flags->settings);
  test.add_option("name", flags->connection, "Name of the connection").required();
  test.add_option("--to", flags->to,
                  "Queue, topic, subject, key, or exchange/routing key that takes it")
      .showing_default();
}

}  // namespace ferry::app::cli
