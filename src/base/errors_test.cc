#include "base/errors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string_view>

namespace ferry {
namespace {

constexpr auto kCodes = static_cast<std::uint16_t>(ErrorCode::kCount);

TEST(Errors, EveryCodeHasItsOwnSlugAStatusAndAText) {
  std::set<std::string_view> slugs;
  for (std::uint16_t i = 0; i < kCodes; ++i) {
    const ErrorInfo& info = error_info(static_cast<ErrorCode>(i));
    EXPECT_EQ(info.code, static_cast<ErrorCode>(i));
    EXPECT_TRUE(slugs.insert(info.slug).second) << info.slug;
    EXPECT_GE(info.http_status, 400) << info.slug;
    EXPECT_LE(info.http_status, 599) << info.slug;
    EXPECT_FALSE(info.text.empty()) << info.slug;
  }
}

TEST(Errors, SlugsAreLowerCaseWordsJoinedByUnderscores) {
  for (std::uint16_t i = 0; i < kCodes; ++i) {
    const std::string_view slug = error_info(static_cast<ErrorCode>(i)).slug;
    EXPECT_FALSE(slug.empty());
    EXPECT_TRUE(std::ranges::all_of(slug, [](char c) {
      return (c >= 'a' && c <= 'z') || c == '_';
    })) << slug;
  }
}

TEST(Errors, StatusesAreThoseOfTheContract) {
  EXPECT_EQ(error_info(ErrorCode::kInvalidDestination).http_status, 400);
  EXPECT_EQ(error_info(ErrorCode::kUnauthenticated).http_status, 401);
  EXPECT_EQ(error_info(ErrorCode::kUnauthenticated).text, "unable to authenticate: invalid token");
  EXPECT_EQ(error_info(ErrorCode::kReadOnlyToken).http_status, 403);
  EXPECT_EQ(error_info(ErrorCode::kQuotaExceeded).http_status, 412);
  EXPECT_EQ(error_info(ErrorCode::kTooLarge).http_status, 413);
  EXPECT_EQ(error_info(ErrorCode::kHeadersTooLarge).http_status, 431);
  EXPECT_EQ(error_info(ErrorCode::kOverloaded).http_status, 503);
}

TEST(ErrorsDeathTest, TheNumberOfCodesIsNoCode) {
  EXPECT_DEATH(error_info(ErrorCode::kCount), "CHECK failed");
}

}  // namespace
}  // namespace ferry
