#include "http/client_fixture.h"

#include <boost/asio/co_spawn.hpp>
#include <cstdlib>
#include <exception>
#include <utility>

namespace ferry::http {

ClientOptions ClientFixture::options() {
  // The system's CAs say nothing about receivers of tests, and reading them takes 30 ms a client.
  ::setenv("SSL_CERT_FILE", "/dev/null", 1);
  ClientOptions options;
  options.guard.allow_all = true;
  return options;
}

// Whatever still waits ends while the client is there.
ClientFixture::~ClientFixture() {
  client->stop();
  settle();
}

void ClientFixture::make_client(ClientOptions options) {
  auto made = PooledClient::make(io, std::move(options), metrics);
  ASSERT_TRUE(made.has_value()) << made.error().text;
  client = std::move(*made);
}

ClientRequest ClientFixture::post(const std::string& url, std::string body) {
  ClientRequest request;
  request.method = "POST";
  request.url = url;
  request.body = Bytes::take(std::move(body));
  request.timeout = std::chrono::seconds(20);
  request.response_bytes_max = 1 << 20;
  return request;
}

std::shared_ptr<ClientFixture::Answer> ClientFixture::start(ClientRequest request) {
  auto answer = std::make_shared<Answer>();
  asio::co_spawn(io.get_executor(), client->send(std::move(request)),
                 [answer](std::exception_ptr thrown, Result<ClientResponse> response) {
                   EXPECT_FALSE(thrown);
                   *answer = std::move(response);
                 });
  return answer;
}

Result<ClientResponse> ClientFixture::finish(const std::shared_ptr<Answer>& answer) {
  io.restart();
  while (!answer->has_value() && io.run_one() != 0) {
  }
  EXPECT_TRUE(answer->has_value());
  return answer->value_or(fail(ErrorCode::kCount, "the loop ended without an answer"));
}

ErrorCode ClientFixture::failure(ClientRequest request) {
  const auto response = send(std::move(request));
  return response ? ErrorCode::kCount : response.error().code;
}

void ClientFixture::settle() {
  io.restart();
  while (io.poll() != 0) {
  }
}

}  // namespace ferry::http
