#pragma once

#include <functional>
#include <string>
#include <vector>

namespace ferry::app::cli {

// What the tests of client commands stand on: one command, run against a real HTTP server that
// gives prepared answers.

struct PreparedAnswer {
  int status = 200;
  std::string body = "{}";
};

struct ClientTest {
  std::vector<std::string> arguments;
  std::vector<PreparedAnswer> answers{{}};  // the last one also for all calls beyond it
  std::string input{};                      // standard input
  bool at_terminal = false;
  // Called by the server before it gives its n-th answer, counted from 0.
  std::function<void(std::size_t n)> before_answer{};
};

struct ClientOutcome {
  int exit_code = -1;
  std::string out;
  std::string err;
  // "METHOD target\nName: value\n...\n\nbody", without what every call has alike.
  std::vector<std::string> requests;
  // Of the first call, what the others leave out.
  std::string authorization;
};

ClientOutcome run_client(const ClientTest& test);

// The same with `--url` of a port where nobody listens.
ClientOutcome run_client_without_server(std::vector<std::string> arguments);

}  // namespace ferry::app::cli
