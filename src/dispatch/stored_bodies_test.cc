#include "dispatch/stored_bodies.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>

#include "dispatch/request_signing.h"
#include "domain/limits.h"

namespace ferry::dispatch {
namespace {

struct StoredBodiesTest : testing::Test {
  StoredBodiesTest() {
    for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i % 23);
    Message made;
    made.id = MessageId{7};
    made.tenant = TenantId{1};
    made.body = Bytes::copy(body);
    note_large_body(made);
    message = without_large_body(std::make_shared<const Message>(made));
  }

  Awaitable<Result<Bytes>> read(MessageId id, std::uint64_t offset, std::size_t bytes_max) {
    EXPECT_EQ(id, MessageId{7});
    ++reads;
    if (broken) co_return fail(ErrorCode::kStoreCorrupt, "a bad page");
    co_return Bytes::copy(std::string_view(body).substr(offset, bytes_max));
  }

  template <class T>
  T wait_for(Awaitable<T> awaited) {
    std::optional<T> result;
    asio::co_spawn(io.get_executor(), std::move(awaited),
                   [&result](std::exception_ptr, T value) { result.emplace(std::move(value)); });
    io.restart();
    io.poll();
    EXPECT_TRUE(result.has_value());
    return std::move(*result);
  }

  asio::io_context io;
  std::string body = std::string(200'000, '\0');
  MessagePtr message;
  int reads = 0;
  bool broken = false;
  StoredBodies bodies{io,
                      [this](MessageId id, std::uint64_t offset, std::size_t bytes_max) {
                        return read(id, offset, bytes_max);
                      },
                      1u << 20};
};

TEST_F(StoredBodiesTest, TheSourceGivesPiecesFromAnywhere) {
  const http::BodySource source = bodies.source(message);
  EXPECT_EQ(source.size, body.size());
  const auto piece = wait_for(source.read(100'000));
  ASSERT_TRUE(piece.has_value());
  EXPECT_EQ(piece->view(), std::string_view(body).substr(100'000, 65'536));
  EXPECT_EQ(wait_for(source.read(199'999))->size(), 1u);
}

TEST_F(StoredBodiesTest, AMessageIsBroughtWhole) {
  const auto whole = wait_for(bodies.whole(message));
  ASSERT_TRUE(whole.has_value());
  EXPECT_EQ((*whole)->body.view(), body);
  EXPECT_EQ((*whole)->id, message->id);
  const MessagePtr again = *wait_for(bodies.whole(*whole));
  EXPECT_EQ(again, *whole);
}

TEST_F(StoredBodiesTest, AFailedReadIsKnownAsNoFaultOfTheEndpoint) {
  broken = true;
  const auto whole = wait_for(bodies.whole(message));
  ASSERT_FALSE(whole.has_value());
  EXPECT_TRUE(is_unreadable(whole.error()));
  EXPECT_EQ(whole.error().text, "the body could not be read: a bad page");
  const auto piece = wait_for(bodies.source(message).read(0));
  ASSERT_FALSE(piece.has_value());
  EXPECT_TRUE(is_unreadable(piece.error()));
}

TEST_F(StoredBodiesTest, AfterStoppingNothingIsRead) {
  bodies.stop();
  EXPECT_TRUE(is_unreadable(wait_for(bodies.whole(message)).error()));
  EXPECT_EQ(reads, 0);
}

struct StoredSigningTest : StoredBodiesTest {
  SigningFacts facts(bool standard) const {
    Tenant tenant;
    tenant.signing_key_current = "sig_current";
    tenant.standard_webhooks = standard;
    return {.tenant = std::make_shared<const Tenant>(tenant),
            .to = std::make_shared<const Destination>(
                Destination{.target = {.url = "https://example.com"}}),
            .message_id = "msg_1",
            .now = from_unix_ms(1'700'000'000'000)};
  }
  Signatures sign_stored(bool standard) {
    Signer signer(7);
    return *wait_for(sign_stored_request(signer, bodies, facts(standard), message));
  }
  Signatures sign_held(bool standard) const {
    Signer signer(7);
    return sign_request(signer, facts(standard), body);
  }
};

TEST_F(StoredSigningTest, TheSignaturesAreThoseOfTheBytes) {
  const Signatures stored = sign_stored(true);
  const Signatures held = sign_held(true);
  EXPECT_EQ(stored.jwt, held.jwt);
  EXPECT_EQ(stored.standard, held.standard);
  EXPECT_FALSE(stored.standard.empty());
}

TEST_F(StoredSigningTest, AStoredHashSparesReadingTheBody) {
  Message hashed = *message;
  hashed.large_body->sha256 = sha256(body);
  message = std::make_shared<const Message>(hashed);
  EXPECT_EQ(sign_stored(false).jwt, sign_held(false).jwt);
  EXPECT_EQ(reads, 0);
}

TEST_F(StoredSigningTest, ForADeletedTenantNothingIsSigned) {
  Signer signer(7);
  SigningFacts nobody = facts(true);
  nobody.tenant = nullptr;
  EXPECT_EQ(wait_for(sign_stored_request(signer, bodies, nobody, message))->jwt, "");
  EXPECT_EQ(sign_request(signer, nobody, body).jwt, "");
}

}  // namespace
}  // namespace ferry::dispatch
