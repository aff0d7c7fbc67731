#include "dispatch/function_caller.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <deque>

#include "http/one_shot.h"

namespace ferry::dispatch {
namespace {

// Answers in the order asked for, when the test says so.
class ScriptedClient : public http::Client {
 public:
  Awaitable<Result<http::ClientResponse>> send(http::ClientRequest request) override {
    requests.push_back(std::move(request));
    co_await waits.emplace_back().wait();
    Result<http::ClientResponse> answer = std::move(answers.front());
    answers.pop_front();
    co_return answer;
  }

  std::vector<http::ClientRequest> requests;
  std::deque<Result<http::ClientResponse>> answers;
  std::deque<http::OneShot> waits;
};

class FunctionCallerTest : public testing::Test {
 protected:
  FunctionCall call(std::string initializer = {}) const {
    FunctionCall made{.endpoint = "http://f.test:9000", .account = "acct"};
    made.invocation = std::make_shared<const Invocation>(
        Invocation{.request_id = "r-1",
                   .function = "f",
                   .qualifier = "LATEST",
                   .arn = "arn",
                   .handler = "index.handler",
                   .memory_mb = 512,
                   .initializer = std::move(initializer),
                   .initialization_timeout = std::chrono::seconds(3),
                   .lineage = {.root = "r-1", .hops = 0, .visits = {{"01234567", 1}}}});
    made.event = Bytes::copy("event");
    made.timeout = std::chrono::seconds(60);
    made.retry_count = 2;
    return made;
  }
  void start(FunctionCall given, http::Asker asker = {}) {
    asio::co_spawn(io_.get_executor(), caller_.call(std::move(given), std::move(asker)),
                   [this](std::exception_ptr, Result<Outcome> outcome) {
                     if (outcome) {
                       ended_.push_back(std::move(*outcome));
                     } else {
                       not_called_.push_back(outcome.error().code);
                     }
                   });
    run();
  }
  void answer(Result<http::ClientResponse> with) {
    client_.answers.push_back(std::move(with));
    client_.waits.at(answered_++).wake();
    run();
  }
  static http::ClientResponse response(int status, std::string body = {}) {
    http::ClientResponse made;
    made.status = status;
    made.body = Bytes::take(std::move(body));
    return made;
  }
  static http::ClientResponse said(int status, std::string fc_status) {
    http::ClientResponse made = response(status);
    made.headers.add("x-fc-status", std::move(fc_status));
    return made;
  }
  Outcome outcome_of(Result<http::ClientResponse> with) {
    start(call());
    answer(std::move(with));
    return ended_.back();
  }
  std::vector<std::string> urls() const {
    std::vector<std::string> found;
    for (const auto& request : client_.requests) found.push_back(request.url);
    return found;
  }
  void run() {
    io_.restart();
    io_.poll();
  }

  asio::io_context io_;
  ScriptedClient client_;
  FunctionCaller caller_{
      io_, client_, {.region = "here", .lineage_key = "k"}, [] { return from_unix_ms(1'000); }};
  std::vector<Outcome> ended_;
  std::vector<ErrorCode> not_called_;
  std::size_t answered_ = 0;
};

TEST_F(FunctionCallerTest, PostsTheEventWithTheHeadersOfTheContract) {
  outcome_of(response(200, "result"));
  const http::ClientRequest& request = client_.requests.at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "http://f.test:9000/invoke");
  EXPECT_EQ(request.body.view(), "event");
  EXPECT_EQ(request.timeout, std::chrono::seconds(60));
  const std::pair<const char*, const char*> expected[] = {
      {"Content-Type", "application/octet-stream"},
      {"x-fc-request-id", "r-1"},
      {"x-fc-control-path", "/invoke"},
      {"x-fc-function-name", "f"},
      {"x-fc-function-handler", "index.handler"},
      {"x-fc-function-memory", "512"},
      {"x-fc-function-timeout", "60"},
      {"x-fc-retry-count", "2"},
      {"x-fc-qualifier", "LATEST"},
      {"x-fc-region", "here"},
      {"x-fc-account-id", "acct"},
      {"x-fc-access-key-id", ""},
  };
  for (const auto& [name, value] : expected) {
    const std::string* found = request.headers.find(name);
    ASSERT_NE(found, nullptr) << name;
    EXPECT_EQ(*found, value) << name;
  }
  const auto lineage = read_lineage(*request.headers.find(kLineageHeader), "k");
  ASSERT_TRUE(lineage);
  EXPECT_EQ(lineage->root, "r-1");
}

TEST_F(FunctionCallerTest, PassesTheRequestOfAnHttpFunctionOn) {
  FunctionCall passing = call();
  passing.passed = PassedRequest{
      .method = "PUT", .target = "/a?b=1", .headers = {{"Content-Type", "t/x"}, {"Cookie", "c"}}};
  start(passing);
  answer(response(503, "busy"));
  const http::ClientRequest& request = client_.requests.at(0);
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.url, "http://f.test:9000/a?b=1");
  EXPECT_EQ(request.body.view(), "event");
  EXPECT_EQ(*request.headers.find("Content-Type"), "t/x");
  EXPECT_EQ(*request.headers.find("Cookie"), "c");
  EXPECT_EQ(*request.headers.find("x-fc-control-path"), "/http-invoke");
  EXPECT_EQ(ended_.back().kind, OutcomeKind::kDelivered);
  EXPECT_EQ(ended_.back().response->status, 503);
  EXPECT_EQ(ended_.back().condition, "");
}

TEST_F(FunctionCallerTest, AnAnswerThatIsTooLargeToPassOnIsAnError) {
  FunctionCall passing = call();
  passing.passed = PassedRequest{.method = "GET", .target = "/", .headers = {}};
  start(passing);
  http::ClientResponse cut = response(200, "begin");
  cut.truncated = true;
  answer(std::move(cut));
  EXPECT_EQ(ended_.back().kind, OutcomeKind::kFailed);
  EXPECT_EQ(ended_.back().condition, "UnhandledInvocationError");
  EXPECT_FALSE(client_.requests.at(0).headers.contains("Content-Type"));
}

TEST_F(FunctionCallerTest, TwoHundredWithoutAStatusOfItsOwnIsSuccess) {
  const Outcome outcome = outcome_of(response(204, ""));
  EXPECT_EQ(outcome.kind, OutcomeKind::kDelivered);
  EXPECT_EQ(outcome.condition, "");
  EXPECT_EQ(outcome.record_status, 200);
}

TEST_F(FunctionCallerTest, TheFunctionsOwnStatusDecides) {
  EXPECT_EQ(outcome_of(said(200, "200")).kind, OutcomeKind::kDelivered);
  for (const char* status : {"404", "500", "nonsense", ""}) {
    const Outcome outcome = outcome_of(said(200, status));
    EXPECT_EQ(outcome.kind, OutcomeKind::kFailed) << status;
    EXPECT_EQ(outcome.condition, "UnhandledInvocationError");
    EXPECT_EQ(outcome.record_status, 200);
  }
  EXPECT_EQ(outcome_of(said(500, "200")).kind, OutcomeKind::kFailed);
}

TEST_F(FunctionCallerTest, NoRoomIsToldFromAnErrorOfTheFunction) {
  const Outcome busy = outcome_of(response(429));
  EXPECT_EQ(busy.kind, OutcomeKind::kThrottled);
  EXPECT_EQ(busy.condition, "FunctionResourceExhausted");
  EXPECT_EQ(busy.record_status, 429);
  EXPECT_EQ(outcome_of(response(503)).kind, OutcomeKind::kThrottled);
  EXPECT_EQ(outcome_of(response(503)).record_status, 503);
  EXPECT_EQ(outcome_of(said(503, "404")).kind, OutcomeKind::kFailed);
  EXPECT_EQ(outcome_of(response(500)).kind, OutcomeKind::kFailed);
  EXPECT_EQ(outcome_of(response(404)).kind, OutcomeKind::kFailed);
}

TEST_F(FunctionCallerTest, AFunctionThatNeverAnswersIsSaidToHaveCrashedOrTimedOut) {
  const Outcome crashed = outcome_of(fail(ErrorCode::kConnectionLost, "lost"));
  EXPECT_EQ(crashed.kind, OutcomeKind::kFailed);
  EXPECT_EQ(crashed.condition, "UnhandledInvocationError");
  EXPECT_EQ(crashed.error, "lost");
  EXPECT_TRUE(crashed.response->body.view().starts_with(
      R"({"errorMessage":"Process exited unexpectedly before completing request)"));
  const Outcome late = outcome_of(fail(ErrorCode::kTimedOut, "late"));
  EXPECT_EQ(late.response->body.view(),
            R"({"errorMessage":"Function timed out after 60 seconds"})");
}

TEST_F(FunctionCallerTest, InitializesOnceBeforeTheFirstInvocation) {
  start(call("init"));
  start(call("init"));  // waits for the first one's initialization
  EXPECT_EQ(urls(), (std::vector<std::string>{"http://f.test:9000/initialize"}));
  EXPECT_EQ(client_.requests[0].timeout, std::chrono::seconds(3));
  EXPECT_TRUE(client_.requests[0].body.empty());
  answer(response(200));
  ASSERT_EQ(client_.requests.size(), 3u);
  EXPECT_EQ(urls()[2], "http://f.test:9000/invoke");
  answer(response(200));
  answer(response(200));
  start(call("init"));
  EXPECT_EQ(urls().back(), "http://f.test:9000/invoke");
  answer(response(200));
  EXPECT_EQ(ended_.size(), 3u);
}

TEST_F(FunctionCallerTest, AFailedInitializationFailsTheCallAndIsTriedAgain) {
  start(call("init"));
  start(call("init"));
  answer(response(500));
  EXPECT_EQ(ended_.size(), 1u);
  EXPECT_EQ(ended_[0].kind, OutcomeKind::kFailed);
  EXPECT_EQ(urls().back(), "http://f.test:9000/initialize");  // the second one's turn
  answer(response(200));
  answer(response(200));
  EXPECT_EQ(ended_.at(1).kind, OutcomeKind::kDelivered);
}

TEST_F(FunctionCallerTest, InitializesAgainAfterTheEndpointWasGone) {
  start(call("init"));
  answer(response(200));
  answer(fail(ErrorCode::kConnectFailed, "gone"));
  start(call("init"));
  EXPECT_EQ(urls().back(), "http://f.test:9000/initialize");
  answer(response(200));
  answer(response(200));
}

TEST_F(FunctionCallerTest, WhatTheServerLacksItselfIsNoOutcome) {
  start(call());
  answer(fail(ErrorCode::kOutOfDescriptors));
  start(call("init"));
  answer(fail(ErrorCode::kResolverBusy));
  EXPECT_TRUE(ended_.empty());
  EXPECT_EQ(not_called_, (std::vector{ErrorCode::kOutOfDescriptors, ErrorCode::kResolverBusy}));
}

TEST_F(FunctionCallerTest, ACutCallWaitsForNoInitialization) {
  http::Cut cut;
  start(call("init"));
  start(call("init"), {.share_key = 7, .cut = &cut});
  cut.cut();
  run();
  EXPECT_EQ(not_called_, std::vector{ErrorCode::kCut});
  answer(response(200));
  answer(response(200));
  EXPECT_EQ(ended_.size(), 1u);
  EXPECT_EQ(client_.requests.size(), 2u);
}

TEST_F(FunctionCallerTest, WhenTheInitializingCallIsCutTheNextOneInitializes) {
  start(call("init"));
  start(call("init"));
  answer(fail(ErrorCode::kCut));
  EXPECT_EQ(not_called_, std::vector{ErrorCode::kCut});
  EXPECT_EQ(urls().back(), "http://f.test:9000/initialize");
  answer(response(200));
  answer(response(200));
  EXPECT_EQ(ended_.at(0).kind, OutcomeKind::kDelivered);
}

TEST(ExpiredOutcome, SaysThatItIsTooOldAndIsNotTriedAgain) {
  const Outcome outcome =
      expired_outcome({.event_age_max = std::chrono::seconds(7)}, from_unix_ms(5));
  EXPECT_EQ(outcome.kind, OutcomeKind::kNonRetryable);
  EXPECT_EQ(outcome.condition, "EventAgeExceeded");
  EXPECT_EQ(outcome.error, "EventAgeExceeded: the event waited for more than 7 seconds");
}

}  // namespace
}  // namespace ferry::dispatch
