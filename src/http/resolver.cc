#include "http/resolver.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/turn_queue.h"

namespace ferry::http {

namespace {

using Addresses = Resolver::Addresses;
using Answer = Result<Addresses>;

// A name that waited for its turn no longer than this had all of its time.
constexpr Duration kShortWait{200};

struct Waiting {
  OneShot& woken;
  std::optional<Answer> answer;
};

struct Name {
  Addresses addresses;
  SteadyTime fresh_until{};
  bool asked = false;  // a lookup runs
  SteadyTime asked_at{};
  std::vector<std::uint64_t> lines{};  // the keys in whose lines it waits until it is asked
  std::vector<Waiting*> waiting{};     // in the frames of those who wait
};

SteadyTime now() { return std::chrono::steady_clock::now(); }

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

struct Resolver::State {
  State(asio::io_context& io, NameLookup made, Options given)
      : options(given), wheel(io), lookup(std::move(made)) {
    options.lookups_max = std::min(options.lookups_max, lookup.running_max);
  }

  // A lookup that runs. The first of answer and time-out ends it.
  struct Running {
    Running(std::string name, std::uint64_t share_key, std::function<void()> timed_out)
        : host(std::move(name)), key(share_key), deadline(std::move(timed_out)) {}
    const std::string host;
    const std::uint64_t key;
    Deadline deadline;
  };

  bool has_room(std::uint64_t key) const;
  void join_line(Name& name, const std::string& host, std::uint64_t key);
  void leave_lines(Name& name, const std::string& host);
  void start_waiting();
  void ask(const std::string& host, std::uint64_t key);
  void end_lookup(std::uint64_t number, Answer answer);
  void answer_name(const std::string& host, Answer answer);
  void make_room(SteadyTime at);
  Error give_up(Name& name, const std::string& host, SteadyTime since);

  Options options;
  DeadlineWheel wheel;
  std::unordered_map<std::string, Name> names;
  TurnQueue<std::string> lines;
  std::unordered_map<std::uint64_t, Running> running;  // by number
  std::unordered_map<std::uint64_t, std::size_t> running_of;
  std::uint64_t last_number = 0;
  NameLookup lookup;  // ends first: its answers use all of the above
};

// A key leaves a quarter to the others, of which each gets one lookup at least.
bool Resolver::State::has_room(std::uint64_t key) const {
  const auto found = running_of.find(key);
  if (found == running_of.end()) return true;
  const std::size_t left_to_others = options.lookups_max / 4;
  return found->second < options.lookups_per_key_max &&
         running.size() + left_to_others < options.lookups_max;
}

void Resolver::State::join_line(Name& name, const std::string& host, std::uint64_t key) {
  if (std::ranges::find(name.lines, key) != name.lines.end()) return;
  name.lines.push_back(key);
  lines.push(key, host);
}

void Resolver::State::leave_lines(Name& name, const std::string& host) {
  for (const std::uint64_t key : std::exchange(name.lines, {})) lines.erase(key, host);
}

void Resolver::State::start_waiting() {
  while (running.size() < options.lookups_max && !lines.empty()) {
    // A key's turn is its own business, so the key of an item is found by trying.
    std::uint64_t key = 0;
    const auto host = lines.pop([&](std::uint64_t next) {
      key = next;
      return has_room(next);
    });
    if (!host) return;
    Name& name = names[*host];
    std::erase(name.lines, key);
    leave_lines(name, *host);
    ask(*host, key);
  }
}

void Resolver::State::ask(const std::string& host, std::uint64_t key) {
  Name& name = names[host];
  name.asked = true;
  name.asked_at = now();
  ++running_of[key];
  const std::uint64_t number = ++last_number;
  const auto timed_out = [this, number, host] {
    end_lookup(number, fail(ErrorCode::kDnsFailed, "cannot resolve " + host + ": no answer"));
  };
  const auto placed = running.try_emplace(number, host, key, timed_out).first;
  wheel.arm(placed->second.deadline, name.asked_at + options.lookup_timeout);
  lookup.start(host, [this, number](Answer answer) { end_lookup(number, std::move(answer)); });
}

void Resolver::State::end_lookup(std::uint64_t number, Answer answer) {
  const auto found = running.find(number);
  if (found == running.end()) return;  // its time was over
  const std::string host = found->second.host;
  const auto of_key = running_of.find(found->second.key);
  if (--of_key->second == 0) running_of.erase(of_key);
  running.erase(found);
  answer_name(host, std::move(answer));
  start_waiting();
}

void Resolver::State::answer_name(const std::string& host, Answer answer) {
  Name& name = names[host];
  name.asked = false;
  if (answer) {
    *answer = alternate_families(*answer);
    name.addresses = *answer;
    name.fresh_until = now() + options.cache_for;
  }
  for (Waiting* waiting : std::exchange(name.waiting, {})) {
    waiting->answer = answer;
    waiting->woken.wake();
  }
}

void Resolver::State::make_room(SteadyTime at) {
  if (names.size() < options.names_max) return;
  const auto is_in_use = [](const Name& name) { return name.asked || !name.lines.empty(); };
  std::erase_if(names, [&](const auto& entry) {
    return !is_in_use(entry.second) && entry.second.fresh_until <= at;
  });
  if (names.size() < options.names_max) return;
  std::erase_if(names, [&](const auto& entry) { return !is_in_use(entry.second); });
}

// Nobody waits for `name` since `since` any more who did.
Error Resolver::State::give_up(Name& name, const std::string& host, SteadyTime since) {
  const std::string text = "gave up waiting for the address of " + host;
  const bool had_its_time = name.asked && name.asked_at - since <= kShortWait;
  if (!name.asked && name.waiting.empty()) leave_lines(name, host);
  if (had_its_time) return {ErrorCode::kTimedOut, text};
  return {ErrorCode::kResolverBusy, text + ": other lookups run"};
}

Resolver::Resolver(asio::io_context& io, NameLookup lookup, Options options)
    : state_(std::make_unique<State>(io, std::move(lookup), options)) {}

Resolver::~Resolver() = default;

Awaitable<Result<Addresses>> Resolver::resolve(std::string host, std::uint64_t share_key,
                                               OneShot& woken) {
  if (is_address(host)) co_return Addresses{host};
  const SteadyTime since = now();
  State* const state = state_.get();
  if (!state->names.contains(host)) state->make_room(since);
  // Names that are asked or waited for stay, so does this reference until the answer.
  Name& name = state->names[host];
  if (since < name.fresh_until) co_return name.addresses;
  Waiting waiting{woken, {}};
  name.waiting.push_back(&waiting);
  if (!name.asked) {
    state->join_line(name, host, share_key);
    state->start_waiting();
  }
  co_await woken.wait();
  if (waiting.answer) co_return std::move(*waiting.answer);
  std::erase(name.waiting, &waiting);
  co_return std::unexpected(state->give_up(name, host, since));
}

void Resolver::forget(const std::string& host) {
  const auto name = state_->names.find(host);
  if (name != state_->names.end()) name->second.fresh_until = {};
}

}  // namespace ferry::http
