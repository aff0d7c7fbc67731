#include "api/qstash/keys.h"

#include <gtest/gtest.h>

#include "api/api_under_test.h"

namespace ferry::api {
namespace {

using test::ApiUnderTest;

TEST(Keys, AreTheTenants) {
  ApiUnderTest api;
  const auto response = api.send("GET", "/v2/keys");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"current":"sig_current","next":"sig_next"})");
}

TEST(Keys, RotationBringsANewKeyAndAnswersWhatTheEngineStored) {
  for (const char* method : {"POST", "GET"}) {
    ApiUnderTest api;
    api.engine = [](const engine::Command& command) -> engine::Answer {
      Tenant rotated;
      rotated.signing_key_current = "sig_next";
      rotated.signing_key_next = std::get<engine::RotateKeys>(command).new_key;
      return engine::TenantSaved{std::make_shared<const Tenant>(std::move(rotated))};
    };
    const auto response = api.send(method, "/v2/keys/rotate");
    EXPECT_EQ(response.status, 200);
    const auto& command = api.command<engine::RotateKeys>();
    EXPECT_EQ(command.tenant, test::kTenant);
    EXPECT_TRUE(command.new_key.starts_with("sig_"));
    EXPECT_EQ(response.body, R"({"current":"sig_next","next":")" + command.new_key + "\"}");
  }
}

}  // namespace
}  // namespace ferry::api
