#include "http/connector.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <latch>
#include <optional>

#include "http/no_descriptors.h"
#include "http/scripted_receiver.h"

// The order of addresses and the time each of them gets. Whatever is below 127.0.0.0/8 is this
// machine, so one port can have a listener on one address and none on another.

namespace ferry::http {
namespace {

using Addresses = Resolver::Addresses;

struct ConnectorTest : testing::Test {
  struct Attempt {
    Attempt(DeadlineWheel& wheel, Duration timeout, const std::string& host, std::uint16_t port)
        : running(wheel, timeout), url(*parse_url("http://" + host + ":" + std::to_string(port))) {}

    RunningRequest running;
    Url url;
    std::optional<Result<void>> result;
  };

  void make(NameLookup::Blocking lookup, ClientOptions options = allowing_all()) {
    ::setenv("SSL_CERT_FILE", "/dev/null", 1);
    connector = *Connector::make(io, options, metrics, std::move(lookup));
  }

  void find(Addresses addresses, ClientOptions options = allowing_all()) {
    make([addresses](const std::string&) -> Result<Addresses> { return addresses; },
         std::move(options));
  }

  // Looking up a name ends with `may_answer`.
  void make_waiting() {
    make([this](const std::string&) -> Result<Addresses> {
      may_answer.wait();
      return Addresses{"127.0.0.1"};
    });
  }

  static ClientOptions allowing_all() {
    ClientOptions options;
    options.guard.allow_all = true;
    return options;
  }

  std::shared_ptr<Attempt> start(std::uint16_t port, Duration timeout = std::chrono::seconds(20)) {
    auto attempt = std::make_shared<Attempt>(wheel, timeout, "a.example", port);
    asio::co_spawn(io.get_executor(), connector->connect(attempt->url, attempt->running, asker),
                   [attempt](std::exception_ptr thrown, Result<void> result) {
                     EXPECT_FALSE(thrown);
                     attempt->result = std::move(result);
                   });
    return attempt;
  }

  Error finish(const std::shared_ptr<Attempt>& attempt) {
    io.restart();
    while (!attempt->result && io.run_one() != 0) {
    }
    if (!attempt->result) return {ErrorCode::kInternal, "the loop ended"};
    return *attempt->result ? Error{ErrorCode::kCount, ""} : attempt->result->error();
  }

  // Code kCount: connected.
  Error connect(std::uint16_t port, Duration timeout = std::chrono::seconds(20)) {
    return finish(start(port, timeout));
  }

  asio::io_context io;
  Metrics metrics;
  DeadlineWheel wheel{io};
  std::latch may_answer{1};
  std::unique_ptr<Connector> connector;
  std::vector<std::string> told;  // addresses that were connected to
  const Asker asker{.connecting = [this](const std::string& ip) { told.push_back(ip); }};
  const std::vector<Script> closing = {{Step::await_close()}};
};

TEST_F(ConnectorTest, ARefusingAddressLeadsToTheNext) {
  ScriptedReceiver receiver(io, closing, nullptr, "127.0.0.3");
  find({"127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"});
  EXPECT_EQ(connect(receiver.port()).code, ErrorCode::kCount);
  EXPECT_EQ(metrics.connections_opened_total.value(), 1u);
}

TEST_F(ConnectorTest, ASilentAddressUsesUpItsShareOnly) {
  ScriptedReceiver receiver(io, closing, nullptr, "127.0.0.2");
  const FullBacklog silent(receiver.port());
  ClientOptions options = allowing_all();
  options.connect_timeout = Duration(200);
  find({"127.0.0.1", "127.0.0.2"}, options);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(connect(receiver.port()).code, ErrorCode::kCount);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, Duration(100));
}

TEST_F(ConnectorTest, TheLastErrorIsTold) {
  const std::uint16_t port = unused_port();
  find({"127.0.0.2", "127.0.0.1"});
  const Error error = connect(port);
  EXPECT_EQ(error.code, ErrorCode::kConnectFailed);
  EXPECT_EQ(error.text,
            "cannot connect to 127.0.0.1:" + std::to_string(port) + ": Connection refused");
}

TEST_F(ConnectorTest, OnlySoManyAddressesAreTried) {
  ScriptedReceiver receiver(io, closing, nullptr, "127.0.0.9");
  Addresses many;
  for (int i = 1; i <= 9; ++i) many.push_back("127.0.0." + std::to_string(i));
  find(many);
  EXPECT_EQ(connect(receiver.port()).code, ErrorCode::kConnectFailed);
  many.erase(many.begin());
  find(many);
  EXPECT_EQ(connect(receiver.port()).code, ErrorCode::kCount);
}

TEST_F(ConnectorTest, RefusedAddressesAreCountedAndLeftOut) {
  ScriptedReceiver receiver(io, closing);
  ClientOptions options;
  options.guard.allowed_cidrs = {"127.0.0.1/32"};
  find({"10.0.0.1", "127.0.0.1", "fd00::1"}, options);
  EXPECT_EQ(connect(receiver.port()).code, ErrorCode::kCount);
  EXPECT_EQ(metrics.addresses_refused_total.value(), 2u);
  find({"10.0.0.1", "127.0.0.2"}, options);
  const Error error = connect(receiver.port());
  EXPECT_EQ(error.code, ErrorCode::kAddressRefused);
  EXPECT_EQ(error.text, "endpoint resolves to a private address: 10.0.0.1");
  EXPECT_EQ(receiver.connections(), 1u);
}

TEST_F(ConnectorTest, AfterAFailureTheNameIsLookedUpAgain) {
  ScriptedReceiver receiver(io, closing);
  int lookups = 0;
  make([&](const std::string&) -> Result<Addresses> {
    return Addresses{++lookups == 1 ? "127.0.0.2" : "127.0.0.1"};
  });
  EXPECT_EQ(connect(receiver.port()).code, ErrorCode::kConnectFailed);
  EXPECT_EQ(connect(receiver.port()).code, ErrorCode::kCount);
  EXPECT_EQ(connect(receiver.port()).code, ErrorCode::kCount);
  EXPECT_EQ(lookups, 2);
}

TEST_F(ConnectorTest, TheTimeOutCoversResolving) {
  make_waiting();
  const Error error = connect(unused_port(), Duration(40));
  EXPECT_EQ(error.code, ErrorCode::kTimedOut);
  EXPECT_EQ(error.text, "timed out after 40ms, resolving the host name");
  may_answer.count_down();
}

TEST_F(ConnectorTest, WithoutDescriptorsTheServerLacksThem) {
  ScriptedReceiver receiver(io, closing);
  find({"127.0.0.1", "127.0.0.2"});
  EXPECT_EQ(connect(receiver.port()).code, ErrorCode::kCount);
  const NoDescriptors none;
  const Error error = connect(receiver.port());
  EXPECT_EQ(error.code, ErrorCode::kOutOfDescriptors);
  EXPECT_TRUE(error.text.starts_with("cannot connect to 127.0.0.1:")) << error.text;
}

TEST_F(ConnectorTest, TellsAnAddressThatIsNewForTheHost) {
  ScriptedReceiver receiver(io, {{Step::await_close()}, {Step::await_close()}});
  int lookups = 0;
  make([&](const std::string&) -> Result<Addresses> {
    return Addresses{++lookups == 1 ? "127.0.0.2" : "127.0.0.1"};
  });
  EXPECT_EQ(connect(receiver.port()).code, ErrorCode::kConnectFailed);
  EXPECT_EQ(connect(receiver.port()).code, ErrorCode::kCount);
  EXPECT_EQ(connect(receiver.port()).code, ErrorCode::kCount);
  EXPECT_EQ(told, (Addresses{"127.0.0.2", "127.0.0.1"}));
}

TEST_F(ConnectorTest, TellsNoAddressThatIsSharedOrTheOperatorsChoice) {
  ScriptedReceiver receiver(io, {{Step::await_close()}, {Step::await_close()}});
  ClientOptions shared = allowing_all();
  shared.shared_addresses = {"127.0.0.0/8"};
  find({"127.0.0.1"}, shared);
  EXPECT_EQ(connect(receiver.port()).code, ErrorCode::kCount);
  ClientOptions chosen = allowing_all();
  chosen.connect_to["a.example:" + std::to_string(receiver.port())] = receiver.host_and_port();
  find({"127.0.0.2"}, chosen);
  EXPECT_EQ(connect(receiver.port()).code, ErrorCode::kCount);
  EXPECT_TRUE(told.empty());
}

TEST_F(ConnectorTest, StoppingEndsResolving) {
  make_waiting();
  const auto attempt = start(unused_port());
  io.poll();
  attempt->running.stop();
  EXPECT_EQ(finish(attempt).code, ErrorCode::kStopping);
  may_answer.count_down();
}

}  // namespace
}  // namespace ferry::http
