#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "latency.h"

namespace ferry::bench {

// What a run is made of. Sender and receiver are one thread each, raw epoll, keep-alive.
struct LoadOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;
  std::string token;
  int connections = 64;
  double rate = 0;  // messages a second, open loop; 0: closed loop
  double seconds = 5;
  std::size_t body_bytes = 512;
  std::string extra_headers;  // "Name: value\r\n" lines of every publish
  std::uint64_t messages_max = UINT64_MAX;
  std::string call = "publish";  // what stands behind /v2/, such as enqueue/q-{i}
  std::string path;  // the whole path in place of all that, such as an invocation's; no latency
  // "{i}" in the call, the path and the headers is the number of the message modulo this.
  std::uint64_t variants = 1;
  std::uint64_t hosts =
      1;  // addresses of 127.1.0.0/16 that the messages go to in turn; 1: 127.0.0.1
  std::string destination;  // in place of the receiver's URL, such as a URL group
  std::int64_t due_at = 0;  // unix seconds: the messages are due then, and latency counts from it
};

// Counted by the receiver's thread, read after it was joined.
struct Received {
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::int64_t> first_us{0};
  std::atomic<std::int64_t> last_us{0};  // when the last one came
  std::atomic<std::uint64_t> early{0};   // before that time
  Latencies latencies;  // from the intended send time in the path, of requests that have it
};

// Accepts on `listener` and answers 200 to everything until `stop`.
void receive(int listener, Received& received, const std::atomic<bool>& stop);

struct Sent {
  std::uint64_t accepted = 0;  // answered with 2xx
  std::uint64_t refused = 0;   // any other answer
  std::uint64_t lost = 0;      // connections that broke
  std::int64_t first_us = 0, last_us = 0;
  Latencies latencies;  // to the answer, from the intended send time
};

// Publishes to http://<host>:`target_port`/<intended send time in us>, or calls `path` if set.
Sent send_load(const LoadOptions& options, std::uint16_t target_port);

}  // namespace ferry::bench
