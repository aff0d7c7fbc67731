#include "engine/engine_fixture.h"

namespace ferry::engine {
namespace {

using std::chrono::hours;

class DeadLettersTest : public EngineTest {
 protected:
  // Makes a message that gives up at its first attempt.
  DeadLetterPtr make_letter(Item item = {}) {
    pass(Duration(1));
    accept(std::move(item));
    apply(refused(take_start()));
    return letters().back();
  }
  DeleteDeadLetters remove(std::vector<DeadLetterId> ids) {
    return {.reply = next_caller(), .tenant = tenant_id, .letters = std::move(ids)};
  }
  RetryDeadLetters retry(std::vector<DeadLetterId> ids, PublishOptions overrides = {}) {
    return {.reply = next_caller(),
            .tenant = tenant_id,
            .letters = std::move(ids),
            .overrides = std::move(overrides),
            .caller_ip = "198.51.100.7"};
  }
};

TEST_F(DeadLettersTest, AreDeletedOnce) {
  const DeadLetterId id = make_letter()->id;
  apply(remove({id, id, DeadLetterId{5}}));
  settle();
  EXPECT_EQ(take_answer<Deleted>().count, 1);
  EXPECT_TRUE(letters().empty());
  apply(remove({id}));
  settle();
  EXPECT_EQ(take_answer<Deleted>().count, 0);
}

TEST_F(DeadLettersTest, AskedForByTwoAtOnceGoToTheFirst) {
  const DeadLetterId id = make_letter()->id;
  settle();
  apply(remove({id}), retry({id}));
  ASSERT_EQ(loads.size(), 2u);
  const Loaded first = answer_of(loads[0]);
  const Loaded second = answer_of(loads[1]);
  loads.clear();
  apply(second, first);
  ASSERT_EQ(replies.size(), 2u);
  EXPECT_EQ(std::get<Retried>(replies[0].answer).deliveries.size(), 1u);
  EXPECT_EQ(std::get<Deleted>(replies[1].answer).count, 0);
}

TEST_F(DeadLettersTest, AreRetriedAsANewMessage) {
  const DeadLetterPtr letter = make_letter(
      {.url = "https://a.test/x", .options = {.max_retries = 4, .labels = {{"red"}}}, .body = "b"});
  now += hours(1);
  apply(retry({letter->id}));
  settle();
  const auto ids = take_answer<Retried>().deliveries;
  ASSERT_EQ(ids.size(), 1u);
  const StartAttempt attempt = take_start();
  EXPECT_EQ(attempt.delivery.id, ids[0]);
  EXPECT_NE(ids[0], letter->delivery.id);
  EXPECT_EQ(attempt.delivery.retried, 0);
  EXPECT_EQ(attempt.delivery.to->target.url, "https://a.test/x");
  EXPECT_EQ(attempt.message->created_at, now);
  EXPECT_EQ(attempt.message->max_retries, 4);
  EXPECT_EQ(attempt.message->labels, std::vector<std::string>{"red"});
  EXPECT_EQ(attempt.message->body.view(), "b");
  EXPECT_TRUE(letters().empty());
  EXPECT_EQ(log_of(ids[0]), "CREATED");
}

TEST_F(DeadLettersTest, AreReplacedByTheirRetryInOneWriteSet) {
  const DeadLetterId id = make_letter()->id;
  free_slots = 0;
  apply(retry({id}));
  settle();
  ASSERT_EQ(store.last_sets.size(), 1u);
}

TEST_F(DeadLettersTest, AreRetriedWithTheCallsOptionsOverTheirOwn) {
  const DeadLetterPtr letter =
      make_letter({.options = {.max_retries = 4, .forward_headers = {{"X-A", "1"}, {"X-B", "2"}}}});
  apply(retry(
      {letter->id},
      {.delay = hours(2), .max_retries = 0, .forward_headers = {{"X-A", "3"}, {"X-A", "4"}}}));
  settle();
  const DeliveryId id = take_answer<Retried>().deliveries.at(0);
  const auto stored = *store.delivery(id);
  EXPECT_EQ(stored->message->max_retries, 0);
  EXPECT_EQ(stored->delivery.due_at, now + hours(2));
  EXPECT_EQ(stored->message->headers, (HeaderList{{"X-B", "2"}, {"X-A", "3"}, {"X-A", "4"}}));
  EXPECT_EQ(stored->message->caller_ip, "192.0.2.1");  // of the publisher
}

TEST_F(DeadLettersTest, ThatFailAgainMakeNewOnes) {
  const DeadLetterPtr letter = make_letter();
  apply(retry({letter->id}));
  settle();
  apply(refused(take_start()));
  ASSERT_EQ(letters().size(), 1u);
  EXPECT_GT(letters()[0]->id, letter->id);
}

TEST_F(DeadLettersTest, OfAnotherTenantAreUnknown) {
  const DeadLetterId id = make_letter()->id;
  apply(save({.name = "second"}));
  const TenantId second = take_answer<TenantSaved>().tenant->id;
  DeleteDeadLetters foreign_delete = remove({id});
  foreign_delete.tenant = second;
  apply(std::move(foreign_delete));
  settle();
  EXPECT_EQ(take_answer<Deleted>().count, 0);
  RetryDeadLetters foreign_retry = retry({id});
  foreign_retry.tenant = second;
  apply(std::move(foreign_retry));
  settle();
  EXPECT_TRUE(take_answer<Retried>().deliveries.empty());
  EXPECT_EQ(letters().size(), 1u);
}

TEST_F(DeadLettersTest, AreNotRetriedBeyondTheQuotas) {
  const DeadLetterId id = make_letter()->id;
  Tenant changed = *tenant();
  changed.quotas.max_retries = 2;
  apply(save(std::move(changed)));
  apply(retry({id}, {.max_retries = 3}));
  EXPECT_EQ(take_answer<Error>().code, ErrorCode::kQuotaExceeded);
  EXPECT_EQ(letters().size(), 1u);
}

TEST_F(DeadLettersTest, AreNotRetriedForASuspendedTenant) {
  const DeadLetterId id = make_letter()->id;
  Tenant changed = *tenant();
  changed.suspended = true;
  apply(save(std::move(changed)));
  apply(retry({id}));
  EXPECT_EQ(take_answer<Error>().code, ErrorCode::kTenantSuspended);
}

TEST_F(DeadLettersTest, AreDeletedButNotRetriedWhileTheDiskIsNearlyFull) {
  const DeadLetterId id = make_letter()->id;
  store.room = false;
  apply(retry({id}));
  EXPECT_EQ(take_answer<Error>().code, ErrorCode::kDiskFull);
  apply(remove({id}));
  settle();
  EXPECT_EQ(take_answer<Deleted>().count, 1);
}

TEST_F(DeadLettersTest, StayWhenTheyCannotBeRead) {
  const DeadLetterId id = make_letter()->id;
  settle();
  apply(remove({id}));
  store.readable = false;
  apply(answer_of(loads.at(0)));
  EXPECT_EQ(take_answer<Error>().code, ErrorCode::kInternal);
  EXPECT_EQ(letters().size(), 1u);
}

TEST_F(DeadLettersTest, ArePrunedWhenTheirRetentionEnds) {
  options.dead_letter_retention = hours(24);
  make_letter();
  now += hours(24);
  step();
  EXPECT_EQ(letters().size(), 1u);
  now += std::chrono::minutes(11);
  step();
  EXPECT_TRUE(letters().empty());
}

}  // namespace
}  // namespace ferry::engine
