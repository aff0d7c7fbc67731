#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace ferry {
namespace {

Result<int> half_of(int number) {
  if (number % 2 != 0) return fail(ErrorCode::kInvalidRequest, std::to_string(number) + " is odd");
  return number / 2;
}

Result<int> quarter_of(int number) {
  ASSIGN_OR_RETURN(const int half, half_of(number));
  int quarter = 0;
  ASSIGN_OR_RETURN(quarter, half_of(half));
  return quarter;
}

Result<void> check_even(int number) {
  if (number % 2 != 0) return fail(ErrorCode::kNotFound);
  return {};
}

Result<std::string> describe(int number) {
  RETURN_IF_ERROR(check_even(number));
  return std::string("even");
}

Result<std::unique_ptr<int>> owned(int number) { return std::make_unique<int>(number); }

Result<int> read_owned(int number) {
  ASSIGN_OR_RETURN(auto pointer, owned(number));
  return *pointer;
}

TEST(Result, AssignOrReturnPassesTheValueOn) { EXPECT_EQ(quarter_of(12), 3); }

TEST(Result, AssignOrReturnLeavesWithTheFirstError) {
  EXPECT_EQ(quarter_of(7).error(), (Error{ErrorCode::kInvalidRequest, "7 is odd"}));
  EXPECT_EQ(quarter_of(6).error(), (Error{ErrorCode::kInvalidRequest, "3 is odd"}));
}

TEST(Result, AssignOrReturnMovesWhatCannotBeCopied) { EXPECT_EQ(read_owned(5), 5); }

TEST(Result, ReturnIfErrorLeavesOnlyOnAnError) {
  EXPECT_EQ(describe(2), "even");
  EXPECT_EQ(describe(3).error().code, ErrorCode::kNotFound);
}

TEST(Result, AnErrorWithoutTextHasThatOfTheCatalogue) {
  EXPECT_EQ(describe(3).error().text, error_info(ErrorCode::kNotFound).text);
}

}  // namespace
}  // namespace ferry
