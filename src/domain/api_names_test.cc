#include "domain/api_names.h"

#include <gtest/gtest.h>

namespace ferry {
namespace {

const ApiNames kNames = {{"https://llm.test/v1", "llm"}};

Destination to(std::string url, std::string group = {}) {
  Destination made;
  made.target.url = std::move(url);
  made.group_name = std::move(group);
  return made;
}

TEST(ApiNames, TheConfiguredUrlHasItsName) {
  EXPECT_EQ(api_name_of(kNames, Message{}, to("https://llm.test/v1")), "llm");
}

TEST(ApiNames, AnyOtherUrlHasNone) {
  EXPECT_EQ(api_name_of(kNames, Message{}, to("https://llm.test/v1?a")), "");
  EXPECT_EQ(api_name_of({}, Message{}, to("https://llm.test/v1")), "");
}

TEST(ApiNames, CallbacksAndEndpointsOfGroupsHaveNone) {
  Message callback;
  callback.kind = MessageKind::kCallback;
  EXPECT_EQ(api_name_of(kNames, callback, to("https://llm.test/v1")), "");
  EXPECT_EQ(api_name_of(kNames, Message{}, to("https://llm.test/v1", "g")), "");
}

}  // namespace
}  // namespace ferry
