#include "dispatch/pushes.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <cerrno>
#include <system_error>

namespace ferry::dispatch {
namespace {

const PushSigning kSigning{.key = "sig_key", .standard = true};

// Remembers what it was given.
struct Sent {
  std::vector<Push> pushes;
  PushResult result{.kind = OutcomeKind::kDelivered, .status = 201, .answer = "stored"};
  int senders = 0;
};

class RememberingSender : public Sender {
 public:
  explicit RememberingSender(Sent& sent) : sent_(sent) {}
  Awaitable<PushResult> send(Push push) override {
    sent_.pushes.push_back(std::move(push));
    co_return sent_.result;
  }

 private:
  Sent& sent_;
};

class PushesTest : public testing::Test {
 protected:
  engine::StartAttempt attempt(std::string to, std::size_t bytes = 7) {
    PushOrigin origin{.event_id = "r:s",
                      .success = true,
                      .request_id = "r",
                      .function = "f",
                      .qualifier = "LATEST",
                      .arn = "arn",
                      .lineage = {.root = "r", .hops = 0, .visits = {{"01234567", 1}}}};
    Message message;
    message.tenant = TenantId{3};
    message.kind = MessageKind::kPush;
    message.body = Bytes::take(std::string(bytes, 'x'));
    message.created_at = from_unix_ms(40);
    message.trace_context = "00-trace";
    message.push = std::make_shared<const PushOrigin>(std::move(origin));
    Delivery delivery{.id = DeliveryId{5}, .tenant = TenantId{3}};
    delivery.to = std::make_shared<const Destination>(
        Destination{.target = {.kind = TargetKind::kPush, .url = std::move(to)}});
    return {delivery, std::make_shared<const Message>(std::move(message))};
  }
  Result<Outcome> try_send(engine::StartAttempt what) {
    Result<Outcome> ended;
    asio::co_spawn(
        io_.get_executor(), pushes_.send(std::move(what), kSigning, {}, from_unix_ms(50)),
        [&](std::exception_ptr, Result<Outcome> outcome) { ended = std::move(outcome); });
    io_.restart();
    io_.run();
    return ended;
  }
  Outcome send(engine::StartAttempt what) { return try_send(std::move(what)).value(); }
  Awaitable<engine::Answer> invoke(engine::Invoke command) {
    invoked_.push_back(std::move(command));
    co_return answer_;
  }

  asio::io_context io_;
  Sent sent_;
  std::vector<engine::Invoke> invoked_;
  engine::Answer answer_ = engine::Invoked{};
  bool no_threads_ = false;
  Pushes pushes_{{.connections = {{.name = "orders", .kind = PushKind::kKafka, .address = "h:1"},
                                  {.name = "mns", .kind = PushKind::kMns, .body_bytes_max = 10}},
                  .lineage_key = "k",
                  .timeout = std::chrono::seconds(9)},
                 IdCodec("secret"),
                 [this](const Connection&) -> Result<std::unique_ptr<Sender>> {
                   if (no_threads_) {
                     // As std::thread does it.
                     throw std::system_error(EAGAIN, std::generic_category());  // tree: allow
                   }
                   ++sent_.senders;
                   return std::make_unique<RememberingSender>(sent_);
                 },
                 [this](engine::Invoke command) { return invoke(std::move(command)); },
                 1};
};

TEST_F(PushesTest, GiveTheRecordToTheSenderOfItsConnection) {
  const Outcome outcome = send(attempt("kafka://orders/done"));
  EXPECT_EQ(outcome.kind, OutcomeKind::kDelivered);
  EXPECT_EQ(outcome.response->status, 201);
  EXPECT_EQ(outcome.response->body.view(), "stored");
  const Push& push = sent_.pushes.at(0);
  EXPECT_EQ(push.target.name, "done");
  EXPECT_EQ(push.event_id, "r:s");
  EXPECT_TRUE(push.success);
  EXPECT_EQ(push.function_arn, "arn");
  EXPECT_EQ(push.signing, kSigning);
  EXPECT_EQ(push.created_at, from_unix_ms(40));
  EXPECT_EQ(push.now, from_unix_ms(50));
  EXPECT_EQ(push.timeout, std::chrono::seconds(9));
  EXPECT_TRUE(read_lineage(push.lineage, "k"));
  EXPECT_NE(push.trace.find("Traceparent"), nullptr);
}

TEST_F(PushesTest, APublishedMessageGoesByItsId) {
  engine::StartAttempt published = attempt("kafka://orders/done");
  Message message = *published.message;
  message.source = DeliveryId{77};
  message.push = std::make_shared<const PushOrigin>(PushOrigin{.event_id = ":f"});
  published.message = std::make_shared<const Message>(std::move(message));
  send(published);
  const std::string id = IdCodec("secret").wire(DeliveryId{77});
  EXPECT_EQ(sent_.pushes.at(0).request_id, id);
  EXPECT_EQ(sent_.pushes.at(0).event_id, id + ":f");
}

TEST_F(PushesTest, KeepOneSenderForEachConnection) {
  send(attempt("kafka://orders/a"));
  send(attempt("kafka://orders/b"));
  EXPECT_EQ(sent_.senders, 1);
  send(attempt("acs:mns:::/queues/q/messages"));
  EXPECT_EQ(sent_.senders, 2);
}

TEST_F(PushesTest, WhatTheSenderSaysIsTheOutcome) {
  sent_.result = {.kind = OutcomeKind::kFailed, .status = 503, .error = "unavailable"};
  const Outcome outcome = send(attempt("kafka://orders/done"));
  EXPECT_EQ(outcome.kind, OutcomeKind::kFailed);
  EXPECT_EQ(outcome.error, "unavailable");
  sent_.result = {.kind = OutcomeKind::kFailed, .error = "no answer"};
  EXPECT_EQ(send(attempt("kafka://orders/done")).response, nullptr);
}

TEST_F(PushesTest, OverTheLimitIsRefusedBeforeItIsSent) {
  EXPECT_EQ(send(attempt("acs:mns:::/queues/q/messages", 10)).kind, OutcomeKind::kDelivered);
  const Outcome outcome = send(attempt("acs:mns:::/queues/q/messages", 11));
  EXPECT_EQ(outcome.kind, OutcomeKind::kNonRetryable);
  EXPECT_EQ(outcome.response->status, 413);
  EXPECT_EQ(sent_.pushes.size(), 1u);
  const std::size_t most = push_bytes_max(PushKind::kFunction);
  EXPECT_EQ(send(attempt("acs:fc:::functions/g", most)).kind, OutcomeKind::kDelivered);
  EXPECT_EQ(send(attempt("acs:fc:::functions/g", most + 1)).kind, OutcomeKind::kNonRetryable);
}

TEST_F(PushesTest, AConnectionThatIsNotThereOrOfAnotherKindIsFinal) {
  EXPECT_EQ(send(attempt("kafka://nowhere/t")).error, "no connection \"nowhere\" is configured");
  const Outcome other = send(attempt("nats://orders/t"));
  EXPECT_EQ(other.kind, OutcomeKind::kNonRetryable);
  EXPECT_TRUE(sent_.pushes.empty());
}

TEST_F(PushesTest, AFunctionIsInvokedInThisServersEngine) {
  const Outcome outcome = send(attempt("acs:fc:::services/s.prod/functions/g"));
  EXPECT_EQ(outcome.kind, OutcomeKind::kDelivered);
  const engine::Invoke& invoke = invoked_.at(0);
  EXPECT_EQ(invoke.tenant, TenantId{3});
  EXPECT_EQ(invoke.function, "s$g");
  EXPECT_EQ(invoke.qualifier, "prod");
  EXPECT_EQ(invoke.lineage.root, "r");
  EXPECT_EQ(invoke.event.view(), "xxxxxxx");
  EXPECT_NE(invoke.request_id, "r");
  send(attempt("acs:fc:::functions/g"));
  EXPECT_EQ(invoked_.at(1).qualifier, "LATEST");
}

TEST_F(PushesTest, WhatTheServerLacksItselfIsNoOutcome) {
  sent_.result = {.error = "too many open files", .lack = ErrorCode::kOutOfDescriptors};
  const auto sent = try_send(attempt("kafka://orders/t"));
  ASSERT_FALSE(sent.has_value());
  EXPECT_EQ(sent.error().code, ErrorCode::kOutOfDescriptors);
  EXPECT_EQ(sent.error().text, "too many open files");
}

TEST_F(PushesTest, ASenderWithoutAThreadIsMadeLater) {
  no_threads_ = true;
  EXPECT_EQ(try_send(attempt("kafka://orders/t")).error().code, ErrorCode::kOutOfMemory);
  no_threads_ = false;
  EXPECT_EQ(send(attempt("kafka://orders/t")).kind, OutcomeKind::kDelivered);
}

TEST_F(PushesTest, AnEngineThatRefusesIsFinalAndABusyOneIsTheServersOwnLack) {
  answer_ = Error{ErrorCode::kRecursionDetected, "loop"};
  const Outcome loop = send(attempt("acs:fc:::functions/g"));
  EXPECT_EQ(loop.kind, OutcomeKind::kNonRetryable);
  EXPECT_EQ(loop.error, "recursion_detected: loop");
  EXPECT_EQ(loop.condition, kRecursionCondition);
  answer_ = Error{ErrorCode::kOverloaded, "busy"};
  EXPECT_EQ(try_send(attempt("acs:fc:::functions/g")).error().code, ErrorCode::kOverloaded);
}

}  // namespace
}  // namespace ferry::dispatch
