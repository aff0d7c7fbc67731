#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "http/pooled_client.h"
#include "http/scripted_receiver.h"

namespace ferry::http {

// A client on a real io_context; the receivers of a test run on the same one.
struct ClientFixture : testing::Test {
  using Answer = std::optional<Result<ClientResponse>>;

  // Loopback addresses are allowed unless the guard's options say otherwise.
  static ClientOptions options();

  ~ClientFixture() override;

  // Replaces the client that every test begins with.
  void make_client(ClientOptions options);

  static ClientRequest post(const std::string& url, std::string body = "{}");

  // Begins a request; the answer comes while the loop runs.
  std::shared_ptr<Answer> start(ClientRequest request);
  // Runs the loop until the answer is there.
  Result<ClientResponse> finish(const std::shared_ptr<Answer>& answer);
  Result<ClientResponse> send(ClientRequest request) { return finish(start(std::move(request))); }
  // The code of the failure, or kCount.
  ErrorCode failure(ClientRequest request);
  // Lets everything that is ready happen, also what the other side of a socket must see first.
  void settle();

  asio::io_context io;
  Metrics metrics;
  std::unique_ptr<PooledClient> client = *PooledClient::make(io, options(), metrics);
};

}  // namespace ferry::http
