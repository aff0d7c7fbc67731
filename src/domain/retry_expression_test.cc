#include "domain/retry_expression.h"

#include <gtest/gtest.h>

#include <string>

#include "domain/limits.h"

namespace ferry {
namespace {

// The result in milliseconds; -1 for none.
std::int64_t value(std::string_view text, int retried = 0) {
  const auto wait = evaluate_retry_expression(text, retried);
  return wait ? wait->count() : -1;
}

std::string error_of(std::string_view text) {
  const auto result = check_retry_expression(text);
  if (result) return "";
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidHeader);
  return result.error().text;
}

std::string repeated(std::string_view text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

TEST(RetryExpression, TheDocumentedExamplesEvaluate) {
  EXPECT_EQ(value("1000"), 1000);
  EXPECT_EQ(value("1000 * (1 + retried)", 0), 1000);
  EXPECT_EQ(value("1000 * (1 + retried)", 4), 5000);
  EXPECT_EQ(value("pow(2, retried) * 1000", 0), 1000);
  EXPECT_EQ(value("pow(2, retried) * 1000", 10), 1'024'000);
  EXPECT_EQ(value("pow(retried, 2) * 1000", 3), 9000);
  EXPECT_EQ(value("max(1000, pow(2, retried) * 100)", 2), 1000);
  EXPECT_EQ(value("max(1000, pow(2, retried) * 100)", 5), 3200);
  EXPECT_EQ(value("7000 * retried", 0), 0);
  EXPECT_EQ(value("1000 * retried", 3), 3000);
}

TEST(RetryExpression, EveryFunctionComputesWhatItsNameSays) {
  EXPECT_EQ(value("exp(0) * 5"), 5);
  EXPECT_EQ(value("floor(exp(2) * 1000)"), 7389);
  EXPECT_EQ(value("sqrt(144)"), 12);
  EXPECT_EQ(value("abs(-7)"), 7);
  EXPECT_EQ(value("floor(2.9)"), 2);
  EXPECT_EQ(value("ceil(2.1)"), 3);
  EXPECT_EQ(value("round(2.5) * 10"), 30);
  EXPECT_EQ(value("min(3, 2)"), 2);
  EXPECT_EQ(value("max(3, 2)"), 3);
}

TEST(RetryExpression, MinAndMaxTakeMoreArguments) {
  EXPECT_EQ(value("min(5, 3, 9, 4)"), 3);
  EXPECT_EQ(value("max(5, 3, 9, 4)"), 9);
}

TEST(RetryExpression, ProductsBindTighterThanSumsAndBothGroupToTheLeft) {
  EXPECT_EQ(value("2 + 3 * 4"), 14);
  EXPECT_EQ(value("(2 + 3) * 4"), 20);
  EXPECT_EQ(value("20 - 5 - 3"), 12);
  EXPECT_EQ(value("100 / 5 / 2"), 10);
  EXPECT_EQ(value("17 % 5 * 2"), 4);
  EXPECT_EQ(value("7.5 % 2 * 100"), 150);
}

TEST(RetryExpression, OneSignMayStandBeforeAnOperand) {
  EXPECT_EQ(value("10 * -2 + 30"), 10);
  EXPECT_EQ(value("+5"), 5);
  EXPECT_EQ(value("-(-5)"), 5);
  EXPECT_EQ(value("8 - -2"), 10);
  EXPECT_NE(error_of("--5"), "");
  EXPECT_NE(error_of("+-5"), "");
}

TEST(RetryExpression, NumbersMayHaveAFractionAndAnExponent) {
  EXPECT_EQ(value("1.5e3"), 1500);
  EXPECT_EQ(value("2E+2"), 200);
  EXPECT_EQ(value("2000e-1"), 200);
  EXPECT_EQ(value("007"), 7);
  for (const std::string_view text : {".5", "5.", "1e", "1e+", "0x10", "1_000", "1,000"}) {
    EXPECT_NE(error_of(text), "") << text;
    EXPECT_EQ(value(text), -1) << text;
  }
}

TEST(RetryExpression, BlanksMayStandBetweenAnyTokens) {
  EXPECT_EQ(value(" \t max ( 1 ,\t2 ) * ( retried + 1 ) ", 1), 4);
  EXPECT_NE(error_of("1 000"), "");
  EXPECT_NE(error_of("ret ried"), "");
  EXPECT_NE(error_of("1\n+1"), "");
}

TEST(RetryExpression, TheResultIsRoundedToAMillisecond) {
  EXPECT_EQ(value("0.4"), 0);
  EXPECT_EQ(value("0.5"), 1);
  EXPECT_EQ(value("1000 / 3"), 333);
}

TEST(RetryExpression, ANegativeResultMeansAtOnce) {
  EXPECT_EQ(value("-1"), 0);
  EXPECT_EQ(value("1 - 1e300"), 0);
}

TEST(RetryExpression, WhatIsNoNumberLeavesTheWaitToTheDefault) {
  for (const std::string_view text :
       {"1/0", "-1/0", "0/0", "sqrt(-1)", "5 % 0", "exp(1000)", "pow(10, 400)", "1000 / retried"}) {
    EXPECT_EQ(error_of(text), "") << text;  // legal: another attempt may give a number
    EXPECT_EQ(value(text), -1) << text;
  }
  EXPECT_EQ(value("1000 / retried", 2), 500);
}

TEST(RetryExpression, AHugeResultIsTheLongestDelay) {
  EXPECT_EQ(value("1e300"), limits::kDelayMax.count());
  EXPECT_EQ(value("pow(2, retried) * 1000", 1000), limits::kDelayMax.count());
}

TEST(RetryExpression, AnErrorNamesItsPlace) {
  EXPECT_EQ(error_of(""), "expected a number, 'retried', a function or '(' at character 1");
  EXPECT_EQ(error_of("1 + "), "expected a number, 'retried', a function or '(' at character 5");
  EXPECT_EQ(error_of("1 + foo(2)"), "unknown name 'foo' at character 5");
  EXPECT_EQ(error_of("(1 + 2"), "expected ')' at character 7");
  EXPECT_EQ(error_of("1 2"), "unexpected character at character 3");
  EXPECT_EQ(error_of("exp 2"), "expected '(' at character 5");
  EXPECT_EQ(error_of("1e999"), "number out of range at character 1");
}

TEST(RetryExpression, NamesAreLowerCaseAndExact) {
  for (const std::string_view text :
       {"Retried", "RETRIED", "retries", "POW(1,2)", "retried2", "pow2(1,2)", "e", "x"}) {
    EXPECT_NE(error_of(text).find("unknown name"), std::string::npos) << text;
  }
}

TEST(RetryExpression, AFunctionTakesItsOwnNumberOfArguments) {
  for (const std::string_view text : {"pow(2)", "pow(1,2,3)", "exp(1,2)", "min(1)", "round(1,2)"}) {
    EXPECT_NE(error_of(text).find("wrong number of arguments"), std::string::npos) << text;
  }
  EXPECT_NE(error_of("pow()"), "");
  EXPECT_NE(error_of("pow(1,)"), "");
  EXPECT_NE(error_of("pow(,1)"), "");
}

TEST(RetryExpression, JunkIsRefused) {
  for (const std::string_view text :
       {")", "(", "()", "1)", "*2", "1*", "1**2", "1^2", "1;2", "retried(1)", "(1)(2)", "2retried",
        "retried 1", "\xff", "'1'", "1==1", "a=1"}) {
    EXPECT_NE(error_of(text), "") << text;
    EXPECT_EQ(value(text), -1) << text;
  }
  EXPECT_NE(error_of(std::string_view("1\0", 2)), "");
  EXPECT_NE(error_of(std::string_view("1\0+1", 4)), "");
}

TEST(RetryExpression, TheLongestTextIsReadAndOneByteMoreIsNot) {
  const std::string longest = "1" + repeated(" ", limits::kRetryExpressionBytesMax - 1);
  EXPECT_EQ(value(longest), 1);
  EXPECT_EQ(error_of(longest + " "), "the expression is longer than 1024 bytes");
  EXPECT_EQ(value(longest + " "), -1);
}

TEST(RetryExpression, TheDeepestTextIsReadAndOneLevelMoreIsNot) {
  const auto nested = [](int depth) { return repeated("(", depth) + "1" + repeated(")", depth); };
  EXPECT_EQ(value(nested(limits::kRetryExpressionDepthMax)), 1);
  EXPECT_EQ(error_of(nested(limits::kRetryExpressionDepthMax + 1)),
            "too many levels of parentheses at character 66");
  const auto calls = [](int depth) {
    return repeated("abs(", depth) + "-1" + repeated(")", depth);
  };
  EXPECT_EQ(value(calls(limits::kRetryExpressionDepthMax)), 1);
  EXPECT_NE(error_of(calls(limits::kRetryExpressionDepthMax + 1)), "");
}

TEST(RetryExpression, ManyTermsAreNotLevels) { EXPECT_EQ(value("1" + repeated("+1", 500)), 501); }

}  // namespace
}  // namespace ferry
