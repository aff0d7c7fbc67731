#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "http/awaitable.h"
#include "http/deadline.h"
#include "http/one_shot.h"

namespace ferry::http {

// Host names to textual addresses. Lookups block on threads of their own, so a name whose servers
// do not answer delays nobody else until all of them wait; requests for one name share one lookup,
// and its answer is kept for a while. Failures are not kept. One thread, the io_context's.
class Resolver {
 public:
  using Addresses = std::vector<std::string>;
  // Called on another thread. kDnsFailed when there is no address.
  using Lookup = std::function<Result<Addresses>(const std::string& host)>;

  struct Options {
    Duration cache_for{0};
    std::size_t threads = 4;
    std::size_t names_max = 4096;  // publishers choose the names, so the cache has an end
    Lookup lookup{};               // empty: the system's
  };

  Resolver(asio::io_context& io, Options options);
  ~Resolver();  // waits for the lookups that run

  // The addresses of `host`, families alternating (RFC 8305 section 4), an IP address itself at
  // once. `woken` outlives the call; whoever wakes it earlier ends the wait with kTimedOut, which
  // says nothing of the name.
  Awaitable<Result<Addresses>> resolve(std::string host, OneShot& woken);

  // The addresses were of no use: the next request asks again.
  void forget(const std::string& host);

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with answers that are on their way between threads
};

// getaddrinfo(3), in the order of RFC 6724.
Result<Resolver::Addresses> system_lookup(const std::string& host);

}  // namespace ferry::http
