#include <algorithm>

#include "engine/engine_fixture.h"

namespace ferry::engine {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class PublishTest : public EngineTest {
 protected:
  // Replaces the tenant by one with these quotas.
  void limit(Quotas quotas) {
    step();
    Tenant changed = *tenant();
    changed.quotas = quotas;
    apply(save(std::move(changed)));
    take_answer<TenantSaved>();
  }
  // The answer to a publish that needs no read.
  template <class T>
  T answer_to(std::vector<Item> items) {
    apply(publish_all(std::move(items)));
    return take_answer<T>();
  }
};

HookOptions hook_with(PublishOptions options) {
  return {"https://hook.test/", std::make_shared<const PublishOptions>(std::move(options))};
}

// ---- rows

TEST_F(PublishTest, StoresMessageDeliveryAndEventBeforeItAnswers) {
  const DeliveryId id = accept({.options = {.delay = hours(1)}, .body = "payload"});
  const auto stored = *store.delivery(id);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->message->body.view(), "payload");
  EXPECT_EQ(stored->message->tenant, tenant_id);
  EXPECT_EQ(stored->message->created_at, now);
  EXPECT_EQ(stored->message->caller_ip, "192.0.2.1");
  EXPECT_EQ(stored->delivery.due_at, now + hours(1));
  EXPECT_EQ(stored->delivery.not_before, now + hours(1));
  EXPECT_EQ(stored->delivery.lane, kTimeLane);
  const auto events = events_of(id);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].state, EventState::kCreated);
  EXPECT_EQ(events[0].next_delivery_at, now + hours(1));
  EXPECT_EQ(metrics.accepted_total.value(), 1u);
}

TEST_F(PublishTest, StartsWhatIsDueInTheStepThatStoredIt) {
  pass(Duration(10));
  order.clear();
  const DeliveryId id = accept({.url = "https://a.test/x"});
  EXPECT_EQ(order, (std::vector<std::string>{"reply", "start"}));
  const StartAttempt attempt = take_start();
  EXPECT_EQ(attempt.delivery.id, id);
  EXPECT_EQ(attempt.delivery.retried, 0);
  EXPECT_EQ(attempt.delivery.to->target.url, "https://a.test/x");
  EXPECT_EQ(attempt.message->body.view(), "hello");
}

TEST_F(PublishTest, WaitsForTheDelay) {
  const DeliveryId id = accept({.options = {.delay = seconds(30)}});
  pass(seconds(30) - Duration(1));
  EXPECT_TRUE(starts.empty());
  pass(Duration(1));
  EXPECT_EQ(take_start().delivery.id, id);
}

TEST_F(PublishTest, TakesATimeInThePastAsNow) {
  pass(Duration(10));
  const DeliveryId id = accept({.options = {.not_before = now - hours(5)}});
  EXPECT_EQ(take_start().delivery.id, id);
  EXPECT_EQ(row(id)->not_before, now);
}

TEST_F(PublishTest, GivesAscendingIdsWithinOneMillisecond) {
  const auto ids = accept_all(std::vector<Item>(5, Item{.options = {.delay = hours(1)}}));
  for (std::size_t i = 1; i < ids.size(); ++i) EXPECT_GT(ids[i], ids[i - 1]);
}

TEST_F(PublishTest, StoresABatchInOneWriteSet) {
  step();
  settle();
  apply(publish_all(std::vector<Item>(3)));
  ASSERT_EQ(store.last_sets.size(), 1u);
  EXPECT_EQ(store.last_sets[0].operations.size(), 9u);
  EXPECT_EQ(take_answer<Published>().items.size(), 3u);
}

TEST_F(PublishTest, OfNothingIsAnsweredWithNothing) {
  EXPECT_TRUE(answer_to<Published>({}).items.empty());
}

// ---- refusals: nothing is stored

TEST_F(PublishTest, IsRefusedForATenantThatIsGone) {
  Publish unknown = publish(Item{});
  unknown.tenant = TenantId{77};
  apply(std::move(unknown));
  EXPECT_EQ(take_answer<Error>().code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(pending(), 0);
}

TEST_F(PublishTest, IsRefusedForASuspendedTenant) {
  step();
  Tenant changed = *tenant();
  changed.suspended = true;
  apply(save(std::move(changed)));
  replies.clear();
  EXPECT_EQ(answer_to<Error>({Item{}}).code, ErrorCode::kTenantSuspended);
}

TEST_F(PublishTest, IsRefusedWhileTheDiskIsNearlyFull) {
  store.room = false;
  EXPECT_EQ(answer_to<Error>({Item{}}).code, ErrorCode::kDiskFull);
  store.room = true;
  EXPECT_EQ(answer_to<Published>({Item{}}).items.size(), 1u);
}

TEST_F(PublishTest, IsRefusedAsAWholeWhenOneItemAsksForTooManyRetries) {
  limit({.max_retries = 5});
  const Error error =
      answer_to<Error>({{.options = {.max_retries = 5}}, {.options = {.max_retries = 6}}});
  EXPECT_EQ(error.code, ErrorCode::kQuotaExceeded);
  EXPECT_EQ(error.text, "quota maxRetries exceeded");
  EXPECT_EQ(pending(), 0);
  EXPECT_EQ(answer_to<Published>({{.options = {.max_retries = 5}}}).items.size(), 1u);
}

TEST_F(PublishTest, ChecksTheQuotasOfHooksAndOfTheirHooks) {
  limit({.max_retries = 2});
  EXPECT_EQ(answer_to<Error>({{.options = {.callback = hook_with({.max_retries = 3})}}}).code,
            ErrorCode::kQuotaExceeded);
  const HookOptions nested = hook_with({.failure_callback = hook_with({.max_retries = 3})});
  EXPECT_EQ(answer_to<Error>({{.options = {.failure_callback = nested}}}).code,
            ErrorCode::kQuotaExceeded);
  EXPECT_EQ(pending(), 0);
}

TEST_F(PublishTest, GivesNoMoreRetriesByDefaultThanTheQuotaAllows) {
  limit({.max_retries = 1});
  const DeliveryId id = accept({.options = {.delay = hours(1)}});
  EXPECT_EQ((*store.delivery(id))->message->max_retries, 1);
}

TEST_F(PublishTest, IsRefusedBeyondTheLongestDelay) {
  limit({.max_delay = hours(1)});
  const Error error = answer_to<Error>({{.options = {.delay = hours(1) + Duration(1)}}});
  EXPECT_EQ(error.code, ErrorCode::kQuotaExceeded);
  EXPECT_EQ(error.text, "quota maxDelay exceeded, current limit: 3600");
  EXPECT_EQ(answer_to<Published>({{.options = {.delay = hours(1)}}}).items.size(), 1u);
}

TEST_F(PublishTest, IsRefusedForABodyOverTheTenantsLimit) {
  limit({.body_bytes_max = 4});
  EXPECT_EQ(answer_to<Error>({{.body = "12345"}}).code, ErrorCode::kTooLarge);
  EXPECT_EQ(answer_to<Published>({{.body = "1234"}}).items.size(), 1u);
}

// ---- the daily quota

TEST_F(PublishTest, CountsTheDaysMessagesAlsoAfterARestart) {
  limit({.messages_per_day = 3});
  accept_all(std::vector<Item>(2));
  restart();
  EXPECT_EQ(answer_to<Error>(std::vector<Item>(2)).code, ErrorCode::kRateLimited);
  EXPECT_EQ(answer_to<Published>({Item{}}).items.size(), 1u);
  EXPECT_EQ(answer_to<Error>({Item{}}).code, ErrorCode::kRateLimited);
}

TEST_F(PublishTest, TellsTheDaysUsageAheadOfTheAnswer) {
  limit({.messages_per_day = 3});
  order.clear();
  usages.clear();
  accept_all(std::vector<Item>(2));
  ASSERT_EQ(usages.size(), 1u);
  EXPECT_EQ(usages[0].tenant, tenant_id);
  EXPECT_EQ(usages[0].usage.messages, 2);
  EXPECT_EQ(order.at(0), "usage");
  EXPECT_EQ(order.at(1), "reply");
  restart();
  step();
  ASSERT_EQ(usages.size(), 1u);
  EXPECT_EQ(usages[0].usage.messages, 2);
  step();
  EXPECT_EQ(usages.size(), 1u);
}

TEST_F(PublishTest, BeginsTheDailyQuotaAnewAtMidnight) {
  limit({.messages_per_day = 1});
  accept(Item{});
  now += hours(12) - Duration(1);
  EXPECT_EQ(answer_to<Error>({Item{}}).code, ErrorCode::kRateLimited);
  now += Duration(1);
  EXPECT_EQ(answer_to<Published>({Item{}}).items.size(), 1u);
}

TEST_F(PublishTest, CountsDuplicatesWithinABatchOnce) {
  limit({.messages_per_day = 1});
  const auto published = answer_to<Published>({{.dedup = "k"}, {.dedup = "k"}});
  ASSERT_EQ(published.items.size(), 2u);
  apply(publish(Item{.dedup = "k"}));  // a duplicate is free, whatever the quota says
  settle();
  EXPECT_TRUE(take_answer<Published>().items.at(0).deliveries.at(0).deduplicated);
}

// ---- deduplication

TEST_F(PublishTest, AnswersADuplicateWithTheFirstMessage) {
  const DeliveryId first = accept({.options = {.delay = hours(1)}, .dedup = "k"});
  apply(publish(Item{.url = "https://other.test/", .dedup = "k"}));
  EXPECT_TRUE(replies.empty());  // it asks the store before it decides
  settle();
  const auto published = take_answer<Published>();
  EXPECT_EQ(published.items.at(0).deliveries.at(0).id, first);
  EXPECT_EQ(published.items.at(0).deliveries.at(0).url, "https://other.test/");
  EXPECT_TRUE(published.items.at(0).deliveries.at(0).deduplicated);
  EXPECT_EQ(pending(), 1);
  EXPECT_EQ(metrics.deduplicated_total.value(), 1u);
}

TEST_F(PublishTest, DeduplicatesWithinOneBatch) {
  const auto published = answer_to<Published>({{.dedup = "k"}, {.dedup = "j"}, {.dedup = "k"}});
  EXPECT_FALSE(published.items.at(0).deliveries.at(0).deduplicated);
  EXPECT_FALSE(published.items.at(1).deliveries.at(0).deduplicated);
  EXPECT_TRUE(published.items.at(2).deliveries.at(0).deduplicated);
  EXPECT_EQ(published.items[2].deliveries[0].id, published.items[0].deliveries[0].id);
  EXPECT_EQ(pending(), 2);
}

TEST_F(PublishTest, ForgetsAKeyWhenItsWindowEnds) {
  const DeliveryId first = accept({.options = {.delay = hours(1)}, .dedup = "k"});
  now += minutes(10) - Duration(1);
  apply(publish(Item{.dedup = "k"}));
  settle();
  EXPECT_EQ(take_answer<Published>().items.at(0).deliveries.at(0).id, first);
  now += Duration(1);
  apply(publish(Item{.dedup = "k"}));
  settle();
  EXPECT_FALSE(take_answer<Published>().items.at(0).deliveries.at(0).deduplicated);
}

TEST_F(PublishTest, KeepsAKeyWhenItsMessageIsCancelled) {
  const DeliveryId first = accept({.options = {.delay = hours(1)}, .dedup = "k"});
  apply(cancel({first}));
  settle();
  apply(publish(Item{.dedup = "k"}));
  settle();
  EXPECT_TRUE(take_answer<Published>().items.at(0).deliveries.at(0).deduplicated);
}

TEST_F(PublishTest, KeepsAKeyOverARestart) {
  const DeliveryId first = accept({.dedup = "k"});
  restart();
  apply(publish(Item{.dedup = "k"}));
  settle();
  EXPECT_EQ(take_answer<Published>().items.at(0).deliveries.at(0).id, first);
}

TEST_F(PublishTest, KeepsTheKeysOfTenantsApart) {
  accept({.dedup = "k"});
  apply(save({.name = "second"}));
  const TenantId second = take_answer<TenantSaved>().tenant->id;
  Publish other = publish(Item{.dedup = "k"});
  other.tenant = second;
  apply(std::move(other));
  settle();
  EXPECT_FALSE(take_answer<Published>().items.at(0).deliveries.at(0).deduplicated);
}

TEST_F(PublishTest, SeesWhatAnotherParkedPublishStoredMeanwhile) {
  accept({.dedup = "k"});
  now += minutes(10);  // the row has expired, the filter still says maybe
  apply(publish(Item{.dedup = "k"}), publish(Item{.dedup = "k"}));
  ASSERT_EQ(std::ranges::count(order, "load"), 4);  // two of them at the start
  settle();
  EXPECT_EQ(metrics.accepted_total.value(), 2u);
  EXPECT_EQ(metrics.deduplicated_total.value(), 1u);
}

TEST_F(PublishTest, BelievesWhatWasWrittenMoreThanAnOlderRead) {
  accept({.dedup = "k"});
  settle();
  now += minutes(10);
  step();
  settle();
  apply(publish(Item{.dedup = "k"}));
  apply(publish(Item{.dedup = "k"}));
  ASSERT_EQ(loads.size(), 2u);
  const Loaded first = answer_of(loads[0]);
  const Loaded second = answer_of(loads[1]);  // reads before the first one is carried out
  loads.clear();
  apply(first);
  apply(second);
  EXPECT_EQ(metrics.accepted_total.value(), 2u);
  EXPECT_EQ(metrics.deduplicated_total.value(), 1u);
}

TEST_F(PublishTest, IgnoresAnExpiredKeyThatWasWrittenWhileReadsWereUnderWay) {
  accept({.dedup = "k"});
  settle();
  apply(publish(Item{.dedup = "k"}));  // its read stays under way all the time
  const Load slow = loads.at(0);
  loads.clear();
  accept({.dedup = "j"});
  now += minutes(11);
  apply(publish_all(std::vector<Item>{{.dedup = "j"}, {.dedup = "k"}}));
  settle();
  const auto published = take_answer<Published>();
  EXPECT_FALSE(published.items.at(0).deliveries.at(0).deduplicated);
  EXPECT_FALSE(published.items.at(1).deliveries.at(0).deduplicated);
  apply(answer_of(slow));
  EXPECT_TRUE(take_answer<Published>().items.at(0).deliveries.at(0).deduplicated);
}

TEST_F(PublishTest, WaitsForAllRowsOfABatchAndStoresItOnce) {
  accept({.options = {.delay = hours(1)}, .dedup = "a"});
  accept({.options = {.delay = hours(1)}, .dedup = "b"});
  settle();
  apply(publish_all(std::vector<Item>{
      {.options = {.delay = hours(1)}, .dedup = "b"}, {.dedup = "a"}, {.dedup = "new"}}));
  ASSERT_EQ(loads.size(), 2u);
  const Load last = loads.back();
  loads.pop_back();
  settle();
  EXPECT_TRUE(replies.empty());
  apply(answer_of(last));
  const auto published = take_answer<Published>();
  EXPECT_TRUE(published.items.at(0).deliveries.at(0).deduplicated);
  EXPECT_TRUE(published.items.at(1).deliveries.at(0).deduplicated);
  EXPECT_FALSE(published.items.at(2).deliveries.at(0).deduplicated);
}

TEST_F(PublishTest, SaysWhenADeduplicationRowCannotBeRead) {
  accept_all(std::vector<Item>{{.dedup = "a"}, {.dedup = "b"}});
  settle();
  apply(publish_all(std::vector<Item>{{.dedup = "a"}, {.dedup = "b"}}));
  store.readable = false;
  const std::vector<Load> asked = std::exchange(loads, {});
  for (const Load& load : asked) apply(answer_of(load));
  EXPECT_EQ(take_answer<Error>().code, ErrorCode::kInternal);  // once, and nothing stored
  EXPECT_EQ(metrics.accepted_total.value(), 2u);
}

// ---- one call never makes too much

class FanOutTest : public PublishTest {
 protected:
  // A group of so many endpoints, each with a URL of so many bytes.
  void save_group(const std::string& name, int endpoints, std::size_t url_bytes = 40) {
    SaveEndpoints command{
        .reply = next_caller(), .tenant = tenant_id, .group = name, .endpoints = {}};
    for (int i = 0; i < endpoints; ++i) {
      std::string url = "https://a.test/" + std::to_string(i) + "?";
      url.resize(url_bytes, 'x');
      command.endpoints.push_back({.name = {}, .url = std::move(url)});
    }
    apply(std::move(command));
  }
};

TEST_F(FanOutTest, TenThousandDeliveriesAreMadeAndOneMoreIsNot) {
  save_group("hundred", 100);
  step();
  std::vector<Item> items(100, Item{.group = "hundred"});
  EXPECT_EQ(accept_all(items).size(), 10'000u);
  const std::int64_t before = pending();
  items.push_back({});
  apply(publish_all(items));
  const Error error = take_answer<Error>();
  EXPECT_EQ(error.code, ErrorCode::kTooLarge);
  EXPECT_NE(error.text.find("10000 deliveries"), std::string::npos);
  EXPECT_EQ(pending(), before);
}

TEST_F(FanOutTest, RowsOfMoreThanSixtyFourMegabytesAreNotMade) {
  save_group("long", 100, 8'000);
  step();
  std::vector<Item> items(40, Item{.group = "long"});  // 4,000 deliveries of 16.4 KB
  EXPECT_EQ(accept_all(items).size(), 4'000u);
  items.push_back({.group = "long"});
  apply(publish_all(items));
  const Error error = take_answer<Error>();
  EXPECT_EQ(error.code, ErrorCode::kTooLarge);
  EXPECT_NE(error.text.find("64 MB"), std::string::npos);
  EXPECT_EQ(pending(), 4'000);
}

}  // namespace
}  // namespace ferry::engine
