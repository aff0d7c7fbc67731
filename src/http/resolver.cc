#include "http/resolver.h"

#include <netdb.h>
#include <sys/socket.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <optional>
#include <unordered_map>
#include <utility>

#include "http/blocking_pool.h"

namespace ferry::http {

namespace {

using Addresses = Resolver::Addresses;
using Answer = Result<Addresses>;

struct Waiting {
  OneShot& woken;
  std::optional<Answer> answer;
};

struct Name {
  Addresses addresses;
  SteadyTime fresh_until{};
  bool asked = false;               // a lookup is running
  std::vector<Waiting*> waiting{};  // in the frames of those who wait
};

bool is_address(const std::string& host) {
  boost::system::error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

Addresses alternate_families(const Addresses& addresses) {
  const auto is_ipv6 = [](const std::string& address) { return address.contains(':'); };
  Addresses families[2];  // the one that the system prefers first
  for (const std::string& address : addresses)
    families[is_ipv6(address) == is_ipv6(addresses.front()) ? 0 : 1].push_back(address);
  Addresses alternating;
  for (std::size_t i = 0; i < addresses.size(); ++i)
    for (const Addresses& family : families)
      if (i < family.size()) alternating.push_back(family[i]);
  return alternating;
}

}  // namespace

struct Resolver::State : std::enable_shared_from_this<State> {
  State(asio::io_context& io_context, Options given) : io(io_context), options(std::move(given)) {}

  void ask(const std::string& host);
  void answered(const std::string& host, Answer answer);
  void make_room(SteadyTime now);

  asio::io_context& io;
  Options options;
  std::unordered_map<std::string, Name> names;
  std::unique_ptr<BlockingPool> threads;  // since the first lookup
};

void Resolver::State::ask(const std::string& host) {
  if (!threads) threads = std::make_unique<BlockingPool>(options.threads);
  // The work guard keeps the io_context running for an answer that nothing else announces.
  threads->post([weak = weak_from_this(), lookup = options.lookup, host, &context = io,
                 work = asio::make_work_guard(io)] {
    asio::post(context, [weak, host, answer = lookup(host)] {
      if (const auto state = weak.lock()) state->answered(host, answer);
    });
  });
}

void Resolver::State::answered(const std::string& host, Answer answer) {
  Name& name = names[host];
  name.asked = false;
  if (answer) {
    *answer = alternate_families(*answer);
    name.addresses = *answer;
    name.fresh_until = std::chrono::steady_clock::now() + options.cache_for;
  }
  for (Waiting* waiting : std::exchange(name.waiting, {})) {
    waiting->answer = answer;
    waiting->woken.wake();
  }
}

void Resolver::State::make_room(SteadyTime now) {
  if (names.size() < options.names_max) return;
  std::erase_if(names, [now](const auto& entry) {
    return !entry.second.asked && entry.second.fresh_until <= now;
  });
  if (names.size() < options.names_max) return;
  std::erase_if(names, [](const auto& entry) { return !entry.second.asked; });
}

Resolver::Resolver(asio::io_context& io, Options options)
    : state_(std::make_shared<State>(io, std::move(options))) {
  if (!state_->options.lookup) state_->options.lookup = system_lookup;
}

Resolver::~Resolver() = default;

Awaitable<Result<Addresses>> Resolver::resolve(std::string host, OneShot& woken) {
  if (is_address(host)) co_return Addresses{host};
  const SteadyTime now = std::chrono::steady_clock::now();
  if (!state_->names.contains(host)) state_->make_room(now);
  // Names with a running lookup stay, so does this reference until the answer.
  Name& name = state_->names[host];
  if (now < name.fresh_until) co_return name.addresses;
  if (!std::exchange(name.asked, true)) state_->ask(host);
  Waiting waiting{woken, {}};
  name.waiting.push_back(&waiting);
  co_await woken.wait();
  if (waiting.answer) co_return std::move(*waiting.answer);
  std::erase(name.waiting, &waiting);
  co_return fail(ErrorCode::kTimedOut, "gave up waiting for the address of " + host);
}

void Resolver::forget(const std::string& host) {
  const auto name = state_->names.find(host);
  if (name != state_->names.end()) name->second.fresh_until = {};
}

Result<Addresses> system_lookup(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error != 0)
    return fail(ErrorCode::kDnsFailed, "cannot resolve " + host + ": " + gai_strerror(error));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, freeaddrinfo);
  Addresses addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    char text[NI_MAXHOST];
    if (getnameinfo(entry->ai_addr, entry->ai_addrlen, text, sizeof text, nullptr, 0,
                    NI_NUMERICHOST) == 0)
      addresses.emplace_back(text);
  }
  if (addresses.empty()) return fail(ErrorCode::kDnsFailed, host + " has no address");
  return addresses;
}

}  // namespace ferry::http
