// receive: a receiver for trying things out, which shows what arrives.

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/cli/commands.h"
#include "app/cli/exit_codes.h"
#include "app/clock.h"
#include "app/setting_values.h"
#include "app/signature_check.h"
#include "base/log.h"
#include "domain/tenant.h"
#include "http/server.h"

namespace ferry::app::cli {
namespace {

constexpr std::size_t kBodyBytesMax = 1u << 30;
constexpr std::int64_t kStatusDefault = 200;

struct Receiver {
  std::string listen = "127.0.0.1:3000";
  std::int64_t status = kStatusDefault;
  std::vector<std::string> keys;
  Clock clock;
};

std::vector<std::string> development_keys() {
  std::vector<std::string> keys;
  for (const DevelopmentUser& user : development_users()) {
    keys.push_back(user.tenant.signing_key_current);
    keys.push_back(user.tenant.signing_key_next);
  }
  return keys;
}

// What the sender called, as far as a receiver can tell.
std::string url_of(const http::RequestHead& head) {
  const std::string* host = head.headers.find("Host");
  return (head.secure ? "https://" : "http://") + (host ? *host : "") + head.target;
}

std::string signature_line(Receiver& receiver, const http::Request& request) {
  const std::string* signature = request.head.headers.find("Upstash-Signature");
  if (signature == nullptr) return "no signature";
  const auto checked = check_signature(*signature, receiver.keys, url_of(request.head),
                                       request.body.view(), receiver.clock.now());
  return checked ? "the signature is good" : "the signature is bad: " + checked.error().text;
}

void print_request(Receiver& receiver, const http::Request& request) {
  std::string text = "--- " + request.head.method + " " + request.head.target + "\n";
  for (const HeaderField& field : request.head.headers) {
    text += field.name + ": " + field.value + "\n";
  }
  text += "\n" + std::string(request.body.view()) + "\n";
  text += "--- " + signature_line(receiver, request) + "; answered " +
          std::to_string(receiver.status) + "\n\n";
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

Awaitable<http::ServerResponse> answer(Receiver& receiver, http::Request request) {
  print_request(receiver, request);
  http::ServerResponse response;
  response.status = static_cast<int>(receiver.status);
  co_return response;
}

int receive(Receiver& receiver) {
  const auto address = read_host_and_port({receiver.listen});
  if (!address) {
    report({.text = "--listen: " + address.error().text});
    return kNotUnderstood;
  }
  log::configure({.level = log::Level::kWarn, .format = log::Format::kText});
  if (receiver.keys.empty()) receiver.keys = development_keys();
  asio::io_context io(1);
  Metrics metrics;
  auto server = http::Server::listen(
      io, {.host = address->host, .port = address->port},
      [](const http::RequestHead&) { return http::Admission{.body_bytes_max = kBodyBytesMax}; },
      [&receiver](http::Request request) { return answer(receiver, std::move(request)); }, metrics);
  if (!server) return report(server.error());
  std::printf("Receiving on %s, port %d. Stop with Ctrl-C.\n\n", address->host.c_str(),
              static_cast<int>((*server)->port()));
  std::fflush(stdout);
  io.run();
  return kDone;
}

}  // namespace

void add_receive_command(Command ferry) {
  const auto receiver = std::make_shared<Receiver>();
  Command command =
      ferry.add_command("receive", "Show what arrives: a local receiver for trying things out",
                        [receiver] { return receive(*receiver); });
  command.add_option("--listen", receiver->listen, "host:port [127.0.0.1:3000]");
  command.add_option("--status", receiver->status, "What it answers [200]").between(200, 599);
  command.add_option("--key", receiver->keys,
                     "Signing key to check signatures with; may be given "
                     "several times [those of `ferry dev`]");
}

}  // namespace ferry::app::cli
