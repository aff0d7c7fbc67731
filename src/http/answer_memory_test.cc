#include <gtest/gtest.h>

#include "http/client_fixture.h"

// Answers that are being read share a budget of memory.

namespace ferry::http {
namespace {

constexpr std::size_t kBudget = 1'000'000;
constexpr std::size_t kLarge = 700'000;  // two of them do not fit

struct AnswerMemoryTest : ClientFixture {
  AnswerMemoryTest() {
    ClientOptions with_budget = options();
    with_budget.answers = budget;
    make_client(with_budget);
  }

  static ClientRequest asked_by(std::uint64_t key, const ScriptedReceiver& receiver,
                                Cut* cut = nullptr) {
    ClientRequest request = post(receiver.url());
    request.response_bytes_max = kBudget;
    request.asker = {.share_key = key, .cut = cut};
    return request;
  }

  static std::string head(std::size_t length) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
  }

  const std::shared_ptr<ByteBudget> budget = ByteBudget::make(kBudget);
};

TEST_F(AnswerMemoryTest, ALargeAnswerIsReadOnWhenItsMemoryIsGranted) {
  ScriptedReceiver stalls(
      io, {{Step::request(), Step::send(head(kLarge) + std::string(100'000, 'x')), Step::stall()}});
  ScriptedReceiver answers(
      io, {{Step::request(), Step::send(head(kLarge) + std::string(kLarge, 'y'))}});
  Cut cut;
  const auto first = start(asked_by(1, stalls, &cut));
  settle();
  EXPECT_EQ(budget->bytes_held(), kLarge);
  const auto second = start(asked_by(2, answers));
  settle();
  EXPECT_FALSE(second->has_value());
  EXPECT_EQ(budget->claims_waiting(), 1u);
  cut.cut();
  const auto answer = finish(second);
  ASSERT_TRUE(answer.has_value()) << answer.error().text;
  EXPECT_EQ(answer->body.size(), kLarge);
  EXPECT_EQ(finish(first).error().code, ErrorCode::kCut);
  EXPECT_EQ(budget->bytes_held(), 0u);
}

TEST_F(AnswerMemoryTest, SmallAnswersWaitForNoMemory) {
  const auto all = budget->claim(Party::of_caller(1), kBudget);
  for (const std::size_t length : {0u, 100u, 16'000u}) {
    ScriptedReceiver answers(
        io, {{Step::request(), Step::send(head(length) + std::string(length, 'y'))}});
    EXPECT_EQ(send(asked_by(2, answers))->body.size(), length);
  }
}

TEST_F(AnswerMemoryTest, TheTimeOutEndsTheWaitForMemory) {
  const auto all = budget->claim(Party::of_caller(1), kBudget);
  ScriptedReceiver answers(
      io, {{Step::request(), Step::send(head(kLarge) + std::string(kLarge, 'y'))}});
  ClientRequest request = asked_by(2, answers);
  request.timeout = Duration{60};
  EXPECT_EQ(failure(std::move(request)), ErrorCode::kTimedOut);
  EXPECT_EQ(budget->claims_waiting(), 0u);
}

TEST_F(AnswerMemoryTest, AnAnswerThatMayBeLargerThanTheBudgetStillFits) {
  ScriptedReceiver answers(
      io, {{Step::request(), Step::send(head(kLarge) + std::string(kLarge, 'y'))}});
  ClientRequest request = asked_by(2, answers);
  request.response_bytes_max = 10 * kBudget;
  EXPECT_EQ(send(std::move(request))->body.size(), kLarge);
}

}  // namespace
}  // namespace ferry::http
