#include "dispatch/dispatcher.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <deque>
#include <vector>

#include "base/encoding.h"
#include "http/one_shot.h"

namespace ferry::dispatch {
namespace {

// Answers requests when the test says so, with what the test says.
class ScriptedClient : public http::Client {
 public:
  Awaitable<Result<http::ClientResponse>> send(http::ClientRequest request) override {
    requests.push_back(std::move(request));
    co_await waits.emplace_back().wait();
    Result<http::ClientResponse> answer = std::move(answers.front());
    answers.pop_front();
    co_return answer;
  }
  void answer_next(Result<http::ClientResponse> answer) {
    answers.push_back(std::move(answer));
    waits.at(answered_++).wake();
  }

  std::vector<http::ClientRequest> requests;
  std::deque<Result<http::ClientResponse>> answers;
  std::deque<http::OneShot> waits;

 private:
  std::size_t answered_ = 0;
};

class DispatcherTest : public testing::Test {
 protected:
  DispatcherTest() { set_quotas({}); }

  void set_quotas(Quotas quotas) {
    Tenant tenant;
    tenant.id = TenantId{1};
    tenant.signing_key_current = "sig_current";
    tenant.quotas = quotas;
    dispatcher_.set_catalog(std::make_shared<const TenantCatalog>(
        std::vector<TenantPtr>{std::make_shared<const Tenant>(tenant)}));
  }

  void start(Message message = {}, std::int32_t retried = 0) {
    message.tenant = TenantId{1};
    Delivery delivery{.id = DeliveryId{5}, .tenant = TenantId{1}};
    delivery.to =
        std::make_shared<const Destination>(Destination{.target = {.url = "https://example.com"}});
    delivery.retried = retried;
    auto shared = std::make_shared<const Message>(std::move(message));
    message_ = shared;
    dispatcher_.start({delivery, std::move(shared), ++starts_});
    run();
  }
  void keep(engine::Command command) {
    if (auto* outcome = std::get_if<engine::RecordOutcome>(&command)) {
      reports_.push_back(std::move(*outcome));
    } else if (auto* not_started = std::get_if<engine::NotStarted>(&command)) {
      not_started_.push_back(*not_started);
    } else {
      addresses_.push_back(std::get<engine::AttemptAddress>(std::move(command)));
    }
  }
  void answer(int status) {
    http::ClientResponse response;
    response.status = status;
    client_.answer_next(std::move(response));
    run();
  }
  void run() {
    io_.restart();
    io_.poll();
  }

  // What the store has of a large body.
  Awaitable<Result<Bytes>> read_stored(std::uint64_t offset, std::size_t bytes_max) {
    if (unreadable_) co_return fail(ErrorCode::kStoreCorrupt, "a bad page");
    co_return Bytes::copy(std::string_view(stored_).substr(offset, bytes_max));
  }
  Message message_with_stored_body() const {
    Message message;
    message.body = Bytes::copy(stored_);
    note_large_body(message);
    return *without_large_body(std::make_shared<const Message>(std::move(message)));
  }

  asio::io_context io_;
  ScriptedClient client_;
  Metrics metrics_;
  std::weak_ptr<const Message> message_;  // of the last start()
  std::uint64_t starts_ = 0;
  std::vector<engine::RecordOutcome> reports_;
  std::vector<engine::NotStarted> not_started_;
  std::vector<engine::AttemptAddress> addresses_;
  std::string stored_ = std::string(100'000, 's');
  bool unreadable_ = false;
  FunctionCaller functions_{io_, client_, {}, [] { return from_unix_ms(1'000'000); }};
  Pushes pushes_{{}, IdCodec("secret"), nullptr, nullptr, 1};
  StoredBodies bodies_{io_,
                       [this](MessageId, std::uint64_t offset, std::size_t bytes_max) {
                         return read_stored(offset, bytes_max);
                       },
                       1u << 20};
  Dispatcher dispatcher_{io_,
                         client_,
                         functions_,
                         pushes_,
                         bodies_,
                         IdCodec("secret"),
                         {},
                         [] { return from_unix_ms(1'000'000); },
                         [this](engine::Command command) { keep(std::move(command)); },
                         metrics_};
};

TEST_F(DispatcherTest, ReportsOneOutcomeForEachAttempt) {
  start({}, 3);
  EXPECT_EQ(dispatcher_.in_flight(), 1u);
  ASSERT_EQ(client_.requests.size(), 1u);
  EXPECT_NE(client_.requests[0].headers.find("upstash-signature"), nullptr);
  EXPECT_TRUE(reports_.empty());
  answer(200);
  EXPECT_EQ(dispatcher_.in_flight(), 0u);
  ASSERT_EQ(reports_.size(), 1u);
  EXPECT_EQ(reports_[0].delivery, DeliveryId{5});
  EXPECT_EQ(reports_[0].attempt, 3);
  EXPECT_EQ(reports_[0].outcome.kind, OutcomeKind::kDelivered);
}

TEST_F(DispatcherTest, NoAttemptTakesLongerThanTheQuotaOfItsTenant) {
  set_quotas({.timeout_max = std::chrono::seconds(30)});
  Message longer, shorter;
  longer.timeout = std::chrono::seconds(60);  // from before the quota
  shorter.timeout = std::chrono::seconds(10);
  start();
  start(longer);
  start(shorter);
  ASSERT_EQ(client_.requests.size(), 3u);
  EXPECT_EQ(client_.requests[0].timeout, std::chrono::seconds(30));
  EXPECT_EQ(client_.requests[1].timeout, std::chrono::seconds(30));
  EXPECT_EQ(client_.requests[2].timeout, std::chrono::seconds(10));
}

TEST_F(DispatcherTest, RendersTheHooksThatTheOutcomeSetsOff) {
  const auto options = std::make_shared<const PublishOptions>();
  Message message;
  message.max_retries = 1;
  message.callback = HookOptions{"https://c.example", options};
  message.failure_callback = HookOptions{"https://f.example", options};
  start(message, 0);
  answer(500);
  ASSERT_EQ(reports_.at(0).hooks.size(), 1u);
  EXPECT_EQ(reports_[0].hooks[0].kind, HookKind::kCallback);
  start(message, 1);
  answer(500);
  ASSERT_EQ(reports_.at(1).hooks.size(), 2u);
  EXPECT_EQ(reports_[1].hooks[1].kind, HookKind::kFailureCallback);
  EXPECT_TRUE(reports_[1].hooks[1].gap.has_value());
}

TEST_F(DispatcherTest, WhatTheServerLacksIsNoAttempt) {
  for (const auto& [code, reason] :
       {std::pair(ErrorCode::kOutOfDescriptors, engine::NotStartedReason::kDescriptors),
        std::pair(ErrorCode::kOutOfPorts, engine::NotStartedReason::kDescriptors),
        std::pair(ErrorCode::kOutOfMemory, engine::NotStartedReason::kMemory),
        std::pair(ErrorCode::kResolverBusy, engine::NotStartedReason::kResolver)}) {
    not_started_.clear();
    start({}, 3);
    client_.answer_next(fail(code));
    run();
    ASSERT_EQ(not_started_.size(), 1u);
    EXPECT_EQ(not_started_[0].delivery, DeliveryId{5});
    EXPECT_EQ(not_started_[0].attempt, 3);
    EXPECT_EQ(not_started_[0].start, starts_);
    EXPECT_EQ(not_started_[0].reason, reason);
    EXPECT_GE(not_started_[0].not_before, from_unix_ms(1'000'100));
  }
  EXPECT_EQ(dispatcher_.in_flight(), 0u);
  EXPECT_TRUE(reports_.empty());
}

TEST_F(DispatcherTest, ACutAttemptIsForgottenAtOnce) {
  start();
  ASSERT_EQ(client_.requests.size(), 1u);
  http::Cut* const cut = client_.requests[0].asker.cut;
  ASSERT_NE(cut, nullptr);
  dispatcher_.cut({.delivery = DeliveryId{5}, .start = starts_ + 1});  // another attempt
  EXPECT_FALSE(cut->is_cut());
  dispatcher_.cut({.delivery = DeliveryId{5}, .start = starts_});
  EXPECT_TRUE(cut->is_cut());
  EXPECT_EQ(dispatcher_.in_flight(), 0u);
  dispatcher_.cut({.delivery = DeliveryId{5}, .start = starts_});  // once more is no harm
  client_.answer_next(fail(ErrorCode::kCut));
  client_.requests.clear();
  run();
  EXPECT_TRUE(reports_.empty());
  EXPECT_TRUE(not_started_.empty());
  EXPECT_TRUE(message_.expired());
}

TEST_F(DispatcherTest, AnAttemptThatIsCutBeforeItsFirstTurnSendsNothing) {
  Delivery delivery{.id = DeliveryId{5}, .tenant = TenantId{1}};
  delivery.to =
      std::make_shared<const Destination>(Destination{.target = {.url = "https://example.com"}});
  dispatcher_.start({delivery, std::make_shared<const Message>(), 9});
  dispatcher_.cut({.delivery = DeliveryId{5}, .start = 9});
  run();
  EXPECT_TRUE(client_.requests.empty());
  EXPECT_TRUE(reports_.empty());
}

TEST_F(DispatcherTest, TellsTheAddressOfARunningAttempt) {
  start({}, 2);
  client_.requests.at(0).asker.connecting("192.0.2.1");
  ASSERT_EQ(addresses_.size(), 1u);
  EXPECT_EQ(addresses_[0].delivery, DeliveryId{5});
  EXPECT_EQ(addresses_[0].attempt, 2);
  EXPECT_EQ(addresses_[0].start, starts_);
  EXPECT_EQ(addresses_[0].address, "192.0.2.1");
  EXPECT_EQ(client_.requests[0].asker.share_key, 1u);
  answer(200);
}

TEST_F(DispatcherTest, AStoredBodyIsSentFromItsSource) {
  start(message_with_stored_body());
  ASSERT_EQ(client_.requests.size(), 1u);
  const http::ClientRequest& request = client_.requests[0];
  EXPECT_TRUE(request.body.empty());
  ASSERT_TRUE(request.source.has_value());
  EXPECT_EQ(request.source->size, stored_.size());
  EXPECT_NE(request.headers.find("upstash-signature"), nullptr);
  answer(200);
  EXPECT_EQ(reports_.at(0).outcome.kind, OutcomeKind::kDelivered);
}

TEST_F(DispatcherTest, ABodyThatCannotBeReadIsNoAttempt) {
  unreadable_ = true;  // before anything is sent: it has no hash, so it is read to be signed
  start(message_with_stored_body(), 2);
  EXPECT_TRUE(client_.requests.empty());
  ASSERT_EQ(not_started_.size(), 1u);
  EXPECT_EQ(not_started_[0].delivery, DeliveryId{5});
  EXPECT_EQ(not_started_[0].attempt, 2);
  EXPECT_GT(not_started_[0].not_before, from_unix_ms(1'000'000));
  unreadable_ = false;
  start(message_with_stored_body());
  client_.answer_next(fail(ErrorCode::kStoreIo, "while it was sent"));
  run();
  EXPECT_EQ(not_started_.size(), 2u);
  EXPECT_TRUE(reports_.empty());
  EXPECT_EQ(dispatcher_.in_flight(), 0u);
}

TEST_F(DispatcherTest, AHookShowsAStoredBody) {
  Message message = message_with_stored_body();
  message.callback = HookOptions{"https://c.example", std::make_shared<const PublishOptions>()};
  start(message);
  answer(200);
  ASSERT_EQ(reports_.at(0).hooks.size(), 1u);
  EXPECT_TRUE(reports_[0].hooks[0].body.contains(base64_encode(stored_)));
  EXPECT_NE(reports_[0].memory, nullptr);
  reports_[0].memory = nullptr;  // or the tenant would have its share
  start(message);
  unreadable_ = true;  // from now on
  answer(200);
  EXPECT_EQ(reports_.size(), 1u);
  EXPECT_EQ(not_started_.size(), 1u);
}

TEST_F(DispatcherTest, StoppingAbandonsWhatRunsAndSaysWhenItIsDone) {
  bool stopped = false;
  start();
  dispatcher_.stop([&] { stopped = true; });
  EXPECT_FALSE(stopped);
  start();  // refused
  EXPECT_EQ(client_.requests.size(), 1u);
  client_.answer_next(fail(ErrorCode::kStopping));
  run();
  EXPECT_TRUE(stopped);
  EXPECT_TRUE(reports_.empty());
}

TEST_F(DispatcherTest, StopsAtOnceWhenNothingRuns) {
  bool stopped = false;
  dispatcher_.stop([&] { stopped = true; });
  EXPECT_TRUE(stopped);
}

}  // namespace
}  // namespace ferry::dispatch
