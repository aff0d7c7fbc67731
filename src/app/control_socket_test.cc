#include "app/control_socket.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <latch>
#include <thread>
#include <utility>
#include <vector>

#include "app/control_client.h"
#include "app/operator_routes.h"
#include "app/unix_address.h"
#include "base/log.h"
#include "http/server_fixture.h"

namespace ferry::app {
namespace {

using http::RawClient;
using http::RawResponse;

std::string get(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

std::string post(std::string_view path, std::string_view body = "") {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

constexpr std::string_view kStatus = "/ferry/v1/operator/status";
constexpr std::string_view kBackup = "/ferry/v1/operator/backup";
constexpr std::string_view kPause = "/ferry/v1/operator/pause";

// A socket over commands that the test answers.
class ControlSockets : public testing::Test {
 protected:
  void SetUp() override {
    log::configure({.level = log::Level::kOff, .format = log::Format::kText});
    std::string name = (std::filesystem::temp_directory_path() / "ferry-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    operator_ = {.change = [](const OperatorChange&) -> engine::Answer { return engine::Done{}; },
                 .catalog = [] { return std::make_shared<const TenantCatalog>(); },
                 .status = []() -> Result<ServerStatus> { return ServerStatus{.pending = 7}; },
                 .backup = [](const std::filesystem::path&) -> Result<void> { return {}; },
                 .clock = [] { return TimePoint{}; }};
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path path() const { return control_socket_path(folder_); }

  std::unique_ptr<ControlSocket> open_at(const std::filesystem::path& path) {
    auto socket = ControlSocket::open(path, operator_, metrics_);
    EXPECT_TRUE(socket) << socket.error().text;
    return socket ? std::move(*socket) : nullptr;
  }
  std::unique_ptr<ControlSocket> open() { return open_at(path()); }

  static Result<ControlAnswer> ask(const std::filesystem::path& path, std::string_view command,
                                   const OperatorArguments& arguments = {}) {
    return ask_control_socket(path, *find_operator_command(command), arguments);
  }
  Result<ControlAnswer> ask(std::string_view command, const OperatorArguments& arguments = {}) {
    return ask(path(), command, arguments);
  }
  int status_of(std::string_view request) const {
    RawClient client(path());
    return client.exchange(request).status;
  }

  std::filesystem::path folder_;
  Metrics metrics_;
  Operator operator_;
};

TEST_F(ControlSockets, ACommandGetsItsAnswer) {
  const auto socket = open();
  const auto answer = ask("status");
  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_EQ(answer->status, 200);
  EXPECT_NE(answer->body.find(R"("pending":7)"), std::string::npos) << answer->body;
  const auto changed = ask("pause");
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->body, R"({"of":"server","deliveries":"paused"})");
}

TEST_F(ControlSockets, ArgumentsArriveAsTheyAre) {
  const auto socket = open();
  for (const std::string name : {"a b&c=d%20+", "\xC3\xA9\"\\\n", "plain"}) {
    const auto read = ask("tenant list-keys", {{"name", name}});
    const auto changed = ask("tenant suspend", {{"name", name}});
    ASSERT_TRUE(read && changed);
    EXPECT_EQ(read->status, 404);
    EXPECT_EQ(read->body, changed->body);
    EXPECT_NE(read->body.find(name == "plain" ? "plain" : "there is no tenant"), std::string::npos)
        << read->body;
  }
}

TEST_F(ControlSockets, AConnectionAsksAgainAndAgain) {
  const auto socket = open();
  RawClient client(path());
  EXPECT_EQ(client.exchange(get(kStatus)).status, 200);
  EXPECT_EQ(client.exchange(post(kPause)).status, 200);
  EXPECT_EQ(client.exchange(get(kStatus)).status, 200);
}

TEST_F(ControlSockets, OnlyTheRoutesOfTheOperatorAreServed) {
  const auto socket = open();
  for (const char* unknown :
       {"/", "/v2/messages", "/metrics", "/healthz", "/ferry/v1/operator", "/ferry/v1/operator/",
        "/ferry/v1/operator/status/", "/ferry/v1/operator/tenant",
        "/ferry/v1/operator/tenant%20list", "/ferry/v1/operator/tenant//list",
        "/FERRY/v1/operator/status", "//ferry/v1/operator/status",
        "/ferry/v1/operator/../operator/status"}) {
    RawClient client(path());
    const RawResponse answer = client.exchange(get(unknown));
    EXPECT_EQ(answer.status, 404) << unknown;
    EXPECT_TRUE(answer.body.starts_with(R"({"error":)")) << answer.body;
  }
  EXPECT_EQ(status_of(get("/ferry/v1/operator/tenant/list")), 200);
  EXPECT_EQ(status_of(get("/ferry/v1/operator/status?")), 200);
}

TEST_F(ControlSockets, EachCommandHasOneMethod) {
  const auto socket = open();
  RawClient client(path());
  const RawResponse read = client.exchange(post(kStatus));
  EXPECT_EQ(read.status, 405);
  EXPECT_EQ(read.field("Allow"), "GET");
  const RawResponse changed = client.exchange(get(kPause));
  EXPECT_EQ(changed.status, 405);
  EXPECT_EQ(changed.field("Allow"), "POST");
}

TEST_F(ControlSockets, BodiesThatAreNoObjectOfTextsAreRefused) {
  const auto socket = open();
  for (const char* body : {"{", "[]", "1", R"({"tenant":1})", R"({"tenant":true})", "\xFF"}) {
    EXPECT_EQ(status_of(post(kPause, body)), 400) << body;
  }
  EXPECT_EQ(status_of(post(kPause, R"({"tenants":"acme"})")), 400);
  EXPECT_EQ(status_of(get(std::string(kStatus) + "?verbose=1")), 400);
  const std::string largest =
      R"({"tenant":")" + std::string(kOperatorBodyBytesMax - 13, 'x') + "\"}";
  EXPECT_EQ(status_of(post(kPause, largest)), 404);  // there is no such tenant
  EXPECT_EQ(status_of(post(kPause, largest + " ")), 413);
}

TEST_F(ControlSockets, ReadersAndChangesDoNotWaitForABackup) {
  std::latch begun(1), end(1);
  operator_.backup = [&](const std::filesystem::path&) -> Result<void> {
    begun.count_down();
    end.wait();
    return {};
  };
  const auto socket = open();
  const std::string folder = (folder_ / "copy").string();
  auto backup = std::async(std::launch::async, [&] { return ask("backup", {{"folder", folder}}); });
  begun.wait();
  for (int i = 0; i < 3; ++i) {
    const auto status = ask("status");
    ASSERT_TRUE(status);
    EXPECT_EQ(status->status, 200);
    const auto paused = ask("pause");
    ASSERT_TRUE(paused);
    EXPECT_EQ(paused->status, 200);
  }
  end.count_down();
  const auto copied = backup.get();
  ASSERT_TRUE(copied);
  EXPECT_EQ(copied->status, 200);
}

TEST_F(ControlSockets, ChangesRunOneAtATimeAndReadersBesideThem) {
  std::atomic<int> running = 0, most = 0, changes = 0;
  std::latch begun(1), end(1);
  operator_.change = [&](const OperatorChange&) -> engine::Answer {
    most = std::max(most.load(), ++running);
    if (++changes == 1) {
      begun.count_down();
      end.wait();
    }
    --running;
    return engine::Done{};
  };
  const auto socket = open();
  std::vector<std::future<Result<ControlAnswer>>> all;
  all.reserve(8);
  for (int i = 0; i < 8; ++i) {
    all.push_back(std::async(std::launch::async, [&] { return ask(i % 2 ? "pause" : "resume"); }));
  }
  begun.wait();
  const auto status = ask("status");
  ASSERT_TRUE(status);
  EXPECT_EQ(status->status, 200);
  EXPECT_EQ(changes, 1);
  end.count_down();
  for (auto& one : all) {
    const auto answer = one.get();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
  }
  EXPECT_EQ(most, 1);
  EXPECT_EQ(changes, 8);
}

TEST_F(ControlSockets, SlowClientsDoNotHoldOthers) {
  const auto socket = open();
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 20; ++i) {
    slow.push_back(std::make_unique<RawClient>(path()));
    slow.back()->send(i % 2 ? "GET /ferry"
                            : "POST /ferry/v1/operator/pause HTTP/1.1\r\nHost: a\r\n"
                              "Content-Length: 100\r\n\r\n{");
  }
  EXPECT_EQ(status_of(get(kStatus)), 200);
  EXPECT_EQ(status_of(post(kPause)), 200);
}

TEST_F(ControlSockets, TheSocketIsForItsOwnerAlone) {
  const mode_t before = ::umask(0);
  const auto socket = open();
  ::umask(before);
  struct stat facts{};
  ASSERT_EQ(::stat(path().c_str(), &facts), 0);
  EXPECT_TRUE(S_ISSOCK(facts.st_mode));
  EXPECT_EQ(facts.st_mode & 0777u, 0600u);
}

// What the kernel promises and open() relies on: bind() takes the mode over from the socket.
TEST_F(ControlSockets, TheFileOfASocketHasItsModeFromTheStart) {
  const mode_t before = ::umask(0);
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM, 0);
  const auto address = UnixAddress::of(path());
  ASSERT_EQ(::fchmod(descriptor, 0600), 0);
  ASSERT_EQ(::bind(descriptor, address->address(), UnixAddress::kBytes), 0);
  ::umask(before);
  ::close(descriptor);
  struct stat facts{};
  ASSERT_EQ(::stat(path().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777u, 0600u);
}

// The bytes that `uid` gets as answer to a request; -1 when it cannot even connect.
int bytes_answered_to(uid_t uid, const std::filesystem::path& path, std::string_view request) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setuid(uid) != 0) ::_exit(100);
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy_n(path.c_str(), path.native().size(), address.sun_path);
    if (::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      ::_exit(101);
    }
    ::send(descriptor, request.data(), request.size(), MSG_NOSIGNAL);
    char byte = 0;
    ::_exit(::recv(descriptor, &byte, 1, 0) == 1 ? 1 : 0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WEXITSTATUS(status) == 101 ? -1 : WEXITSTATUS(status);
}

TEST_F(ControlSockets, OtherUsersAreRefusedEvenWhereTheFileLetsThemIn) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can try it as somebody else";
  constexpr uid_t kSomebody = 65'534;
  const auto socket = open();
  const std::string request = get(kStatus);
  std::filesystem::permissions(folder_, std::filesystem::perms(0755));
  EXPECT_EQ(bytes_answered_to(0, path(), request), 1);
  EXPECT_EQ(bytes_answered_to(kSomebody, path(), request), -1);
  std::filesystem::permissions(path(), std::filesystem::perms(0666));
  EXPECT_EQ(bytes_answered_to(kSomebody, path(), request), 0);
}

TEST_F(ControlSockets, AskingWhereNobodyListensIsNotFound) {
  const auto answer = ask("status");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kNotFound);
}

TEST_F(ControlSockets, ASocketThatACrashLeftBehindIsReplaced) {
  {
    const auto first = open();
    std::filesystem::create_hard_link(path(), folder_ / "kept");
  }
  std::filesystem::rename(folder_ / "kept", path());
  const auto left = ask("status");
  ASSERT_FALSE(left);
  EXPECT_EQ(left.error().code, ErrorCode::kNotFound);
  const auto second = open();
  EXPECT_TRUE(ask("status"));
}

TEST_F(ControlSockets, TheFileGoesWithTheSocket) {
  {
    const auto socket = open();
  }
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(ControlSockets, EndingDoesNotWaitForAClientThatSaysNothing) {
  auto socket = open();
  RawClient silent(path());
  ASSERT_TRUE(silent.is_connected());
  socket.reset();
  EXPECT_EQ(silent.read_to_end(), "");
}

TEST_F(ControlSockets, EndingLetsARunningCommandAnswer) {
  std::latch begun(1), end(1);
  operator_.backup = [&](const std::filesystem::path&) -> Result<void> {
    begun.count_down();
    end.wait();
    return {};
  };
  auto socket = open();
  RawClient client(path());
  client.send(post(kBackup, R"({"folder":")" + (folder_ / "copy").string() + "\"}"));
  begun.wait();
  std::jthread ending([&] { socket.reset(); });
  end.count_down();
  EXPECT_EQ(client.read_response().status, 200);
}

TEST_F(ControlSockets, AVeryLongPathIsServedToo) {
  std::filesystem::path deep = folder_;
  while (deep.native().size() < 300) deep /= std::string(60, 'd');
  std::filesystem::create_directories(deep);
  const std::filesystem::path path = control_socket_path(deep);
  auto socket = open_at(path);
  const auto answer = ask(path, "status");
  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_EQ(answer->status, 200);
  socket.reset();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(ControlSockets, ANameThatIsTooLongIsRefused) {
  const std::filesystem::path longest = folder_ / std::string(108, 'x');
  const auto socket = ControlSocket::open(longest, operator_, metrics_);
  ASSERT_FALSE(socket);
  EXPECT_EQ(socket.error().code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(ask(longest, "status").error().code, ErrorCode::kInvalidRequest);
}

TEST_F(ControlSockets, AFolderThatIsNotThereIsRefused) {
  const auto socket = ControlSocket::open(folder_ / "none" / "control.sock", operator_, metrics_);
  ASSERT_FALSE(socket);
  EXPECT_EQ(socket.error().code, ErrorCode::kStoreIo);
}

}  // namespace
}  // namespace ferry::app
