#include "dispatch/function_caller.h"

#include <utility>
#include <vector>

#include "dispatch/initializations.h"
#include "http/one_shot.h"

namespace ferry::dispatch {

struct InitializationEnd {
  std::vector<http::OneShot*> waiting;  // in the frames of those who wait for it
};

namespace {

// Each tenant's calls initialize an endpoint that several have.
std::string initialization_key(const FunctionCall& call) {
  return call.account + " " + call.endpoint;
}

// What says nothing of the function.
bool is_no_outcome(const Error& error) {
  return is_own_lack(error.code) || error.code == ErrorCode::kCut ||
         error.code == ErrorCode::kStopping;
}

// Returns at the end, or when the asker cuts the wait.
Awaitable<void> wait_for_end(std::shared_ptr<InitializationEnd> end, http::Cut* cut) {
  http::OneShot woken;
  http::CutPoint cut_point([&woken] { woken.wake(); });
  if (cut != nullptr) cut->add(cut_point);
  end->waiting.push_back(&woken);
  co_await woken.wait();
  std::erase(end->waiting, &woken);
}

std::string seconds_of(Duration duration) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(duration).count());
}

}  // namespace

struct FunctionCaller::State {
  asio::io_context& io;
  http::Client& client;
  FunctionCallerOptions options;
  Clock clock;
  Initializations initializations;

  HeaderList headers_of(const FunctionCall& call, std::string_view control_path) const;
  http::ClientRequest request_of(const FunctionCall& call, std::string_view path) const;
  http::ClientRequest passed_request(const FunctionCall& call, const PassedRequest& passed) const;
  static Awaitable<Result<void>> initialize(std::shared_ptr<State> self, FunctionCall call,
                                            http::Asker asker);
};

// Every header is there on every call, as the platform does it; what this server has no value for
// is empty.
HeaderList FunctionCaller::State::headers_of(const FunctionCall& call,
                                             std::string_view control_path) const {
  const Invocation& invocation = *call.invocation;
  HeaderList headers;
  headers.add("Content-Type", "application/octet-stream");
  headers.add("x-fc-request-id", invocation.request_id);
  headers.add("x-fc-access-key-id", "");
  headers.add("x-fc-access-key-secret", "");
  headers.add("x-fc-security-token", "");
  headers.add("x-fc-function-name", invocation.function);
  headers.add("x-fc-function-handler", invocation.handler);
  headers.add("x-fc-function-memory", std::to_string(invocation.memory_mb));
  headers.add("x-fc-function-timeout", seconds_of(call.timeout));
  headers.add("x-fc-function-initializer", invocation.initializer);
  headers.add("x-fc-initialization-timeout", seconds_of(invocation.initialization_timeout));
  headers.add("x-fc-instance-lifecycle-pre-stop-handler", "");
  headers.add("x-fc-instance-lifecycle-pre-freeze-handler", "");
  headers.add("x-fc-region", options.region);
  headers.add("x-fc-account-id", call.account);
  headers.add("x-fc-service-name", invocation.service);
  headers.add("x-fc-service-logproject", invocation.log_project);
  headers.add("x-fc-service-logstore", invocation.log_store);
  headers.add("x-fc-qualifier", invocation.qualifier);
  headers.add("x-fc-version-id", invocation.qualifier == kLatest ? "" : invocation.qualifier);
  headers.add("x-fc-control-path", std::string(control_path));
  headers.add("x-fc-retry-count", std::to_string(call.retry_count));
  if (!invocation.lineage.root.empty()) {
    headers.add(std::string(kLineageHeader),
                write_lineage(invocation.lineage, options.lineage_key));
  }
  if (!call.trace_context.empty()) headers.add("Traceparent", call.trace_context);
  return headers;
}

http::ClientRequest FunctionCaller::State::request_of(const FunctionCall& call,
                                                      std::string_view path) const {
  const bool invokes = path == "/invoke";
  return {.method = "POST",
          .url = call.endpoint + std::string(path),
          .headers = headers_of(call, path),
          .body = invokes ? call.event : Bytes(),
          .timeout = invokes ? call.timeout : call.invocation->initialization_timeout,
          .response_bytes_max = options.response_bytes_max};
}

// What the caller says of the body stands, and if it says nothing, nothing does.
http::ClientRequest FunctionCaller::State::passed_request(const FunctionCall& call,
                                                          const PassedRequest& passed) const {
  HeaderList headers = headers_of(call, "/http-invoke");
  headers.remove("Content-Type");
  for (const HeaderField& field : passed.headers) headers.add(field.name, field.value);
  return {.method = passed.method,
          .url = call.endpoint + passed.target,
          .headers = std::move(headers),
          .body = call.event,
          .timeout = call.timeout,
          .response_bytes_max = options.response_bytes_max};
}

// One call initializes, the others of that endpoint wait for it and go on if it succeeded.
Awaitable<Result<void>> FunctionCaller::State::initialize(std::shared_ptr<State> self,
                                                          FunctionCall call, http::Asker asker) {
  using Phase = Initialization::Phase;
  const auto known = self->initializations.use(initialization_key(call), self->clock());
  Initialization& endpoint = *known;
  while (endpoint.phase == Phase::kRunning) {
    co_await wait_for_end(endpoint.running, asker.cut);
    if (asker.cut != nullptr && asker.cut->is_cut()) co_return fail(ErrorCode::kCut);
  }
  if (endpoint.phase == Phase::kDone) co_return Result<void>();
  endpoint.phase = Phase::kRunning;
  const auto end = endpoint.running = std::make_shared<InitializationEnd>();
  http::ClientRequest request = self->request_of(call, "/initialize");
  request.asker = std::move(asker);
  auto answer = co_await self->client.send(std::move(request));
  const bool done = answer && answer->status >= 200 && answer->status <= 299;
  endpoint.phase = done ? Phase::kDone : Phase::kNot;
  for (http::OneShot* waiting : std::exchange(end->waiting, {})) waiting->wake();
  if (done) co_return Result<void>();
  if (!answer) co_return std::unexpected(std::move(answer.error()));
  co_return fail(ErrorCode::kProtocolError,
                 "the initializer answered with status " + std::to_string(answer->status));
}

FunctionCaller::FunctionCaller(asio::io_context& io, http::Client& client,
                               FunctionCallerOptions options, Clock clock)
    : state_(std::make_shared<State>(State{.io = io,
                                           .client = client,
                                           .options = std::move(options),
                                           .clock = std::move(clock),
                                           .initializations = {}})) {}

FunctionCaller::~FunctionCaller() = default;

Awaitable<Result<Outcome>> FunctionCaller::call(FunctionCall call, http::Asker asker) {
  return run(state_, std::move(call), std::move(asker));
}

Awaitable<Result<Outcome>> FunctionCaller::run(std::shared_ptr<State> state, FunctionCall call,
                                               http::Asker asker) {
  const TimePoint started_at = state->clock();
  if (!call.invocation->initializer.empty()) {
    auto initialized = co_await State::initialize(state, call, asker);
    if (!initialized && is_no_outcome(initialized.error())) {
      co_return std::unexpected(std::move(initialized.error()));
    }
    if (!initialized) {
      co_return classify_function(std::unexpected(std::move(initialized.error())), call, started_at,
                                  state->clock());
    }
  }
  http::ClientRequest request =
      call.passed ? state->passed_request(call, *call.passed) : state->request_of(call, "/invoke");
  request.asker = std::move(asker);
  auto answer = co_await state->client.send(std::move(request));
  if (!answer && is_no_outcome(answer.error()))
    co_return std::unexpected(std::move(answer.error()));
  if (!answer &&
      !call.invocation->initializer.empty()) {  // what answers next may be a new instance
    const auto known = state->initializations.use(initialization_key(call), state->clock());
    if (known->phase == Initialization::Phase::kDone) *known = {};
  }
  co_return classify_function(std::move(answer), call, started_at, state->clock());
}

}  // namespace ferry::dispatch
