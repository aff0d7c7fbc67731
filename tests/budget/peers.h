#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Both sides that a server talks to, on plain sockets of the loopback interface. They run on the
// driver's thread while nothing is counted.

namespace ferry::budget {

// Connections that are kept open, each with one call at a time.
class Callers {
 public:
  Callers(std::uint16_t port, std::size_t connections);
  ~Callers();
  Callers(const Callers&) = delete;
  Callers& operator=(const Callers&) = delete;

  // Sends `request` on every connection.
  void send_all(std::string_view request) const;
  // Waits for an answer on every connection and returns its status codes.
  std::vector<int> receive_all() const;

 private:
  std::vector<int> connections_;
};

// Answers every request with 200 and two bytes, when it is told to.
class Receiver {
 public:
  Receiver();
  ~Receiver();
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  std::uint16_t port() const { return port_; }

  // Accepts and answers what has arrived; returns how many requests that were.
  std::size_t answer_arrived();

 private:
  struct Connection {
    int descriptor = -1;
    std::string received;
  };

  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::vector<Connection> connections_;
};

}  // namespace ferry::budget
