#include "domain/limits.h"
#include "engine/engine_fixture.h"

// Bodies over limits::kBodyHeldMax are in memory only on their way into the store.

namespace ferry::engine {
namespace {

struct LargeBodiesTest : EngineTest {
  static std::string large(std::size_t more = 1) {
    return std::string(limits::kBodyHeldMax + more, 'b');
  }
  std::string stored_body(const Message& message) {
    std::string body;
    while (body.size() < body_bytes(message)) {
      const auto piece = store.read_body(message.id, body.size(), 50'000);
      if (!piece) return piece.error().text;
      body += piece->view();
    }
    return body;
  }
};

TEST_F(LargeBodiesTest, AnAttemptStartsWithoutTheBody) {
  accept({.body = large()});
  settle();
  const StartAttempt attempt = take_start();
  EXPECT_TRUE(is_body_stored(*attempt.message));
  EXPECT_EQ(stored_body(*attempt.message), large());
}

TEST_F(LargeBodiesTest, ABodyUpToTheLimitComesAlong) {
  accept({.body = std::string(limits::kBodyHeldMax, 'b')});
  settle();
  EXPECT_EQ(take_start().message->body.size(), limits::kBodyHeldMax);
}

TEST_F(LargeBodiesTest, TheWindowCountsNoneOfTheBytes) {
  options.window_bytes_max = 64u << 10;
  accept_all(std::vector<Item>(12, Item{.body = large()}));
  settle();
  EXPECT_EQ(take_starts().size(), 12u);
}

TEST_F(LargeBodiesTest, TheSameAfterARestart) {
  options.window_bytes_max = 64u << 10;
  accept_all(std::vector<Item>(12, Item{.body = large()}));
  settle();
  restart();
  starts.clear();
  pass(Duration(10));
  const auto again = take_starts();
  ASSERT_EQ(again.size(), 12u);
  EXPECT_EQ(stored_body(*again[7].message), large());
}

TEST_F(LargeBodiesTest, TheHashOfThePublishIsStored) {
  Publish publish = this->publish({.body = large()});
  publish.items[0].body_sha256 = sha256(large());
  apply(std::move(publish));
  settle();
  EXPECT_EQ(take_start().message->large_body->sha256, sha256(large()));
}

TEST_F(LargeBodiesTest, ADeadLetterHasTheBodyAndItsRetryToo) {
  accept({.body = large()});
  settle();
  apply(refused(take_start()));
  const DeadLetterPtr letter = letters().at(0);
  EXPECT_EQ(letter->message->body.view(), large());
  apply(RetryDeadLetters{next_caller(), tenant_id, {letter->id}, {}, {}});
  settle();
  EXPECT_EQ(take_answer<Retried>().deliveries.size(), 1u);
  EXPECT_EQ(stored_body(*take_start().message), large());
}

TEST_F(LargeBodiesTest, RetriesOfManyDeadLettersReadAFewBodiesAtATime) {
  const std::string body = large(7u << 20);
  accept_all(std::vector<Item>(6, Item{.body = body}));
  settle();
  std::vector<DeadLetterId> ids;
  for (const StartAttempt& attempt : take_starts()) apply(refused(attempt));
  for (const DeadLetterPtr& letter : letters()) ids.push_back(letter->id);
  apply(RetryDeadLetters{next_caller(), tenant_id, ids, {}, {}});
  int loaded = 0;
  for (; !loads.empty(); ++loaded) {
    const Loaded answer = answer_of(loads.front());
    loads.clear();
    EXPECT_LE(std::get<LoadedLetters>(answer.rows).letters.size(), 3u);
    apply(answer);
  }
  EXPECT_EQ(loaded, 2);
  EXPECT_EQ(take_answer<Retried>().deliveries.size(), 6u);
  EXPECT_EQ(take_starts().size(), 6u);
  EXPECT_TRUE(letters().empty());
}

}  // namespace
}  // namespace ferry::engine
