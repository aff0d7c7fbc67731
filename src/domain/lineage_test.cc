#include "domain/lineage.h"

#include <gtest/gtest.h>

namespace ferry {
namespace {

constexpr std::string_view kKey = "key of the server";

// The lineage after invoking `functions` one from the other; nothing when the chain was stopped.
std::optional<Lineage> chain(const std::vector<std::string>& functions) {
  Lineage lineage;
  for (const std::string& function : functions) {
    auto next = continue_lineage(lineage, function, "r", false);
    if (!next) return std::nullopt;
    lineage = std::move(*next);
  }
  return lineage;
}

std::vector<std::string> repeated(const std::vector<std::string>& cycle, std::size_t invocations) {
  std::vector<std::string> chain;
  for (std::size_t i = 0; i < invocations; ++i) chain.push_back(cycle[i % cycle.size()]);
  return chain;
}

TEST(Lineage, BeginsWithTheFirstInvocation) {
  const Lineage first = *continue_lineage({}, "a", "request-1", false);
  EXPECT_EQ(first.root, "request-1");
  EXPECT_EQ(first.hops, 0);
  const Lineage second = *continue_lineage(first, "b", "request-2", false);
  EXPECT_EQ(second.root, "request-1");
  EXPECT_EQ(second.hops, 1);
  ASSERT_EQ(second.visits.size(), 2u);
  EXPECT_EQ(second.visits[1], first.visits[0]);
}

TEST(Lineage, AFunctionIsReachedSixteenTimesAndNotOnceMore) {
  EXPECT_TRUE(chain(repeated({"a"}, 16)));
  EXPECT_FALSE(chain(repeated({"a"}, 17)));
  EXPECT_TRUE(chain(repeated({"a", "b"}, 32)));
  EXPECT_FALSE(chain(repeated({"a", "b"}, 33)));
}

TEST(Lineage, ALongChainOfManyFunctionsEndsAfterSixtyFourHops) {
  std::vector<std::string> functions;
  for (int i = 0; i < 64; ++i) functions.push_back("f" + std::to_string(i));
  const auto longest = chain(functions);
  ASSERT_TRUE(longest);
  EXPECT_EQ(longest->hops, 63);
  EXPECT_EQ(longest->visits.size(), kLineageVisitsMax);
  functions.push_back("one more");
  EXPECT_FALSE(chain(functions));
}

TEST(Lineage, AFunctionThatAllowsRecursionIsNotStopped) {
  const Lineage lineage = *chain(repeated({"a"}, 16));
  const auto refused = continue_lineage(lineage, "a", "r", false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kRecursionDetected);
  const auto allowed = continue_lineage(lineage, "a", "r", true);
  ASSERT_TRUE(allowed);
  EXPECT_EQ(allowed->visits[0].count, 17);
}

TEST(LineageHeader, IsReadBackByWhoeverHasTheKey) {
  const Lineage lineage = *chain({"a", "b", "a"});
  EXPECT_EQ(read_lineage(write_lineage(lineage, kKey), kKey), lineage);
}

TEST(LineageHeader, AForgedOneIsNothing) {
  const std::string text = write_lineage(*chain(repeated({"a"}, 9)), kKey);
  EXPECT_FALSE(read_lineage(text, "another key"));
  std::string fewer = text;
  fewer.replace(fewer.find(":9"), 2, ":1");
  EXPECT_FALSE(read_lineage(fewer, kKey));
  EXPECT_FALSE(read_lineage("", kKey));
  EXPECT_FALSE(read_lineage("v1;root=r;hops=0;path=", kKey));
  EXPECT_FALSE(read_lineage(text.substr(0, text.size() - 1), kKey));
  EXPECT_FALSE(read_lineage(std::string(4096, 'x') + text, kKey));
}

}  // namespace
}  // namespace ferry
