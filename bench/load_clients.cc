#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "load.h"

namespace ferry::bench {
namespace {

constexpr std::int64_t kPatienceUs = 20'000;

struct Connection {
  int fd = -1;
  std::string input;
  std::int64_t intended_us = 0;  // of the request that waits for its answer
  bool busy = false;
};

int connect_to(const LoadOptions& options) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{
      .sin_family = AF_INET, .sin_port = htons(options.port), .sin_addr = {}, .sin_zero = {}};
  inet_pton(AF_INET, options.host.c_str(), &address.sin_addr);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    std::perror("ferry_load: connect");
    std::exit(1);
  }
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

class Clients {
 public:
  Clients(const LoadOptions& options, std::uint16_t target_port)
      : options_(options),
        before_(options.path.empty() ? "POST /v2/" + options.call + "/" + options.destination
                                     : "POST " + options.path),
        target_(":" + std::to_string(target_port) + "/"),
        after_(" HTTP/1.1\r\nHost: ferry\r\nAuthorization: Bearer " + options.token +
               "\r\nContent-Type: application/octet-stream\r\n" + options.extra_headers +
               "Content-Length: " + std::to_string(options.body_bytes) + "\r\n\r\n" +
               std::string(options.body_bytes, 'x')),
        connections_(static_cast<std::size_t>(options.connections)) {
    for (std::size_t i = 0; i < connections_.size(); ++i) open(i);
  }
  ~Clients() {
    for (const Connection& connection : connections_) close(connection.fd);
    close(epoll_);
  }

  Sent run() {
    sent_.first_us = now_us();
    const std::int64_t end = sent_.first_us + static_cast<std::int64_t>(options_.seconds * 1e6);
    while (now_us() < end && started_ < options_.messages_max) {
      start_requests(end);
      wait(until_next_us());
    }
    for (std::int64_t grace = now_us() + 2'000'000; busy_ > 0 && now_us() < grace;)
      wait(kPatienceUs);
    sent_.last_us = now_us();
    return std::move(sent_);
  }

 private:
  std::string host() const {
    if (options_.hosts <= 1) return "127.0.0.1";
    const std::uint64_t number = started_ % options_.hosts;
    return "127.1." + std::to_string(number / 250) + "." + std::to_string(1 + number % 250);
  }

  // The time in the path is what the receiver measures from.
  void compose(std::int64_t intended) {
    request_.assign(before_);
    if (options_.destination.empty() && options_.path.empty()) {
      request_ += "http://" + host() + target_;
      request_ += std::to_string(options_.due_at > 0 ? at_unix_us(options_.due_at) : intended);
    }
    request_.append(after_);
    if (options_.variants <= 1) return;
    const std::string number = std::to_string(started_ % options_.variants);
    for (auto at = request_.find("{i}"); at != std::string::npos; at = request_.find("{i}")) {
      request_.replace(at, 3, number);
    }
  }

  void open(std::size_t index) {
    Connection& connection = connections_[index];
    connection = {.fd = connect_to(options_)};
    epoll_event event{.events = EPOLLIN, .data = {.u64 = index}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event);
    free_.push_back(index);
  }

  // Closed loop: every free connection sends. Open loop: as many as the schedule has reached; a
  // request that finds no free connection keeps its intended time.
  void start_requests(std::int64_t end) {
    const std::int64_t now = now_us();
    while (!free_.empty() && now < end && started_ < options_.messages_max) {
      std::int64_t intended = now;
      if (options_.rate > 0) {
        intended = sent_.first_us +
                   static_cast<std::int64_t>(static_cast<double>(started_) * 1e6 / options_.rate);
        if (intended > now) return;
      }
      start(free_.front(), intended);
      free_.pop_front();
    }
  }

  // Sleeps rather than spins: a generator that takes a whole core slows down what it measures.
  std::int64_t until_next_us() const {
    if (options_.rate <= 0 || free_.empty()) return kPatienceUs;
    const auto next = sent_.first_us + static_cast<std::int64_t>(static_cast<double>(started_) *
                                                                 1e6 / options_.rate);
    return std::clamp<std::int64_t>(next - now_us(), 0, kPatienceUs);
  }

  void start(std::size_t index, std::int64_t intended) {
    Connection& connection = connections_[index];
    compose(intended);
    connection.intended_us = intended;
    connection.busy = true;
    ++busy_;
    ++started_;
    std::string_view rest = request_;
    while (!rest.empty()) {
      const ssize_t count = send(connection.fd, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (count <= 0) return;  // the read sees the end of the connection
      rest.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  void wait(std::int64_t most_us) {
    std::array<epoll_event, 256> events;
    const timespec most{.tv_sec = 0, .tv_nsec = most_us * 1'000};
    const int ready =
        epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &most, nullptr);
    for (int i = 0; i < ready; ++i) read_from(events[static_cast<std::size_t>(i)].data.u64);
  }

  void read_from(std::size_t index) {
    Connection& connection = connections_[index];
    std::array<char, 16'384> chunk;
    const ssize_t count = recv(connection.fd, chunk.data(), chunk.size(), 0);
    if (count <= 0) {
      ++sent_.lost;
      if (connection.busy) --busy_;
      close(connection.fd);
      open(index);
      return;
    }
    connection.input.append(chunk.data(), static_cast<std::size_t>(count));
    const std::size_t length = answer_length(connection.input);
    if (length == 0) return;
    finish(connection, index);
    connection.input.erase(0, length);
  }

  void finish(Connection& connection, std::size_t index) {
    const bool ok = connection.input.compare(0, 10, "HTTP/1.1 2") == 0;
    if (!ok && sent_.refused == 0) std::fprintf(stderr, "refused: %s\n", connection.input.c_str());
    ++(ok ? sent_.accepted : sent_.refused);
    sent_.latencies.add(now_us() - connection.intended_us);
    connection.busy = false;
    --busy_;
    free_.push_back(index);
  }

  static std::size_t answer_length(std::string_view data) {
    const std::size_t head = data.find("\r\n\r\n");
    if (head == std::string_view::npos) return 0;
    std::size_t length = 0;
    const std::size_t field = data.substr(0, head).find("\r\nContent-Length: ");
    if (field != std::string_view::npos) {
      std::from_chars(data.data() + field + 18, data.data() + head, length);
    }
    return data.size() >= head + 4 + length ? head + 4 + length : 0;
  }

  const LoadOptions& options_;
  std::string before_, target_, after_, request_;
  std::vector<Connection> connections_;
  std::deque<std::size_t> free_;
  int epoll_ = epoll_create1(0);
  std::uint64_t started_ = 0;
  int busy_ = 0;
  Sent sent_;
};

}  // namespace

Sent send_load(const LoadOptions& options, std::uint16_t target_port) {
  return Clients(options, target_port).run();
}

}  // namespace ferry::bench
