#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "http/awaitable.h"

namespace ferry::http {

// Looks up host names, without a cache and without bounds of its own: a Resolver is made with it.
// One thread, the io_context's.
struct NameLookup {
  using Addresses = std::vector<std::string>;
  // Called once, from the event loop and never within start(); not at all after its end.
  using Answered = std::function<void(Result<Addresses>)>;
  // Blocks the calling thread, any one.
  using Blocking = std::function<Result<Addresses>(const std::string& host)>;

  // kDnsFailed when there is no address; codes of is_own_lack() when the server could not even ask.
  // The function owns what it needs; its end waits for lookups that block.
  std::function<void(const std::string& host, Answered answered)> start;
  // How many lookups may run at once; more only wait for each other.
  std::size_t running_max = 0;
};

// The system's resolver, getaddrinfo(3), with all that nsswitch.conf names, on threads of its own.
// Another blocking function in its place is for tests.
NameLookup make_system_lookup(asio::io_context& io, std::size_t threads,
                              NameLookup::Blocking blocking = {});

struct DnsOptions {
  // "192.0.2.1" or "192.0.2.1:5353" or "[2001:db8::1]:53"; empty: those of resolv.conf.
  std::vector<std::string> nameservers;
  Duration lookup_timeout = std::chrono::seconds(10);  // after it an answer is of no use
};

// A resolver in this process, which needs no thread for a lookup: the hosts file, then DNS as
// resolv.conf says, over TCP when an answer is too large for UDP. kInvalidRequest names a bad
// nameserver.
Result<NameLookup> make_dns_lookup(asio::io_context& io, DnsOptions options);

// getaddrinfo(3), in the order of RFC 6724.
Result<NameLookup::Addresses> system_lookup(const std::string& host);

}  // namespace ferry::http
