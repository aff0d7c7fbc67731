#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_map>

#include "load.h"

namespace ferry::bench {
namespace {

constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

// The length of the first whole request in `data`, or 0. Only what the server sends is understood.
std::size_t request_length(std::string_view data) {
  const std::size_t head = data.find("\r\n\r\n");
  if (head == std::string_view::npos) return 0;
  std::size_t length = 0;
  const std::size_t field = data.substr(0, head).find("\r\nContent-Length: ");
  if (field != std::string_view::npos) {
    const char* text = data.data() + field + 18;
    std::from_chars(text, data.data() + head, length);
  }
  return data.size() >= head + 4 + length ? head + 4 + length : 0;
}

// "POST /123456 HTTP/1.1": the intended send time; none in other paths, such as a function's.
std::optional<std::int64_t> sent_at(std::string_view request) {
  std::int64_t us = 0;
  const char* number = request.data() + request.find('/') + 1;
  const auto [_, error] = std::from_chars(number, request.data() + request.size(), us);
  if (error != std::errc()) return std::nullopt;
  return us;
}

class ReceiverLoop {
 public:
  ReceiverLoop(int listener, Received& received) : listener_(listener), received_(received) {
    watch(listener_);
  }
  ~ReceiverLoop() {
    for (const auto& [fd, _] : buffers_) close(fd);
    close(epoll_);
  }

  void turn() {
    std::array<epoll_event, 256> events;
    const int ready = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 50);
    for (int i = 0; i < ready; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      fd == listener_ ? accept_one() : read_from(fd);
    }
  }

 private:
  void watch(int fd) {
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }

  void accept_one() {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
    if (fd < 0) return;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    buffers_[fd];
    watch(fd);
  }

  void read_from(int fd) {
    std::array<char, 65'536> chunk;
    const ssize_t count = recv(fd, chunk.data(), chunk.size(), 0);
    if (count <= 0) {
      if (count == 0 || errno != EAGAIN) {
        close(fd);
        buffers_.erase(fd);
      }
      return;
    }
    std::string& buffer = buffers_[fd];
    buffer.append(chunk.data(), static_cast<std::size_t>(count));
    std::string answers;
    std::size_t used = 0;
    while (const std::size_t length = request_length(std::string_view(buffer).substr(used))) {
      take(std::string_view(buffer).substr(used, length));
      answers += kAnswer;
      used += length;
    }
    buffer.erase(0, used);
    if (!answers.empty() && send(fd, answers.data(), answers.size(), MSG_NOSIGNAL) < 0) return;
  }

  void take(std::string_view request) {
    const std::int64_t now = now_us();
    if (const auto since = sent_at(request)) {
      if (*since > now) received_.early.fetch_add(1, std::memory_order_relaxed);
      received_.latencies.add(std::max<std::int64_t>(now - *since, 0));
    }
    if (received_.first_us == 0) received_.first_us = now;
    received_.requests.fetch_add(1, std::memory_order_relaxed);
    received_.last_us.store(now, std::memory_order_relaxed);
  }

  int listener_;
  int epoll_ = epoll_create1(0);
  Received& received_;
  std::unordered_map<int, std::string> buffers_;
};

}  // namespace

void receive(int listener, Received& received, const std::atomic<bool>& stop) {
  ReceiverLoop loop(listener, received);
  while (!stop) loop.turn();
}

}  // namespace ferry::bench
