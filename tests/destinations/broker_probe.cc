// Sends pushes by one connection for the tests of this folder and prints how each ended.
//
//   broker_probe KIND ADDRESS [user=U] [secret=S] [token=T] [tls=true] [ca_file=F] [OPTION=VALUE…]
//
// Every line of the standard input is a turn: TARGET, BODY FILE, EVENT ID, TIMEOUT in milliseconds
// and COUNT, separated by tabs. Its pushes are under way at once; each is answered by a line:
//   {"kind":"delivered|failed|refused","status":404,"error":"…","answer":"…"}

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "dispatch/senders/connection_rules.h"
#include "dispatch/senders/kafka_sender.h"
#include "dispatch/senders/nats_sender.h"
#include "dispatch/senders/rabbitmq_sender.h"
#include "dispatch/senders/redis_sender.h"

namespace ferry::dispatch {
namespace {

using Words = std::vector<std::string>;

Words split(const std::string& line) {
  Words words;
  std::size_t begin = 0;
  for (std::size_t end = line.find('\t'); end != std::string::npos; end = line.find('\t', begin)) {
    words.push_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
  words.push_back(line.substr(begin));
  return words;
}

void set_field(Connection& connection, const std::string& name, const std::string& value) {
  if (name == "user") {
    connection.user = value;
  } else if (name == "secret") {
    connection.secret = value;
  } else if (name == "token") {
    connection.token = value;
  } else if (name == "ca_file") {
    connection.ca_file = value;
  } else if (name == "tls") {
    connection.tls = value == "true";
  } else {
    connection.options[name] = value;
  }
}

Result<Connection> read_connection(const Words& arguments) {
  if (arguments.size() < 2) return fail(ErrorCode::kInvalidRequest, "expected KIND ADDRESS");
  Connection connection;
  connection.name = "probe";
  ASSIGN_OR_RETURN(connection.kind, connection_kind(arguments[0]));
  connection.address = arguments[1];
  for (std::size_t i = 2; i < arguments.size(); ++i) {
    const std::size_t equals = std::min(arguments[i].find('='), arguments[i].size());
    set_field(connection, arguments[i].substr(0, equals),
              arguments[i].substr(std::min(equals + 1, arguments[i].size())));
  }
  RETURN_IF_ERROR(check_connection(connection));
  return connection;
}

Result<std::unique_ptr<Sender>> sender_for(Connection connection) {
  switch (connection.kind) {
    case PushKind::kKafka:
      return std::make_unique<KafkaSender>(std::move(connection));
    case PushKind::kRabbitMq:
      return std::make_unique<RabbitMqSender>(std::move(connection));
    case PushKind::kNats:
      return std::make_unique<NatsSender>(std::move(connection));
    case PushKind::kRedis:
      return std::make_unique<RedisSender>(std::move(connection));
    default:
      return fail(ErrorCode::kInvalidRequest, "not a broker");
  }
}

Result<Push> read_push(const Words& words) {
  if (words.size() != 5) return fail(ErrorCode::kInvalidRequest, "expected five fields");
  Push push;
  ASSIGN_OR_RETURN(push.target, parse_push_target(words[0]));
  std::ifstream file(words[1], std::ios::binary);
  push.body = Bytes::take({std::istreambuf_iterator<char>(file), {}});
  push.event_id = words[2];
  push.success = true;
  push.request_id = "1-67a59f35-150c1267-f381ba1c085c";
  push.lineage = "v1;root=r;hops=1;path=01234567:1;sig=s";
  push.trace.add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  push.created_at = from_unix_ms(1'660'120'276'975);
  push.now = push.created_at;
  push.timeout = Duration(std::stoll(words[3]));
  return push;
}

std::string_view name_of(OutcomeKind kind) {
  if (kind == OutcomeKind::kDelivered) return "delivered";
  return kind == OutcomeKind::kFailed ? "failed" : "refused";
}

Awaitable<void> send(Sender* sender, Push push) {
  const PushResult result = co_await sender->send(std::move(push));
  JsonWriter json;
  json.begin_object()
      .field("kind", name_of(result.kind))
      .field("status", result.status)
      .field("error", result.error)
      .field("answer", result.answer)
      .end_object();
  std::cout << json.text() << std::endl;
}

Result<void> run(const Words& arguments) {
  asio::io_context io;
  ASSIGN_OR_RETURN(Connection connection, read_connection(arguments));
  ASSIGN_OR_RETURN(const std::unique_ptr<Sender> sender, sender_for(std::move(connection)));
  for (std::string line; std::getline(std::cin, line);) {
    const Words words = split(line);
    ASSIGN_OR_RETURN(const Push push, read_push(words));
    for (int left = std::stoi(words[4]); left > 0; --left) {
      asio::co_spawn(io.get_executor(), send(sender.get(), push), asio::detached);
    }
    io.restart();
    io.run();
  }
  return {};
}

}  // namespace
}  // namespace ferry::dispatch

int main(int count, char** values) {
  const auto done = ferry::dispatch::run({values + 1, values + count});
  if (done) return 0;
  std::fprintf(stderr, "%s\n", done.error().text.c_str());
  return 2;
}
