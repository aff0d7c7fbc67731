#include "http/request_log.h"

#include <gtest/gtest.h>

namespace ferry::http {
namespace {

TEST(RequestLog, CutsTheQuery) {
  EXPECT_EQ(loggable_path("/v2/events?cursor=1"), "/v2/events");
  EXPECT_EQ(loggable_path("/v2/publish/https://a.b/c?token=s"), "/v2/publish/https://a.b/c");
  EXPECT_EQ(loggable_path("/v2/publish/https%3A%2F%2Fa.b%2Fc%3Ftoken=s"),
            "/v2/publish/https%3A%2F%2Fa.b%2Fc");
  EXPECT_EQ(loggable_path("/v2/publish/https%3a%2f%2fa.b%3ftoken"),
            "/v2/publish/https%3a%2f%2fa.b");
  EXPECT_EQ(loggable_path("/a#b"), "/a");
  EXPECT_EQ(loggable_path("/a%"), "/a%");
  EXPECT_EQ(loggable_path(""), "");
}

TEST(RequestLog, DropsADestinationWithUserInformation) {
  EXPECT_EQ(loggable_path("/v2/publish/https://u:secret@a.b/c"), "/v2/publish/https");
  EXPECT_EQ(loggable_path("/v2/publish/https%3A%2F%2Fu%3As%40a.b"), "/v2/publish/https");
  EXPECT_EQ(loggable_path("/v2/flowControl/someone@example"), "/v2/flowControl/someone@example");
}

TEST(RequestLog, BoundsTheLength) {
  EXPECT_EQ(loggable_path("/" + std::string(1000, 'a')).size(), 256u);
}

TEST(RequestIds, AreLongAndNeverRepeat) {
  RequestIds ids(7);
  const std::string first = ids.next();
  EXPECT_TRUE(first.starts_with("req_"));
  EXPECT_EQ(first.size(), 22u);
  EXPECT_NE(first, ids.next());
  EXPECT_NE(first, RequestIds(8).next());
}

}  // namespace
}  // namespace ferry::http
