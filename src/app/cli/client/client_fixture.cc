#include "app/cli/client/client_fixture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <utility>

#include "app/cli/client/client_commands.h"
#include "app/cli/exit_codes.h"
#include "http/server_fixture.h"

namespace ferry::app::cli {
namespace {

constexpr TimePoint kNow = from_unix_ms(1'800'000'000'000);  // 2027-01-15T08:00:00Z

class MemoryStream {
 public:
  MemoryStream() : stream_(::open_memstream(&text_, &size_)) {}
  ~MemoryStream() {
    std::fclose(stream_);
    std::free(text_);
  }
  MemoryStream(MemoryStream&&) = delete;

  std::FILE* stream() { return stream_; }
  std::string text() {
    std::fflush(stream_);
    return {text_, size_};
  }

 private:
  char* text_ = nullptr;
  std::size_t size_ = 0;
  std::FILE* stream_;
};

// Written by the server's thread, read by the test's after the command.
struct Recorder {
  const ClientTest& test;
  std::mutex mutex{};
  std::vector<std::string> requests{};
  std::string authorization{};

  std::size_t record(const http::Request& request);
};

std::size_t Recorder::record(const http::Request& request) {
  constexpr std::array<std::string_view, 4> kAlike = {"Host", "User-Agent", "Authorization",
                                                      "Content-Length"};
  std::string text = request.head.method + " " + request.head.target + "\n";
  const std::lock_guard lock(mutex);
  for (const HeaderField& field : request.head.headers) {
    if (field.name == "Authorization") authorization = field.value;
    if (std::ranges::find(kAlike, field.name) != kAlike.end()) continue;
    text += field.name + ": " + field.value + "\n";
  }
  if (!request.body.empty()) text += "\n" + std::string(request.body.view());
  requests.push_back(std::move(text));
  return requests.size() - 1;
}

Awaitable<http::ServerResponse> answer(Recorder& recorder, http::Request request) {
  const std::size_t n = recorder.record(request);
  const ClientTest& test = recorder.test;
  if (test.before_answer) test.before_answer(n);
  const PreparedAnswer& prepared = test.answers[std::min(n, test.answers.size() - 1)];
  http::ServerResponse response;
  response.status = prepared.status;
  response.body = prepared.body;
  co_return response;
}

int run_command(std::vector<std::string> arguments, const Console& console) {
  CommandLine ferry("ferry", "");
  add_client_commands(ferry.root(), std::make_shared<const ClientPlace>(ClientPlace{
                                        .console = console, .now = [] { return kNow; }}));
  const auto ran = ferry.run(std::move(arguments));
  if (ran) return *ran;
  console.tell(ran.error().text);
  return ran.error().exit_code;
}

ClientOutcome run_at(const std::string& url, ClientTest test, Recorder* recorder) {
  // The system's CAs take 30 ms to read and say nothing about this server.
  ::setenv("SSL_CERT_FILE", "/dev/null", 1);
  ::unsetenv("QSTASH_URL");
  ::unsetenv("QSTASH_TOKEN");
  MemoryStream out;
  MemoryStream err;
  std::FILE* in = std::tmpfile();
  std::fwrite(test.input.data(), 1, test.input.size(), in);
  std::rewind(in);
  if (!url.empty()) test.arguments.insert(test.arguments.end(), {"--url", url, "--token", "T"});
  ClientOutcome outcome;
  outcome.exit_code = run_command(test.arguments, {.in = in,
                                                   .out = out.stream(),
                                                   .err = err.stream(),
                                                   .answers = test.at_terminal,
                                                   .shows_progress = test.at_terminal});
  std::fclose(in);
  outcome.out = out.text();
  outcome.err = err.text();
  if (recorder == nullptr) return outcome;
  const std::lock_guard lock(recorder->mutex);
  outcome.requests = recorder->requests;
  outcome.authorization = recorder->authorization;
  return outcome;
}

}  // namespace

ClientOutcome run_client(const ClientTest& test) {
  Recorder recorder{.test = test};
  http::RunningServer server(
      {}, [&recorder](http::Request request) { return answer(recorder, std::move(request)); });
  return run_at("http://127.0.0.1:" + std::to_string(server.port()) + "/", test, &recorder);
}

ClientOutcome run_client_without_server(std::vector<std::string> arguments) {
  std::string url;
  {
    const http::RunningServer server;
    url = "http://127.0.0.1:" + std::to_string(server.port());
  }
  return run_at(url, {.arguments = std::move(arguments)}, nullptr);
}

}  // namespace ferry::app::cli
