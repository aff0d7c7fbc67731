#include <ares.h>
#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <chrono>
#include <list>
#include <optional>
#include <unordered_map>
#include <utility>

#include "http/name_lookup.h"
#include "http/own_lack.h"

// The adapter of c-ares. A channel of the library has sockets of its own and takes any number of
// lookups. New lookups go to a young channel: then the local ports of queries change often, which
// makes answers hard to forge, changes of resolv.conf are seen, and lookups that never end go away
// with their channel.

namespace ferry::http {

namespace {

using Clock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;
using Descriptor = asio::posix::basic_stream_descriptor<Executor>;
using Addresses = NameLookup::Addresses;
using Answer = Result<Addresses>;

constexpr std::size_t kLookupsMax = 2048;
constexpr Duration kYoungFor = std::chrono::seconds(5);
constexpr std::size_t kLookupsOfChannelMax = 512;
// How often the library may look for queries to repeat, as long as there are any.
constexpr Duration kTick = std::chrono::milliseconds(100);
// A server that does not answer is asked twice, the second time for twice as long, and the next
// server in between.
constexpr int kQueryTimeoutMs = 2'000;
constexpr int kTries = 2;

bool is_ready() {
  static const bool ready = ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS;
  return ready;
}

class Channel : public std::enable_shared_from_this<Channel> {
 public:
  static Result<std::shared_ptr<Channel>> open(asio::io_context& io,
                                               const std::vector<std::string>& nameservers);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  void start(const std::string& host, NameLookup::Answered answered);

  bool is_young() const { return started_ < kLookupsOfChannelMax && Clock::now() < young_until_; }
  bool is_idle() const { return running_ == 0; }
  Clock::time_point born_at() const { return young_until_ - kYoungFor; }

 private:
  struct Query {
    std::weak_ptr<Channel> channel;
    std::string host;
    NameLookup::Answered answered;
  };
  // A socket of the library, which opens and closes it.
  struct Watch {
    explicit Watch(asio::io_context& io) : socket(io) {}
    ~Watch() { socket.release(); }

    Descriptor socket;
    bool wants_read = false, wants_write = false;
    bool reads = false, writes = false;
  };
  using WatchPtr = std::shared_ptr<Watch>;

  explicit Channel(asio::io_context& io)
      : io_(io), timer_(io), young_until_(Clock::now() + kYoungFor) {}

  static const ares_socket_functions* socket_functions();
  static int open_socket(int family, int type, int protocol, void* self);
  static void want(void* self, int socket, int readable, int writable);
  static void finish(void* query, int status, int timeouts, ares_addrinfo* found);

  Answer answer_of(const std::string& host, int status, const ares_addrinfo* found) const;
  void wait(const WatchPtr& watch);
  void tick();

  asio::io_context& io_;
  Timer timer_;
  const Clock::time_point young_until_;
  ares_channel library_ = nullptr;
  std::unordered_map<int, WatchPtr> watches_;
  std::size_t started_ = 0;
  std::size_t running_ = 0;
  bool ticks_ = false;
  std::optional<ErrorCode> lack_;  // why the last socket could not be opened
};

std::string joined(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "" : ",") + text;
  return list;
}

Result<std::shared_ptr<Channel>> Channel::open(asio::io_context& io,
                                               const std::vector<std::string>& nameservers) {
  std::shared_ptr<Channel> self(new Channel(io));
  if (!is_ready()) return fail(ErrorCode::kOutOfMemory, "c-ares cannot be used");
  ares_options options{};
  options.timeout = kQueryTimeoutMs;
  options.tries = kTries;
  options.sock_state_cb = &Channel::want;
  options.sock_state_cb_data = self.get();
  char lookups[] = "fb";  // the hosts file, then DNS
  options.lookups = lookups;
  const int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB | ARES_OPT_LOOKUPS;
  if (const int status = ares_init_options(&self->library_, &options, mask);
      status != ARES_SUCCESS) {
    const ErrorCode code = own_lack_now().value_or(ErrorCode::kOutOfMemory);
    return fail(code, std::string("cannot read the settings of DNS: ") + ares_strerror(status));
  }
  ares_set_socket_functions(self->library_, socket_functions(), self.get());
  if (!nameservers.empty()) {
    const std::string list = joined(nameservers);
    if (ares_set_servers_ports_csv(self->library_, list.c_str()) != ARES_SUCCESS)
      return fail(ErrorCode::kInvalidRequest, "not addresses of nameservers: " + list);
  }
  return self;
}

// Lookups that still run are answered to nobody.
Channel::~Channel() {
  if (library_ != nullptr) ares_destroy(library_);
}

// The library's own sockets would hide why they cannot be opened.
const ares_socket_functions* Channel::socket_functions() {
  static const ares_socket_functions functions = {
      .asocket = &Channel::open_socket,
      .aclose = [](int socket, void*) { return ::close(socket); },
      .aconnect = [](int socket, const sockaddr* address, ares_socklen_t size,
                     void*) { return ::connect(socket, address, size); },
      .arecvfrom = [](int socket, void* bytes, std::size_t size, int flags, sockaddr* from,
                      ares_socklen_t* from_size,
                      void*) { return ::recvfrom(socket, bytes, size, flags, from, from_size); },
      .asendv = [](int socket, const iovec* pieces, int count,
                   void*) { return ::writev(socket, pieces, count); },
  };
  return &functions;
}

int Channel::open_socket(int family, int type, int protocol, void* self) {
  const int socket = ::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  static_cast<Channel*>(self)->lack_ = socket < 0 ? own_lack_of(errno, "") : std::nullopt;
  return socket;
}

void Channel::want(void* self, int socket, int readable, int writable) {
  Channel& channel = *static_cast<Channel*>(self);
  if (readable == 0 && writable == 0) {
    channel.watches_.erase(socket);
    return;
  }
  WatchPtr& watch = channel.watches_[socket];
  if (!watch) {
    watch = std::make_shared<Watch>(channel.io_);
    boost::system::error_code error;
    watch->socket.assign(socket, error);
    if (error) channel.lack_ = own_lack_of(error.value(), "");
  }
  if (!watch->socket.is_open()) return;  // its queries run out of time
  watch->wants_read = readable != 0;
  watch->wants_write = writable != 0;
  channel.wait(watch);
}

// Serves the socket whenever it is ready for what the library wants of it.
void Channel::wait(const WatchPtr& watch) {
  const auto wait_for = [&](Descriptor::wait_type what, bool Watch::* waits) {
    (*watch).*waits = true;
    watch->socket.async_wait(what, [weak = weak_from_this(), watch = std::weak_ptr(watch), what,
                                    waits](const boost::system::error_code& error) {
      const auto self = weak.lock();
      const WatchPtr ready = watch.lock();
      if (!self || !ready) return;
      (*ready).*waits = false;
      if (error) return;
      const int socket = ready->socket.native_handle();
      const bool reads = what == Descriptor::wait_read;
      ares_process_fd(self->library_, reads ? socket : ARES_SOCKET_BAD,
                      reads ? ARES_SOCKET_BAD : socket);
      const auto still = self->watches_.find(socket);
      if (still != self->watches_.end() && still->second == ready) self->wait(ready);
    });
  };
  if (watch->wants_read && !watch->reads) wait_for(Descriptor::wait_read, &Watch::reads);
  if (watch->wants_write && !watch->writes) wait_for(Descriptor::wait_write, &Watch::writes);
}

void Channel::start(const std::string& host, NameLookup::Answered answered) {
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  ++started_;
  ++running_;
  auto query = std::make_unique<Query>(weak_from_this(), host, std::move(answered));
  ares_getaddrinfo(library_, host.c_str(), nullptr, &hints, &Channel::finish, query.release());
  if (!is_idle() && !std::exchange(ticks_, true)) tick();
}

void Channel::tick() {
  timer_.expires_after(kTick);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (error || !self) return;
    ares_process_fd(self->library_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    self->ticks_ = !self->is_idle();
    if (self->ticks_) self->tick();
  });
}

void Channel::finish(void* query, int status, int, ares_addrinfo* found) {
  const std::unique_ptr<Query> ended(static_cast<Query*>(query));
  const std::unique_ptr<ares_addrinfo, void (*)(ares_addrinfo*)> owner(found, ares_freeaddrinfo);
  const auto self = ended->channel.lock();
  if (!self) return;  // the channel is being closed
  --self->running_;
  asio::post(self->io_, [answered = std::move(ended->answered),
                         answer = self->answer_of(ended->host, status, found)]() mutable {
    answered(std::move(answer));
  });
}

Answer Channel::answer_of(const std::string& host, int status, const ares_addrinfo* found) const {
  if (status != ARES_SUCCESS) {
    auto lack = status == ARES_ENOMEM ? ErrorCode::kOutOfMemory : lack_;
    if (!lack) lack = own_lack_now();  // without a descriptor the hosts file was not read
    return fail(lack.value_or(ErrorCode::kDnsFailed),
                "cannot resolve " + host + ": " + ares_strerror(status));
  }
  Addresses addresses;
  for (const ares_addrinfo_node* node = found->nodes; node != nullptr; node = node->ai_next) {
    char text[NI_MAXHOST];
    if (getnameinfo(node->ai_addr, node->ai_addrlen, text, sizeof text, nullptr, 0,
                    NI_NUMERICHOST) == 0)
      addresses.emplace_back(text);
  }
  if (addresses.empty()) return fail(ErrorCode::kDnsFailed, host + " has no address");
  return addresses;
}

// The forms of inet_aton(3) ("127.1", "0x7f000001") are addresses for getaddrinfo(3), too.
std::optional<std::string> classful_address(const std::string& host) {
  in_addr address{};
  if (::inet_aton(host.c_str(), &address) == 0) return std::nullopt;
  char text[INET_ADDRSTRLEN];
  return ::inet_ntop(AF_INET, &address, text, sizeof text);
}

class DnsLookup {
 public:
  DnsLookup(asio::io_context& io, DnsOptions options) : io_(io), options_(std::move(options)) {}

  void start(const std::string& host, NameLookup::Answered answered) {
    auto guarded = [alive = std::weak_ptr<int>(alive_),
                    answered = std::move(answered)](Answer answer) {
      if (!alive.expired()) answered(std::move(answer));
    };
    if (auto address = classful_address(host)) {
      asio::post(io_, [guarded = std::move(guarded), address = *std::move(address)] {
        guarded(Addresses{address});
      });
      return;
    }
    auto channel = young_channel();
    if (channel) return (*channel)->start(host, std::move(guarded));
    asio::post(io_, [guarded = std::move(guarded), error = std::move(channel.error())] {
      guarded(std::unexpected(error));
    });
  }

 private:
  Result<std::shared_ptr<Channel>> young_channel() {
    if (!channels_.empty() && channels_.back()->is_young()) return channels_.back();
    const auto over = Clock::now() - kYoungFor - options_.lookup_timeout;
    std::erase_if(channels_, [over](const std::shared_ptr<Channel>& channel) {
      return channel->is_idle() || channel->born_at() < over;
    });
    ASSIGN_OR_RETURN(auto channel, Channel::open(io_, options_.nameservers));
    return channels_.emplace_back(std::move(channel));
  }

  asio::io_context& io_;
  const DnsOptions options_;
  const std::shared_ptr<int> alive_ = std::make_shared<int>();
  std::list<std::shared_ptr<Channel>> channels_;  // the youngest last
};

}  // namespace

Result<NameLookup> make_dns_lookup(asio::io_context& io, DnsOptions options) {
  ASSIGN_OR_RETURN(const auto tried, Channel::open(io, options.nameservers));
  auto lookup = std::make_shared<DnsLookup>(io, std::move(options));
  return NameLookup{
      .start = [lookup = std::move(lookup)](
                   const std::string& host,
                   NameLookup::Answered answered) { lookup->start(host, std::move(answered)); },
      .running_max = kLookupsMax};
}

}  // namespace ferry::http
