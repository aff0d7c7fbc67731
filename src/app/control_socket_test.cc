#include "app/control_socket.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace ferry::app {
namespace {

class ControlSockets : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "ferry-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path path() const { return control_socket_path(folder_); }

  std::unique_ptr<ControlSocket> open() {
    auto socket = ControlSocket::open(
        path(), [](std::string_view request) { return "answer to " + std::string(request); });
    EXPECT_TRUE(socket) << socket.error().text;
    return socket ? std::move(*socket) : nullptr;
  }

  std::filesystem::path folder_;
};

// A client that writes what it likes.
class RawClient {
 public:
  explicit RawClient(const std::filesystem::path& path)
      : descriptor_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::ranges::copy(path.native(), address.sun_path);
    connected_ = ::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawClient() { ::close(descriptor_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }
  void send(std::string_view text) const {
    ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL);
  }
  void finish() const { ::shutdown(descriptor_, SHUT_WR); }
  // Everything until the server ends the connection.
  std::string read_all() const {
    std::string all;
    char chunk[256];
    ssize_t count = 0;
    while ((count = ::recv(descriptor_, chunk, sizeof chunk, 0)) > 0) {
      all.append(chunk, static_cast<std::size_t>(count));
    }
    return all;
  }

 private:
  int descriptor_;
  bool connected_ = false;
};

TEST_F(ControlSockets, ARequestGetsItsAnswer) {
  const auto socket = open();
  const auto answer = ask_control_socket(path(), "one");
  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_EQ(*answer, "answer to one");
  EXPECT_EQ(ask_control_socket(path(), "two"), "answer to two");
}

TEST_F(ControlSockets, AConnectionAsksAgainAndAgain) {
  const auto socket = open();
  const RawClient client(path());
  client.send("one\ntw");
  client.send("o\n\n");
  client.finish();
  EXPECT_EQ(client.read_all(), "answer to one\nanswer to two\nanswer to \n");
}

TEST_F(ControlSockets, ALineWithoutEndIsNoRequest) {
  const auto socket = open();
  const RawClient client(path());
  client.send("one");
  client.finish();
  EXPECT_EQ(client.read_all(), "");
}

TEST_F(ControlSockets, ALineOfTheLargestSizeIsAnswered) {
  const auto socket = open();
  const std::string request(kControlRequestBytesMax, 'x');
  EXPECT_EQ(ask_control_socket(path(), request), "answer to " + request);
}

TEST_F(ControlSockets, ALongerLineIsRefusedAndTheConnectionEnded) {
  const auto socket = open();
  const RawClient client(path());
  client.send(std::string(kControlRequestBytesMax + 1, 'x'));
  EXPECT_EQ(client.read_all(), "{\"error\":\"a request has at most 65536 bytes\",\"code\":\"" +
                                   std::string(error_info(ErrorCode::kTooLarge).slug) + "\"}\n");
}

TEST_F(ControlSockets, TheSocketIsForItsOwnerAlone) {
  const auto socket = open();
  struct stat facts{};
  ASSERT_EQ(::stat(path().c_str(), &facts), 0);
  EXPECT_TRUE(S_ISSOCK(facts.st_mode));
  EXPECT_EQ(facts.st_mode & 0777u, 0600u);
}

TEST_F(ControlSockets, AskingWhereNobodyListensIsNotFound) {
  const auto answer = ask_control_socket(path(), "one");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kNotFound);
}

TEST_F(ControlSockets, ASocketThatACrashLeftBehindIsReplaced) {
  {
    const auto first = open();
    std::filesystem::create_hard_link(path(), folder_ / "kept");
  }
  std::filesystem::rename(folder_ / "kept", path());
  const auto left = ask_control_socket(path(), "one");
  ASSERT_FALSE(left);
  EXPECT_EQ(left.error().code, ErrorCode::kNotFound);
  const auto second = open();
  EXPECT_EQ(ask_control_socket(path(), "one"), "answer to one");
}

TEST_F(ControlSockets, TheFileGoesWithTheSocket) {
  {
    const auto socket = open();
  }
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(ControlSockets, EndingDoesNotWaitForAClientThatSaysNothing) {
  auto socket = open();
  const RawClient silent(path());
  ASSERT_TRUE(silent.connected());
  socket.reset();
  EXPECT_EQ(silent.read_all(), "");
}

TEST_F(ControlSockets, APathThatIsTooLongIsRefused) {
  const std::filesystem::path longest = folder_ / std::string(108, 'x');
  const auto socket = ControlSocket::open(longest, [](std::string_view) { return ""; });
  ASSERT_FALSE(socket);
  EXPECT_EQ(socket.error().code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(ask_control_socket(longest, "x").error().code, ErrorCode::kInvalidRequest);
}

TEST_F(ControlSockets, AFolderThatIsNotThereIsRefused) {
  const auto socket =
      ControlSocket::open(folder_ / "none" / "control.sock", [](std::string_view) { return ""; });
  ASSERT_FALSE(socket);
  EXPECT_EQ(socket.error().code, ErrorCode::kStoreIo);
}

}  // namespace
}  // namespace ferry::app
