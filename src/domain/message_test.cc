#include "domain/message.h"

#include <gtest/gtest.h>

#include "domain/limits.h"

namespace ferry {
namespace {

MessagePtr message_of(std::size_t bytes) {
  Message message;
  message.id = MessageId{7};
  message.body = Bytes::take(std::string(bytes, 'b'));
  note_large_body(message);
  return std::make_shared<const Message>(std::move(message));
}

TEST(Message, ABodyUpToTheLimitIsHeld) {
  const MessagePtr message = message_of(limits::kBodyHeldMax);
  EXPECT_FALSE(message->large_body);
  EXPECT_EQ(without_large_body(message), message);
  EXPECT_EQ(body_bytes(*message), limits::kBodyHeldMax);
}

TEST(Message, ALargerOneIsLeftToTheStore) {
  const MessagePtr message = message_of(limits::kBodyHeldMax + 1);
  ASSERT_TRUE(message->large_body);
  EXPECT_FALSE(is_body_stored(*message));
  const MessagePtr bare = without_large_body(message);
  EXPECT_TRUE(is_body_stored(*bare));
  EXPECT_EQ(bare->id, message->id);
  EXPECT_EQ(body_bytes(*bare), limits::kBodyHeldMax + 1);
  EXPECT_EQ(without_large_body(bare), bare);
}

TEST(Message, TheHashIsKeptWithTheBody) {
  Message message;
  message.body = Bytes::take(std::string(limits::kBodyHeldMax + 1, 'b'));
  const Sha256Digest digest = sha256(message.body.view());
  note_large_body(message, digest);
  EXPECT_EQ(message.large_body->sha256, digest);
  note_large_body(message);  // once known, it stays
  EXPECT_EQ(message.large_body->sha256, digest);
}

}  // namespace
}  // namespace ferry
