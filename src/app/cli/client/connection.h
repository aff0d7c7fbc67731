#pragma once

#include <memory>
#include <string>

#include "app/cli/client/call_result.h"
#include "base/bytes.h"
#include "base/header_list.h"

namespace ferry::app::cli {

// Where a server is and who calls it.
struct ServerAddress {
  std::string url;  // "https://ferry.example", a trailing slash does not matter
  std::string token;
  std::string ca_file;  // extra CAs (PEM), besides the system's
};

struct ServerCall {
  std::string method;
  std::string target;    // from the slash on, encoded
  HeaderList headers{};  // besides the credentials
  Bytes body{};
};

struct ServerAnswer {
  HeaderList headers;
  Bytes body;
};

// Calls of one server, one at a time, over a connection that is kept between them. Each call
// blocks. Used by one thread.
class Connection {
 public:
  // kNotUnderstood for an address without token, or with a CA file that cannot be read.
  static CallResult<Connection> open(ServerAddress address);

  Connection(Connection&&) noexcept;
  ~Connection();

  // The body and the headers of an answer of 2xx. Otherwise the server's own words: kNoSuchThing
  // for 404, kFailed for what else it refuses; kUnreachable when no whole answer came.
  CallResult<ServerAnswer> exchange(ServerCall call);

 private:
  struct State;
  explicit Connection(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ferry::app::cli
