#include "http/router.h"

#include <gtest/gtest.h>

namespace ferry::http {
namespace {

enum : std::uint32_t {
  kPublish,
  kEnqueue,
  kListMessages,
  kDeleteMessages,
  kGetMessage,
  kPostMessage,
  kFlowPin,
  kFlowKey,
  kRoot,
  kSpecial,
  kAnyName,
};

const Router& router() {
  static const Router table({
      {"POST", "/v2/publish/{destination...}", kPublish},
      {"POST", "/v2/enqueue/{queue}/{destination...}", kEnqueue},
      {"GET", "/v2/messages", kListMessages},
      {"DELETE", "/v2/messages", kDeleteMessages},
      {"GET", "/v2/messages/{id}", kGetMessage},
      {"POST", "/v2/messages/{id}", kPostMessage},
      {"POST", "/v2/flowControl/{key}/pin", kFlowPin},
      {"GET", "/v2/flowControl/{key...}", kFlowKey},
      {"GET", "/", kRoot},
      {"GET", "/v2/queues/special", kSpecial},
      {"GET", "/v2/queues/{name}", kAnyName},
  });
  return table;
}

std::string parameter(const Match& match, std::string_view name) {
  for (const PathParameter& found : match.parameters) {
    if (found.name == name) return found.value;
  }
  return "(none)";
}

TEST(Router, FindsARowByMethodAndPath) {
  const Match match = router().match("GET", "/v2/messages");
  EXPECT_EQ(match.kind, MatchKind::kFound);
  EXPECT_EQ(match.route, kListMessages);
  EXPECT_TRUE(match.parameters.empty());
  EXPECT_EQ(router().match("GET", "/").route, kRoot);
}

TEST(Router, LiteralsMatchWithoutRegardToCase) {
  EXPECT_EQ(router().match("GET", "/V2/Messages").route, kListMessages);
  EXPECT_EQ(router().match("POST", "/v2/flowcontrol/k/PIN").route, kFlowPin);
}

TEST(Router, MethodsMatchExactly) {
  EXPECT_EQ(router().match("get", "/v2/messages").kind, MatchKind::kMethodNotAllowed);
}

TEST(Router, ATrailingSlashEqualsItsAbsence) {
  EXPECT_EQ(router().match("DELETE", "/v2/messages/").route, kDeleteMessages);
  EXPECT_EQ(router().match("GET", "/v2/messages/m1/").route, kGetMessage);
  EXPECT_EQ(router().match("GET", "/v2/messages//").kind, MatchKind::kNoSuchPath);
}

TEST(Router, DecodesAParameterAfterSplitting) {
  const Match match = router().match("GET", "/v2/messages/a%2Fb%20c");
  ASSERT_EQ(match.kind, MatchKind::kFound);
  EXPECT_EQ(parameter(match, "id"), "a/b c");
}

TEST(Router, TheRestOfThePathStaysRaw) {
  const Match match = router().match("POST", "/v2/publish/https://a.b//c/%2F/");
  ASSERT_EQ(match.route, kPublish);
  EXPECT_EQ(parameter(match, "destination"), "https://a.b//c/%2F/");
}

TEST(Router, TheRestOfThePathMayBeEmpty) {
  EXPECT_EQ(parameter(router().match("POST", "/v2/publish/"), "destination"), "");
  EXPECT_EQ(parameter(router().match("POST", "/v2/publish"), "destination"), "");
  EXPECT_EQ(parameter(router().match("POST", "/v2/publish//"), "destination"), "/");
}

TEST(Router, ReadsAParameterAndTheRest) {
  const Match match = router().match("POST", "/v2/enqueue/q%31/http://x/y");
  ASSERT_EQ(match.route, kEnqueue);
  EXPECT_EQ(parameter(match, "queue"), "q1");
  EXPECT_EQ(parameter(match, "destination"), "http://x/y");
}

TEST(Router, TheFirstRowThatFitsWins) {
  EXPECT_EQ(router().match("GET", "/v2/queues/special").route, kSpecial);
  EXPECT_EQ(router().match("GET", "/v2/queues/other").route, kAnyName);
  EXPECT_EQ(router().match("GET", "/v2/flowControl/k/pin").route, kFlowKey);
}

TEST(Router, TellsWhichMethodsAPathHas) {
  const Match match = router().match("PUT", "/v2/messages/m1");
  EXPECT_EQ(match.kind, MatchKind::kMethodNotAllowed);
  EXPECT_EQ(match.allow, "GET, POST");
  EXPECT_EQ(router().match("PATCH", "/v2/queues/special").allow, "GET");
}

TEST(Router, NeverNormalises) {
  for (const char* path :
       {"//v2/messages", "/v2//messages", "/v2/./messages", "/v2/%6Dessages", "", "*",
        "v2/messages", "http://h/v2/messages", "/v3", "/v2", "/v2/messagesx"}) {
    EXPECT_EQ(router().match("GET", path).kind, MatchKind::kNoSuchPath) << path;
  }
}

}  // namespace
}  // namespace ferry::http
