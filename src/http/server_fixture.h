#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "base/metrics.h"
#include "http/awaitable.h"
#include "http/server.h"

// What the tests of the server stand on: a real server with its own thread, and raw sockets to it.

namespace ferry::http {

// Answers with "METHOD target body".
Awaitable<ServerResponse> echo(Request request);
// Bodies up to 8 MB.
Admission admit_all(const RequestHead& head);

class RunningServer {
 public:
  explicit RunningServer(ServerOptions options = {}, Server::Handle handle = echo,
                         Server::Admit admit = admit_all);
  ~RunningServer();

  std::uint16_t port() const { return port_; }
  const Metrics& metrics() const { return metrics_; }

  // Runs `call` on the server's thread and waits for its end.
  void run(const std::function<void()>& call);
  // To be used inside run() only.
  Server& server() { return *server_; }
  void destroy_server();

 private:
  Metrics metrics_;
  asio::io_context io_;
  std::unique_ptr<Server> server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

struct RawResponse {
  int status = 0;
  std::string head;  // status line and fields, with their line ends
  std::string body;

  // The value of a field as spelled; empty when it is absent.
  std::string field(std::string_view name) const;
};

// A blocking socket. Reads give up after 20 seconds, so a test that hangs fails.
class RawClient {
 public:
  // From that address of the loopback network; with a receive buffer of so many bytes, 0: as usual.
  explicit RawClient(std::uint16_t port, const char* from = "127.0.0.1", int receive_bytes = 0);
  // Of a unix socket; its path is short.
  explicit RawClient(const std::filesystem::path& path);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool is_connected() const { return connected_; }
  int descriptor() const { return socket_; }

  // False once the peer has reset the connection.
  bool send(std::string_view data);
  void end_sending();

  // With status 0 when the connection ended before a whole response came.
  RawResponse read_response(bool head_only = false);
  // All until the end of the connection.
  std::string read_to_end();
  // False at the end of the connection.
  bool read_byte();
  // Whether nothing has come yet, not even the end of the connection.
  bool is_quiet() const;

  RawResponse exchange(std::string_view request) {
    send(request);
    return read_response();
  }

 private:
  bool read_more();
  bool read_chunks(std::string& body);

  int socket_ = -1;
  bool connected_ = false;
  std::string pending_;
};

}  // namespace ferry::http
