#include "api/auth.h"

#include <gtest/gtest.h>

#include "base/digest.h"

namespace ferry::api {
namespace {

TenantPtr make_tenant(std::int64_t id, std::string_view token, TokenScope scope) {
  Tenant tenant;
  tenant.id = {id};
  tenant.name = std::to_string(id);
  tenant.tokens.push_back({.hash = sha256(token), .scope = scope, .created_at = {}, .note = {}});
  tenant.suspended = token == "suspended";
  return std::make_shared<const Tenant>(std::move(tenant));
}

const TenantCatalog& catalog() {
  static const TenantCatalog tenants({make_tenant(1, "one+/=", TokenScope::kFull),
                                      make_tenant(2, "two", TokenScope::kReadOnly),
                                      make_tenant(3, "suspended", TokenScope::kFull)});
  return tenants;
}

http::RequestHead head_with(std::string target, HeaderList headers = {}) {
  http::RequestHead head;
  head.target = std::move(target);
  head.headers = std::move(headers);
  return head;
}

TEST(Auth, ABearerTokenNamesItsTenantAndScope) {
  for (const char* value : {"Bearer one+/=", "bearer one+/=", "BEARER   one+/= "}) {
    const auto caller = authenticate(catalog(), head_with("/", {{"Authorization", value}}));
    ASSERT_TRUE(caller) << value;
    EXPECT_EQ(caller->tenant->id.value, 1);
    EXPECT_EQ(caller->scope, TokenScope::kFull);
    EXPECT_EQ(caller->token_place, TokenPlace::kHeader);
  }
}

TEST(Auth, TheQueryTokenIsPercentDecodedButKeepsItsPlus) {
  for (const char* target : {"/?qstash_token=one+/=", "/?a=b&QSTASH_TOKEN=one%2B%2F%3D"}) {
    const auto caller = authenticate(catalog(), head_with(target));
    ASSERT_TRUE(caller) << target;
    EXPECT_EQ(caller->token_place, TokenPlace::kQuery);
  }
}

TEST(Auth, TheHeaderWinsOverTheQuery) {
  const auto caller = authenticate(
      catalog(), head_with("/?qstash_token=two", {{"Authorization", "Bearer one+/="}}));
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->tenant->id.value, 1);
  EXPECT_FALSE(
      authenticate(catalog(), head_with("/?qstash_token=two", {{"Authorization", "Bearer bad"}})));
}

TEST(Auth, AnotherSchemeLeavesRoomForTheQueryToken) {
  EXPECT_TRUE(
      authenticate(catalog(), head_with("/?qstash_token=two", {{"Authorization", "Basic eDp5"}})));
}

TEST(Auth, AnAbsentAndAWrongTokenAreToldTheSame) {
  const Error expected{ErrorCode::kUnauthenticated, "unable to authenticate: invalid token"};
  for (const http::RequestHead& head :
       {head_with("/"), head_with("/", {{"Authorization", "Bearer "}}),
        head_with("/", {{"Authorization", "Bearer nobody"}}), head_with("/?qstash_token="),
        head_with("/", {{"Authorization", "one+/="}})}) {
    const auto caller = authenticate(catalog(), head);
    ASSERT_FALSE(caller);
    EXPECT_EQ(caller.error(), expected);
  }
}

TEST(Auth, ASuspendedTenantIsRefused) {
  const auto caller =
      authenticate(catalog(), head_with("/", {{"Authorization", "Bearer suspended"}}));
  ASSERT_FALSE(caller);
  EXPECT_EQ(caller.error().code, ErrorCode::kTenantSuspended);
}

TEST(Auth, AReadOnlyTokenMayReadOnly) {
  const Caller reader{nullptr, TokenScope::kReadOnly, TokenPlace::kHeader};
  EXPECT_TRUE(authorize(reader, Access::kRead));
  const auto refused = authorize(reader, Access::kFull);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), (Error{ErrorCode::kReadOnlyToken, "forbidden: read-only token"}));
  EXPECT_TRUE(authorize({nullptr, TokenScope::kFull, TokenPlace::kHeader}, Access::kFull));
}

}  // namespace
}  // namespace ferry::api
