#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "http/awaitable.h"
#include "http/tls.h"

namespace ferry::http {

// What a receiver of the tests does on one connection, in order. Afterwards it closes.
struct Step {
  enum class Kind : std::uint8_t {
    kHandshake,   // TLS, as the server
    kRequest,     // reads one whole request (by Content-Length) and remembers it
    kRead,        // reads `count` bytes and remembers them
    kSend,        // sends `text`
    kDrip,        // sends `text` byte by byte, in segments of their own
    kHalfClose,   // sends no more, goes on reading
    kAwaitClose,  // reads until the peer closes
    kStall,       // does nothing at all, for ever
    kReset,       // closes with a TCP reset
  };
  Kind kind;
  std::string text{};
  std::size_t count = 0;

  static Step handshake() { return {Kind::kHandshake}; }
  static Step request() { return {Kind::kRequest}; }
  static Step read(std::size_t count) { return {Kind::kRead, {}, count}; }
  static Step send(std::string text) { return {Kind::kSend, std::move(text)}; }
  static Step drip(std::string text) { return {Kind::kDrip, std::move(text)}; }
  static Step half_close() { return {Kind::kHalfClose}; }
  static Step await_close() { return {Kind::kAwaitClose}; }
  static Step stall() { return {Kind::kStall}; }
  static Step reset() { return {Kind::kReset}; }
};
using Script = std::vector<Step>;

// A raw receiver on a free loopback port that follows scripts: the n-th connection the n-th script,
// those beyond the last one the last. It lives on the io_context of its test.
class ScriptedReceiver {
 public:
  ScriptedReceiver(asio::io_context& io, std::vector<Script> scripts, TlsContext tls = nullptr,
                   const char* address = "127.0.0.1");
  ~ScriptedReceiver();

  std::uint16_t port() const;
  std::string host_and_port() const;
  std::string url(const std::string& path = "/") const;  // http, or https with TLS

  std::size_t connections() const;
  // What was read, each request on its own.
  const std::vector<std::string>& requests() const;

  struct State;

 private:
  std::shared_ptr<State> state_;  // shared with the connections' coroutines
};

// A port of 127.0.0.1 whose queue of connections is full: connecting to it gets no answer.
class FullBacklog {
 public:
  explicit FullBacklog(std::uint16_t port = 0);  // 0: any free one
  ~FullBacklog();
  std::uint16_t port() const { return port_; }

 private:
  std::vector<int> sockets_;
  std::uint16_t port_ = 0;
};

// A port of 127.0.0.1 where nobody listens.
std::uint16_t unused_port();

// "HTTP/1.1 200 OK" with a Content-Length and that body.
std::string ok_response(const std::string& body = "ok");

}  // namespace ferry::http
