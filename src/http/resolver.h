#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "http/awaitable.h"
#include "http/deadline.h"
#include "http/name_lookup.h"
#include "http/one_shot.h"

namespace ferry::http {

// Host names to textual addresses. Requests for one name share one lookup, and its answer is kept
// for a while; failures are not kept. Lookups that run are bounded, in all and for each share key
// (a tenant, for the caller), and those that must wait go by turns of the keys: names whose servers
// do not answer hold their own key's share only. One thread, the io_context's.
class Resolver {
 public:
  using Addresses = std::vector<std::string>;

  struct Options {
    Duration cache_for{0};
    Duration lookup_timeout = std::chrono::seconds(10);
    std::size_t lookups_max = 2048;
    std::size_t lookups_per_key_max = 512;
    std::size_t names_max = 4096;  // publishers choose the names, so the cache has an end
  };

  Resolver(asio::io_context& io, NameLookup lookup, Options options);
  ~Resolver();  // waits for the lookups that block

  // The addresses of `host`, families alternating (RFC 8305 section 4), an IP address itself at
  // once. `woken` outlives the call; whoever wakes it earlier ends the wait: with kResolverBusy if
  // other lookups took the time that this name's should have had, else with kTimedOut. kDnsFailed
  // when there is no address; codes of is_own_lack() when the lookup could not be made.
  Awaitable<Result<Addresses>> resolve(std::string host, std::uint64_t share_key, OneShot& woken);

  // The addresses were of no use: the next request asks again.
  void forget(const std::string& host);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ferry::http
