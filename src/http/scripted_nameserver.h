#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "http/awaitable.h"

namespace ferry::http {

// A nameserver of the tests on the loopback address, over UDP and TCP on one port. It answers on
// the same io_context as what is tested.
class ScriptedNameserver {
 public:
  // What it knows of a name; a name it does not know does not exist.
  struct Name {
    std::vector<std::string> addresses;  // IPv4
    bool silent = false;                 // no answer at all
    bool only_over_tcp = false;          // answers over UDP are marked as truncated
    bool fails = false;                  // SERVFAIL
  };

  explicit ScriptedNameserver(asio::io_context& io);
  ~ScriptedNameserver();

  std::string address() const;  // "127.0.0.1:port"

  std::map<std::string, Name> names;
  std::vector<std::string> asked;     // names of queries for IPv4 addresses, in order
  std::vector<std::uint16_t> askers;  // local ports of UDP queries
  int over_tcp = 0;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace ferry::http
