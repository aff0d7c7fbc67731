#include "app/cli/client/connection.h"

#include <utility>

#include "app/cli/exit_codes.h"
#include "app/cli/run_to_end.h"
#include "base/encoding.h"
#include "base/json.h"
#include "http/pooled_client.h"

namespace ferry::app::cli {
namespace {

// Longer than a server lets a publisher wait for room (accept_wait), and than a slice of a bulk
// call takes.
constexpr Duration kCallTimeout = std::chrono::seconds(60);
constexpr std::size_t kAnswerBytesMax = 256u << 20;
constexpr int kHttpNotFound = 404;

// What the server says about its refusal: the text of its JSON body, or whatever it sent.
std::string refusal_text(const http::ClientResponse& response) {
  const std::string status = std::to_string(response.status);
  const std::string_view body = trim(response.body.view());
  if (body.empty()) return "the server answered " + status;
  const auto document = JsonDocument::parse(body);
  // The Function Compute API has a word of its own for it.
  for (const std::string_view name : {"error", "Message"}) {
    const auto error = document ? document->root().find(name) : std::nullopt;
    if (error && error->text()) return std::string(*error->text());
  }
  return "the server answered " + status + ": " + std::string(body);
}

CallResult<ServerAnswer> accepted(http::ClientResponse response) {
  if (response.truncated) return fail_with(kFailed, "the answer is larger than 256 MB");
  if (response.status >= 200 && response.status < 300) {
    return ServerAnswer{std::move(response.headers), std::move(response.body)};
  }
  const int exit_code = response.status == kHttpNotFound ? kNoSuchThing : kFailed;
  return fail_with(exit_code, refusal_text(response));
}

}  // namespace

struct Connection::State {
  ServerAddress address;
  asio::io_context io{1};
  Metrics metrics;
  std::unique_ptr<http::PooledClient> client;
};

Connection::Connection(std::unique_ptr<State> state) : state_(std::move(state)) {}
Connection::Connection(Connection&&) noexcept = default;

// What still holds an idle connection ends while its client is there.
Connection::~Connection() {
  if (!state_) return;
  state_->client->stop();
  state_->io.restart();
  state_->io.poll();
}

CallResult<Connection> Connection::open(ServerAddress address) {
  if (address.token.empty()) {
    return fail_with(kNotUnderstood, "no token: give --token, or set QSTASH_TOKEN");
  }
  while (address.url.ends_with('/')) address.url.pop_back();
  auto state = std::make_unique<State>();
  http::ClientOptions options;
  options.guard.allow_all = true;  // the person at the terminal chose the server
  options.ca_file = address.ca_file;
  options.names.by = http::NameOptions::By::kSystem;  // as other commands of the machine do
  auto client = http::PooledClient::make(state->io, std::move(options), state->metrics);
  if (!client) return fail_with(kNotUnderstood, client.error().text);
  state->client = std::move(*client);
  state->address = std::move(address);
  return Connection(std::move(state));
}

CallResult<ServerAnswer> Connection::exchange(ServerCall call) {
  State& state = *state_;
  http::ClientRequest request{.method = std::move(call.method),
                              .url = state.address.url + call.target,
                              .body = std::move(call.body),
                              .timeout = kCallTimeout,
                              .response_bytes_max = kAnswerBytesMax};
  request.headers.add("Authorization", "Bearer " + state.address.token);
  request.headers.add("User-Agent", "ferry/" FERRY_VERSION);
  for (const HeaderField& field : call.headers) request.headers.add(field.name, field.value);
  auto answer = run_to_end(state.io, state.client->send(std::move(request)));
  if (!answer) {
    return fail_with(kUnreachable,
                     "cannot reach " + state.address.url + ": " + answer.error().text);
  }
  return accepted(std::move(*answer));
}

}  // namespace ferry::app::cli
