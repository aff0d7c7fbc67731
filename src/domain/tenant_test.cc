#include "domain/tenant.h"

#include <gtest/gtest.h>

#include <set>

#include "base/encoding.h"

namespace ferry {
namespace {

TenantPtr tenant(std::int64_t id, std::string name, std::vector<Token> tokens) {
  Tenant made;
  made.id = TenantId{id};
  made.name = std::move(name);
  made.tokens = std::move(tokens);
  return std::make_shared<const Tenant>(std::move(made));
}

Token token(std::string_view text, TokenScope scope = TokenScope::kFull) {
  Token made;
  made.hash = sha256(text);
  made.scope = scope;
  return made;
}

TenantCatalog two_tenants() {
  return TenantCatalog({tenant(1, "one", {token("full"), token("read", TokenScope::kReadOnly)}),
                        tenant(2, "two", {token("other")})});
}

TEST(TenantCatalog, ATokenNamesItsTenantAndScope) {
  const TenantCatalog catalog = two_tenants();
  const auto full = catalog.authenticate("full");
  ASSERT_TRUE(full);
  EXPECT_EQ(full->tenant->name, "one");
  EXPECT_EQ(full->scope, TokenScope::kFull);
  EXPECT_EQ(catalog.authenticate("read")->scope, TokenScope::kReadOnly);
  EXPECT_EQ(catalog.authenticate("other")->tenant->id, TenantId{2});
}

TEST(TenantCatalog, UnknownTokensNameNobody) {
  const TenantCatalog catalog = two_tenants();
  for (const std::string_view text : {"", "Full", "full ", "unknown"}) {
    EXPECT_FALSE(catalog.authenticate(text)) << text;
  }
  EXPECT_FALSE(catalog.authenticate(as_text(sha256("full"))));  // the stored hash is no token
  EXPECT_FALSE(TenantCatalog().authenticate("full"));
}

TEST(TenantCatalog, TenantsAreFoundByIdAndByName) {
  const TenantCatalog catalog = two_tenants();
  EXPECT_EQ(catalog.find(TenantId{2})->name, "two");
  EXPECT_EQ(catalog.find("one")->id, TenantId{1});
  EXPECT_EQ(catalog.find(TenantId{3}), nullptr);
  EXPECT_EQ(catalog.find("three"), nullptr);
  EXPECT_EQ(catalog.find(""), nullptr);
  EXPECT_EQ(catalog.all().size(), 2u);
}

TEST(TenantCatalog, KnowsWhetherTheServerIsPaused) {
  EXPECT_FALSE(TenantCatalog().paused());
  EXPECT_TRUE(TenantCatalog({}, true).paused());
}

TEST(TenantCatalog, ASuspendedTenantIsStillKnown) {
  Tenant suspended;
  suspended.id = TenantId{1};
  suspended.suspended = true;
  suspended.tokens = {token("t")};
  const TenantCatalog catalog({std::make_shared<const Tenant>(suspended)});
  EXPECT_TRUE(catalog.authenticate("t")->tenant->suspended);
}

TEST(Token, IsBase64OfTheUserAndPassword) {
  EXPECT_EQ(base64_decode(make_token("me", "pw")), R"({"UserID":"me","Password":"pw"})");
  EXPECT_EQ(base64_decode(make_token("a\"b", "")), R"({"UserID":"a\"b","Password":""})");
}

TEST(SigningKey, Has28Base58CharactersAfterItsPrefix) {
  std::set<std::string> keys;
  for (int i = 0; i < 100; ++i) {
    const std::string key = make_signing_key();
    EXPECT_EQ(key.size(), 32u);
    EXPECT_TRUE(key.starts_with("sig_"));
    EXPECT_TRUE(base58_decode(std::string_view(key).substr(4))) << key;
    keys.insert(key);
  }
  EXPECT_EQ(keys.size(), 100u);
}

// SDKs carry these texts; contract section 1.5.
TEST(DevelopmentUsers, HaveTheWellKnownTokensAndKeys) {
  const auto users = development_users();
  ASSERT_EQ(users.size(), 4u);
  EXPECT_EQ(users[0].token,
            "eyJVc2VySUQiOiJkZWZhdWx0VXNlciIsIlBhc3N3b3JkIjoiZGVmYXVsdFBhc3N3b3JkIn0=");
  EXPECT_EQ(users[1].token, "eyJVc2VySUQiOiJ0ZXN0VXNlcjEiLCJQYXNzd29yZCI6InRlc3RQYXNzd29yZCJ9");
  EXPECT_EQ(users[2].token, "eyJVc2VySUQiOiJ0ZXN0VXNlcjIiLCJQYXNzd29yZCI6InRlc3RQYXNzd29yZCJ9");
  EXPECT_EQ(users[3].token, "eyJVc2VySUQiOiJ0ZXN0VXNlcjMiLCJQYXNzd29yZCI6InRlc3RQYXNzd29yZCJ9");
  EXPECT_EQ(users[0].tenant.signing_key_current, "sig_7kYjw48mhY7kAjqNGcy6cr29RJ6r");
  EXPECT_EQ(users[0].tenant.signing_key_next, "sig_5ZB6DVzB1wjE8S6rZ7eenA8Pdnhs");
  EXPECT_EQ(users[1].tenant.signing_key_current, "sig_7GVPjvuwsfqF65iC8fSrs1dfYruM");
  EXPECT_EQ(users[1].tenant.signing_key_next, "sig_5NoELc3EFnZn4DVS5bDs2Nk4b7Ua");
  EXPECT_EQ(users[2].tenant.signing_key_current, "sig_6jWGaWRxHsw4vMSPJprXadyvrybF");
  EXPECT_EQ(users[2].tenant.signing_key_next, "sig_7qHbvhmahe5GwfePDiS5Lg3pi6Qx");
  EXPECT_EQ(users[3].tenant.signing_key_current, "sig_5T8FcSsynBjn9mMLBsXhpacRovJf");
  EXPECT_EQ(users[3].tenant.signing_key_next, "sig_7GFR4YaDshFcqsxWRZpRB161jguD");
}

TEST(DevelopmentUsers, AreTenantsOneToFourAndAuthenticate) {
  std::vector<TenantPtr> tenants;
  const auto users = development_users();
  tenants.reserve(users.size());
  for (const auto& user : users) tenants.push_back(std::make_shared<const Tenant>(user.tenant));
  const TenantCatalog catalog(tenants);
  const std::string names[] = {"defaultUser", "testUser1", "testUser2", "testUser3"};
  for (std::size_t i = 0; i < users.size(); ++i) {
    const auto identity = catalog.authenticate(users[i].token);
    ASSERT_TRUE(identity);
    EXPECT_EQ(identity->tenant->id, TenantId{static_cast<std::int64_t>(i) + 1});
    EXPECT_EQ(identity->tenant->name, names[i]);
    EXPECT_EQ(identity->scope, TokenScope::kFull);
  }
}

}  // namespace
}  // namespace ferry
