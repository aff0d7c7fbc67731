// Drives messages through a server in fixed turns, all on one thread, for `run` to count what each
// phase costs.
//
//   budget_driver --folder EMPTY_FOLDER [--counter none|callgrind|system_calls] [--turns N]
//
// A turn is kMessagesPerTurn plain messages, from the request of each to its stored and applied
// outcome. Everything that a seam of the server lets be fixed is fixed: the time, the order of
// work, the receiver's answers.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/log.h"
#include "budget/meter.h"
#include "budget/peers.h"
#include "budget/server_in_turns.h"

namespace ferry::budget {
namespace {

constexpr std::size_t kMessagesPerTurn = 64;
// Connections are made, buffers have grown, the journal has its segments.
constexpr int kTurnsBefore = 8;
constexpr int kTurnsPerCheckpoint = 8;
constexpr std::size_t kBodyBytes = 256;

struct Arguments {
  std::string folder;
  Counter counter = Counter::kNone;
  int turns = 24;
};

std::optional<Counter> counter_of(std::string_view name) {
  if (name == "none") return Counter::kNone;
  if (name == "callgrind") return Counter::kCallgrind;
  if (name == "system_calls") return Counter::kSystemCalls;
  return std::nullopt;
}

std::optional<Arguments> read_arguments(int count, char** texts) {
  Arguments arguments;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view name = texts[i];
    const std::string value = texts[i + 1];
    if (name == "--folder") {
      arguments.folder = value;
    } else if (name == "--turns") {
      arguments.turns = std::atoi(value.c_str());
    } else if (const auto counter = counter_of(value); name == "--counter" && counter) {
      arguments.counter = *counter;
    } else {
      return std::nullopt;
    }
  }
  if (arguments.folder.empty() || arguments.turns <= 0) return std::nullopt;
  return arguments;
}

std::string publish_request(const ServerInTurns& server, const Receiver& receiver) {
  const std::string body = R"({"text":")" + std::string(kBodyBytes - 11, 'x') + R"("})";
  return "POST /v2/publish/http://127.0.0.1:" + std::to_string(receiver.port()) +
         "/orders HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + server.token() +
         "\r\nContent-Type: application/json\r\nAccept: */*\r\nUser-Agent: budget\r\n"
         "Upstash-Forward-Order: 12345\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

void accept_messages(ServerInTurns& server, Meter& meter, const Callers& callers,
                     std::string_view request) {
  callers.send_all(request);
  {
    const PhaseScope scope(meter, Phase::kAccept);
    server.wait_for_commands(kMessagesPerTurn);
    server.step_engine(0);
    server.poll_loop();
  }
  const std::vector<int> statuses = callers.receive_all();
  CHECK(std::ranges::all_of(statuses, [](int status) { return status == 201 || status == 200; }));
}

// Delivers at most so many; how many.
std::size_t deliver_round(ServerInTurns& server, Meter& meter, Receiver& receiver,
                          std::size_t messages_max) {
  std::size_t started = 0;
  {
    const PhaseScope scope(meter, Phase::kDeliver);
    started = server.step_engine(static_cast<std::uint32_t>(messages_max));
    CHECK(started > 0);
    server.poll_loop();
  }
  std::size_t answered = 0;
  while (answered < started) {
    answered += receiver.answer_arrived();
    if (answered == started) break;
    const PhaseScope scope(meter, Phase::kDeliver);
    server.poll_loop();
  }
  const PhaseScope scope(meter, Phase::kDeliver);
  server.wait_for_commands(started);
  server.step_engine(0);
  return started;
}

// In one round, but for the first turns: a host that has not answered yet gets few at once.
void deliver_messages(ServerInTurns& server, Meter& meter, Receiver& receiver) {
  for (std::size_t left = kMessagesPerTurn; left > 0;) {
    left -= deliver_round(server, meter, receiver, left);
  }
}

void apply_rows(ServerInTurns& server, Meter& meter) {
  const PhaseScope scope(meter, Phase::kApply);
  server.apply_rows();
}

int drive(const Arguments& arguments) {
  // Lines are made as in a running server, and thrown away.
  log::set_sink([](std::string_view) {});
  Meter meter(arguments.counter);
  ServerInTurns server(arguments.folder, meter);
  Receiver receiver;
  const Callers callers(server.port(), kMessagesPerTurn);
  const std::string request = publish_request(server, receiver);
  for (int turn = 0; turn < kTurnsBefore + arguments.turns; ++turn) {
    if (turn == kTurnsBefore) meter.start();
    server.advance_time(Duration{5});
    accept_messages(server, meter, callers, request);
    apply_rows(server, meter);
    deliver_messages(server, meter, receiver);
    apply_rows(server, meter);
    if ((turn + 1) % kTurnsPerCheckpoint != 0) continue;
    const PhaseScope scope(meter, Phase::kApply);
    server.checkpoint();
  }
  meter.stop();
  std::printf("messages %zu\n", kMessagesPerTurn * static_cast<std::size_t>(arguments.turns));
  std::fflush(stdout);
  std::_Exit(0);  // what is left belongs to no message
}

}  // namespace
}  // namespace ferry::budget

int main(int argc, char** argv) {
  const auto arguments = ferry::budget::read_arguments(argc, argv);
  if (!arguments) {
    std::fputs("usage: budget_driver --folder FOLDER [--counter NAME] [--turns N]\n", stderr);
    return 2;
  }
  return ferry::budget::drive(*arguments);
}
