#include "app/unix_address.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

namespace ferry::app {
namespace {

class UnixAddresses : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "ferry-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // Whether a socket can be bound there and connected to.
  static bool works(const std::filesystem::path& path) {
    const auto address = UnixAddress::of(path);
    if (!address) return false;
    const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
    const int caller = ::socket(AF_UNIX, SOCK_STREAM, 0);
    const bool connected = ::bind(listener, address->address(), UnixAddress::kBytes) == 0 &&
                           ::listen(listener, 1) == 0 &&
                           ::connect(caller, address->address(), UnixAddress::kBytes) == 0;
    ::close(caller);
    ::close(listener);
    return connected && std::filesystem::is_socket(path);
  }

  std::filesystem::path folder_;
};

TEST_F(UnixAddresses, APathOfAnyLengthCanBeBoundAndConnectedTo) {
  EXPECT_TRUE(works(folder_ / "short.sock"));
  std::filesystem::path deep = folder_;
  while (deep.native().size() < 400) {
    deep /= std::string(60, 'd');
    std::filesystem::create_directory(deep);
    EXPECT_TRUE(works(deep / "control.sock")) << deep.native().size();
  }
}

TEST_F(UnixAddresses, TheLongestPathThatFitsAndTheNextOneWork) {
  const std::size_t most = sizeof(sockaddr_un::sun_path) - 1;
  for (const std::size_t size : {most - 1, most, most + 1}) {
    const std::filesystem::path inner =
        folder_ / std::string(size - folder_.native().size() - sizeof("//s") + 1, 'd');
    std::filesystem::create_directory(inner);
    const std::filesystem::path path = inner / "s";
    ASSERT_EQ(path.native().size(), size);
    EXPECT_TRUE(works(path)) << size;
  }
}

TEST_F(UnixAddresses, ANameThatIsTooLongIsRefused) {
  const auto address = UnixAddress::of(folder_ / std::string(108, 'x'));
  ASSERT_FALSE(address);
  EXPECT_EQ(address.error().code, ErrorCode::kInvalidRequest);
}

TEST_F(UnixAddresses, ALongPathWithoutItsFolderIsNotFound) {
  const auto address = UnixAddress::of(folder_ / std::string(100, 'x') / "control.sock");
  ASSERT_FALSE(address);
  EXPECT_EQ(address.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace ferry::app
