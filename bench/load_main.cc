// ferry_load: publishes to a server and receives what it delivers; prints one line of JSON.
//
//   ferry_load --port N --token T [--connections N] [--rate R] [--seconds S] [--bytes B]
//              [--header 'Name: value'] [--messages N] [--drain S] [--call enqueue/q-{i}]
//              [--path /2023-03-30/functions/f/invocations] [--variants N] [--hosts N]
//              [--due UNIX_SECONDS] [--destination GROUP] [--target-port N] [--expect N]
//
// With --messages 0 --connections 0 it only receives.

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <thread>

#include "load.h"

namespace ferry::bench {
namespace {

// On every address of the machine only if messages go to more than one.
int listen_anywhere(std::uint16_t& port, bool every_address) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{.sin_family = AF_INET,
                      .sin_port = htons(port),
                      .sin_addr = {htonl(every_address ? INADDR_ANY : INADDR_LOOPBACK)},
                      .sin_zero = {}};
  socklen_t size = sizeof address;
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0 || listen(fd, 1024) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::perror("ferry_load: listen");
    std::exit(1);
  }
  port = ntohs(address.sin_port);
  return fd;
}

struct Arguments {
  LoadOptions load;
  double drain_seconds = 10;
  std::uint16_t target_port = 0;  // of the receiver; 0: any
  std::uint64_t expected = 0;     // deliveries to wait for; 0: one for each accepted message
};

Arguments read_arguments(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const char* value = argv[i + 1];
    if (name == "--port") arguments.load.port = static_cast<std::uint16_t>(std::atoi(value));
    if (name == "--token") arguments.load.token = value;
    if (name == "--connections") arguments.load.connections = std::atoi(value);
    if (name == "--rate") arguments.load.rate = std::atof(value);
    if (name == "--seconds") arguments.load.seconds = std::atof(value);
    if (name == "--bytes") arguments.load.body_bytes = static_cast<std::size_t>(std::atol(value));
    if (name == "--header") arguments.load.extra_headers += std::string(value) + "\r\n";
    if (name == "--messages") arguments.load.messages_max = std::strtoull(value, nullptr, 10);
    if (name == "--call") arguments.load.call = value;
    if (name == "--path") arguments.load.path = value;
    if (name == "--variants") arguments.load.variants = std::strtoull(value, nullptr, 10);
    if (name == "--hosts") arguments.load.hosts = std::strtoull(value, nullptr, 10);
    if (name == "--due") arguments.load.due_at = std::atoll(value);
    if (name == "--destination") arguments.load.destination = value;
    if (name == "--target-port")
      arguments.target_port = static_cast<std::uint16_t>(std::atoi(value));
    if (name == "--expect") arguments.expected = std::strtoull(value, nullptr, 10);
    if (name == "--drain") arguments.drain_seconds = std::atof(value);
  }
  return arguments;
}

// Until everything accepted came, or nothing came for a while.
void wait_for_deliveries(const Received& received, std::uint64_t expected, double seconds) {
  const std::int64_t end = now_us() + static_cast<std::int64_t>(seconds * 1e6);
  while (received.requests < expected && now_us() < end) usleep(1'000);
}

void print(const Arguments& arguments, Sent& sent, Received& received) {
  const double sending = static_cast<double>(sent.last_us - sent.first_us) / 1e6;
  const double whole = static_cast<double>(received.last_us - sent.first_us) / 1e6;
  const std::uint64_t requests = received.requests;
  std::printf(
      "{\"started_us\":%lld,\"accepted\":%llu,\"refused\":%llu,\"lost\":%llu,\"delivered\":%llu,"
      "\"accept_rate\":%.0f,\"deliver_rate\":%.0f,"
      "\"accept_us\":[%lld,%lld,%lld],\"end_to_end_us\":[%lld,%lld,%lld],\"early\":%llu,\"drain_"
      "seconds\":%.3f,"
      "\"rate\":%.0f}\n",
      static_cast<long long>(sent.first_us), static_cast<unsigned long long>(sent.accepted),
      static_cast<unsigned long long>(sent.refused), static_cast<unsigned long long>(sent.lost),
      static_cast<unsigned long long>(requests), static_cast<double>(sent.accepted) / sending,
      requests > 0 ? static_cast<double>(requests) / whole : 0.0,
      static_cast<long long>(sent.latencies.quantile(0.5)),
      static_cast<long long>(sent.latencies.quantile(0.99)),
      static_cast<long long>(sent.latencies.quantile(0.999)),
      static_cast<long long>(received.latencies.quantile(0.5)),
      static_cast<long long>(received.latencies.quantile(0.99)),
      static_cast<long long>(received.latencies.quantile(0.999)),
      static_cast<unsigned long long>(received.early.load()),
      static_cast<double>(received.last_us - received.first_us) / 1e6, arguments.load.rate);
}

}  // namespace
}  // namespace ferry::bench

int main(int argc, char** argv) {
  using namespace ferry::bench;
  const Arguments arguments = read_arguments(argc, argv);
  std::uint16_t target_port = arguments.target_port;
  const int listener = listen_anywhere(target_port, arguments.load.hosts > 1);
  Received received;
  std::atomic<bool> stop{false};
  std::thread receiver([&] { receive(listener, received, stop); });
  Sent sent = send_load(arguments.load, target_port);
  wait_for_deliveries(received, arguments.expected > 0 ? arguments.expected : sent.accepted,
                      arguments.drain_seconds);
  stop = true;
  receiver.join();
  print(arguments, sent, received);
  close(listener);
  return sent.accepted > 0 || arguments.load.messages_max == 0 ? 0 : 1;
}
