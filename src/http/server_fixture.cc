#include "http/server_fixture.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <charconv>
#include <future>
#include <utility>

#include "base/check.h"
#include "base/log.h"

namespace ferry::http {

Awaitable<ServerResponse> echo(Request request) {
  ServerResponse response;
  response.body = request.head.method + " " + request.head.target + " ";
  response.body.append(request.body.view());
  co_return response;
}

Admission admit_all(const RequestHead&) {
  Admission admission;
  admission.body_bytes_max = 8u << 20;
  return admission;
}

RunningServer::RunningServer(ServerOptions options, Server::Handle handle, Server::Admit admit) {
  log::configure({.level = log::Level::kOff, .format = log::Format::kText});
  options.port = 0;
  auto server =
      Server::listen(io_, std::move(options), std::move(admit), std::move(handle), metrics_);
  CHECK(server);
  server_ = std::move(*server);
  port_ = server_->port();
  thread_ = std::thread([this] {
    const auto busy = asio::make_work_guard(io_);
    io_.run();
  });
}

RunningServer::~RunningServer() {
  destroy_server();
  io_.stop();
  thread_.join();
}

void RunningServer::run(const std::function<void()>& call) {
  std::promise<void> done;
  asio::post(io_, [&] {
    call();
    done.set_value();
  });
  done.get_future().wait();
}

void RunningServer::destroy_server() {
  run([this] { server_.reset(); });
}

std::string RawResponse::field(std::string_view name) const {
  const std::string start = "\r\n" + std::string(name) + ": ";
  const std::size_t at = head.find(start);
  if (at == std::string::npos) return {};
  const std::size_t value = at + start.size();
  return head.substr(value, head.find("\r\n", value) - value);
}

namespace {

int patient_socket(int family) {
  const int made = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{.tv_sec = 20, .tv_usec = 0};
  ::setsockopt(made, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  return made;
}

}  // namespace

RawClient::RawClient(const std::filesystem::path& path) : socket_(patient_socket(AF_UNIX)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  CHECK(path.native().size() < sizeof(address.sun_path));
  std::ranges::copy(path.native(), address.sun_path);
  connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
}

RawClient::RawClient(std::uint16_t port, const char* from, int receive_bytes)
    : socket_(patient_socket(AF_INET)) {
  if (receive_bytes > 0) {
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof(receive_bytes));
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  ::inet_pton(AF_INET, from, &address.sin_addr);
  CHECK(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
}

RawClient::~RawClient() { ::close(socket_); }

bool RawClient::send(std::string_view data) {
  while (!data.empty()) {
    const ssize_t count = ::send(socket_, data.data(), data.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    data.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void RawClient::end_sending() { ::shutdown(socket_, SHUT_WR); }

// Of a body in chunks, without extensions and trailers.
bool RawClient::read_chunks(std::string& body) {
  std::size_t size = 0;
  do {
    std::size_t line_end = 0;
    while ((line_end = pending_.find("\r\n")) == std::string::npos) {
      if (!read_more()) return false;
    }
    std::from_chars(pending_.data(), pending_.data() + line_end, size, 16);
    pending_.erase(0, line_end + 2);
    while (pending_.size() < size + 2) {
      if (!read_more()) return false;
    }
    body += pending_.substr(0, size);
    pending_.erase(0, size + 2);
  } while (size > 0);
  return true;
}

RawResponse RawClient::read_response(bool head_only) {
  std::size_t end = 0;
  while ((end = pending_.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more()) return {};
  }
  RawResponse response;
  response.head = pending_.substr(0, end + 2);
  pending_.erase(0, end + 4);
  std::from_chars(response.head.data() + 9, response.head.data() + 12, response.status);
  if (!head_only && response.field("Transfer-Encoding") == "chunked") {
    return read_chunks(response.body) ? response : RawResponse();
  }
  std::size_t size = 0;
  const std::string length = response.field("Content-Length");
  std::from_chars(length.data(), length.data() + length.size(), size);
  if (head_only) size = 0;
  while (pending_.size() < size) {
    if (!read_more()) return {};
  }
  response.body = pending_.substr(0, size);
  pending_.erase(0, size);
  return response;
}

std::string RawClient::read_to_end() {
  while (read_more()) {
  }
  return std::exchange(pending_, {});
}

bool RawClient::read_byte() {
  char byte = 0;
  return ::recv(socket_, &byte, 1, 0) == 1;
}

bool RawClient::is_quiet() const {
  char byte = 0;
  return ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

bool RawClient::read_more() {
  char buffer[16 << 10];
  const ssize_t count = ::recv(socket_, buffer, sizeof(buffer), 0);
  if (count < 0 && errno == EAGAIN) ADD_FAILURE() << "nothing came for 20 seconds";
  if (count <= 0) return false;
  pending_.append(buffer, static_cast<std::size_t>(count));
  return true;
}

}  // namespace ferry::http
