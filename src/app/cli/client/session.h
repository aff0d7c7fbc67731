#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "app/cli/client/call_result.h"
#include "app/cli/client/connection.h"
#include "app/cli/client/console.h"
#include "base/json.h"
#include "base/time.h"

namespace ferry::app::cli {

// One run of a client command: the server it calls, the terminal it is run from, and how answers
// are to be shown.
class Session {
 public:
  struct Options {
    bool json = false;  // answers as the server gave them, a line each
    TimePoint now{};    // when the command was given
  };
  using TextOf = std::function<std::string(const JsonValue& answer)>;

  Session(Connection connection, const Console& console, Options options)
      : connection_(std::move(connection)), console_(console), options_(options) {}

  const Console& console() const { return console_; }
  bool json() const { return options_.json; }
  TimePoint now() const { return options_.now; }

  CallResult<Bytes> call(ServerCall call);
  // With the headers of the answer.
  CallResult<ServerAnswer> exchange(ServerCall call) {
    return connection_.exchange(std::move(call));
  }
  // An answer in JSON, taken apart.
  CallResult<JsonDocument> ask(ServerCall request);

  // Calls and prints: the answer itself with --json, otherwise what `text_of` makes of it.
  CallResult<void> show(ServerCall request, const TextOf& text_of);
  // The same where success says it all.
  CallResult<void> carry_out(ServerCall request, std::string_view done_text);

  void print_json(std::string_view body) const;

 private:
  Connection connection_;
  const Console& console_;
  Options options_;
};

// kUnreachable for what is no JSON: whoever answered is no such server.
CallResult<JsonDocument> parse_answer(std::string_view body);

}  // namespace ferry::app::cli
