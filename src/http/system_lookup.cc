#include <netdb.h>
#include <sys/socket.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "http/blocking_pool.h"
#include "http/name_lookup.h"
#include "http/own_lack.h"

namespace ferry::http {

namespace {

class SystemLookup {
 public:
  using Answered = NameLookup::Answered;
  using Blocking = NameLookup::Blocking;

  SystemLookup(asio::io_context& io, std::size_t threads, Blocking blocking)
      : io_(io), threads_max_(threads), blocking_(std::move(blocking)) {}

  // The work guard keeps the io_context running for an answer that nothing else announces.
  void start(const std::string& host, Answered answered) {
    if (!have_threads()) {
      asio::post(io_, [answered = std::move(answered)] {
        answered(fail(ErrorCode::kOutOfMemory, "no threads to look up names"));
      });
      return;
    }
    threads_->post([alive = std::weak_ptr<int>(alive_), blocking = blocking_, host, &context = io_,
                    work = asio::make_work_guard(io_), answered = std::move(answered)]() mutable {
      asio::post(context, [alive = std::move(alive), answered = std::move(answered),
                           answer = blocking(host)]() mutable {
        if (!alive.expired()) answered(std::move(answer));
      });
    });
  }

 private:
  bool have_threads() {
    try {
      if (!threads_) threads_ = std::make_unique<BlockingPool>(threads_max_);
      return true;
    } catch (const std::exception&) {  // the system gives no more
      return false;
    }
  }

  asio::io_context& io_;
  const std::size_t threads_max_;
  const Blocking blocking_;
  const std::shared_ptr<int> alive_ = std::make_shared<int>();
  std::unique_ptr<BlockingPool> threads_;  // since the first lookup
};

}  // namespace

NameLookup make_system_lookup(asio::io_context& io, std::size_t threads,
                              NameLookup::Blocking blocking) {
  if (!blocking) blocking = system_lookup;
  auto lookup = std::make_shared<SystemLookup>(io, threads, std::move(blocking));
  return {.start = [lookup = std::move(lookup)](
                       const std::string& host,
                       NameLookup::Answered answered) { lookup->start(host, std::move(answered)); },
          .running_max = threads};
}

// Without a descriptor glibc says that it does not know the name.
Result<NameLookup::Addresses> system_lookup(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error != 0) {
    const auto lack = error == EAI_MEMORY ? ErrorCode::kOutOfMemory : own_lack_now();
    return fail(lack.value_or(ErrorCode::kDnsFailed),
                "cannot resolve " + host + ": " + gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, freeaddrinfo);
  NameLookup::Addresses addresses;
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
