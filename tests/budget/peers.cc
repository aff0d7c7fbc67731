#include "budget/peers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>

#include "base/check.h"

namespace ferry::budget {
namespace {

constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kLength = "Content-Length: ";
constexpr int kWaitMs = 10;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void write_all(int descriptor, std::string_view data) {
  CHECK(::send(descriptor, data.data(), data.size(), MSG_NOSIGNAL) ==
        static_cast<ssize_t>(data.size()));
}

// The bytes of the message at the start of `received`; 0 while it is incomplete.
std::size_t message_bytes(std::string_view received) {
  const std::size_t head = received.find(kHeadEnd);
  if (head == std::string_view::npos) return 0;
  std::size_t body = 0;
  const std::size_t length = received.substr(0, head).find(kLength);
  if (length != std::string_view::npos) {
    const char* digits = received.data() + length + kLength.size();
    std::from_chars(digits, received.data() + head, body);
  }
  const std::size_t whole = head + kHeadEnd.size() + body;
  return received.size() >= whole ? whole : 0;
}

// Appends what has arrived; with `flags` 0 it waits for something.
void receive_some(int descriptor, std::string& received, int flags) {
  std::array<char, 4096> chunk;
  const ssize_t bytes = ::recv(descriptor, chunk.data(), chunk.size(), flags);
  if (bytes > 0) received.append(chunk.data(), static_cast<std::size_t>(bytes));
  CHECK(bytes != 0);  // neither side ever closes
}

}  // namespace

Callers::Callers(std::uint16_t port, std::size_t connections) {
  const sockaddr_in address = loopback(port);
  for (std::size_t i = 0; i < connections; ++i) {
    const int made = ::socket(AF_INET, SOCK_STREAM, 0);
    CHECK(made >= 0);
    CHECK(::connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    const int on = 1;
    ::setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections_.push_back(made);
  }
}

Callers::~Callers() {
  for (const int connection : connections_) ::close(connection);
}

void Callers::send_all(std::string_view request) const {
  for (const int connection : connections_) write_all(connection, request);
}

std::vector<int> Callers::receive_all() const {
  std::vector<int> statuses;
  for (const int connection : connections_) {
    std::string received;
    while (message_bytes(received) == 0) receive_some(connection, received, 0);
    int status = 0;
    const std::string_view line(received);
    std::from_chars(line.data() + line.find(' ') + 1, line.data() + line.size(), status);
    statuses.push_back(status);
  }
  return statuses;
}

Receiver::Receiver() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
  sockaddr_in address = loopback(0);
  socklen_t bytes = sizeof address;
  CHECK(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), bytes) == 0);
  CHECK(::listen(listener_, SOMAXCONN) == 0);
  CHECK(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &bytes) == 0);
  port_ = ntohs(address.sin_port);
}

Receiver::~Receiver() {
  for (const Connection& connection : connections_) ::close(connection.descriptor);
  ::close(listener_);
}

std::size_t Receiver::answer_arrived() {
  std::vector<pollfd> watched{{.fd = listener_, .events = POLLIN, .revents = 0}};
  for (const Connection& connection : connections_) {
    watched.push_back({.fd = connection.descriptor, .events = POLLIN, .revents = 0});
  }
  if (::poll(watched.data(), watched.size(), kWaitMs) <= 0) return 0;
  std::size_t answered = 0;
  for (std::size_t i = 1; i < watched.size(); ++i) {
    if (watched[i].revents == 0) continue;
    Connection& connection = connections_[i - 1];
    receive_some(connection.descriptor, connection.received, MSG_DONTWAIT);
    const std::size_t bytes = message_bytes(connection.received);
    if (bytes == 0) continue;
    connection.received.erase(0, bytes);
    write_all(connection.descriptor, kAnswer);
    ++answered;
  }
  while (true) {
    const int accepted = ::accept4(listener_, nullptr, nullptr, 0);
    if (accepted < 0) break;
    const int on = 1;
    ::setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections_.push_back({.descriptor = accepted, .received = {}});
  }
  return answered;
}

}  // namespace ferry::budget
