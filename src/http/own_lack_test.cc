#include "http/own_lack.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "http/no_descriptors.h"

namespace ferry::http {
namespace {

TEST(OwnLack, TellsWhatTheServerLacksFromWhatThePeerDoes) {
  for (const int number : {EMFILE, ENFILE}) {
    EXPECT_EQ(own_lack_of(number, "127.0.0.1"), ErrorCode::kOutOfDescriptors);
  }
  for (const int number : {ENOBUFS, ENOMEM, ENOSPC}) {
    EXPECT_EQ(own_lack_of(number, "127.0.0.1"), ErrorCode::kOutOfMemory);
  }
  for (const int number : {ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, ECONNRESET, EPERM}) {
    EXPECT_EQ(own_lack_of(number, "127.0.0.1"), std::nullopt) << number;
  }
}

// A broadcast address stands for one that this machine has no address for: the kernel lets no
// datagram socket connect to it.
TEST(OwnLack, NoLocalAddressIsNoLackOfPorts) {
  EXPECT_EQ(own_lack_of(EADDRNOTAVAIL, "127.0.0.1"), ErrorCode::kOutOfPorts);
  EXPECT_EQ(own_lack_of(EADDRNOTAVAIL, "255.255.255.255"), std::nullopt);
}

TEST(OwnLack, IsSeenByOpeningAFile) {
  EXPECT_EQ(own_lack_now(), std::nullopt);
  const NoDescriptors none;
  EXPECT_EQ(own_lack_now(), ErrorCode::kOutOfDescriptors);
}

}  // namespace
}  // namespace ferry::http
