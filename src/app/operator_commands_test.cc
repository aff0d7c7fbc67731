#include "app/operator_commands.h"

#include <gtest/gtest.h>

#include <optional>

#include "app/clock.h"
#include "app/offline_engine.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "store/memory_store.h"

namespace ferry::app {
namespace {

using Arguments = OperatorArguments;

// What a command tells, or {"error":TEXT,"code":SLUG}.
std::string run(const Operator& server, const std::string& name, const Arguments& arguments) {
  const OperatorCommand* command = find_operator_command(name);
  EXPECT_NE(command, nullptr) << name;
  if (command == nullptr) return "";
  const auto told = run_operator_command(server, *command, arguments);
  if (told) return *told;
  JsonWriter json;
  json.begin_object()
      .field("error", told.error().text)
      .field("code", error_info(told.error().code).slug)
      .end_object();
  return std::move(json).take();
}

// A member of an answer; "" when it is absent.
std::string member(const std::string& answer, std::string_view name) {
  const auto document = JsonDocument::parse(answer);
  if (!document) return "no JSON: " + answer;
  const auto found = document->root().find(name);
  if (!found) return "";
  if (const auto number = found->integer()) return std::to_string(*number);
  return std::string(found->text().value_or(""));
}

// The commands on a store in memory that no server has open.
class OperatorCommands : public testing::Test {
 protected:
  void SetUp() override {
    auto engine = OfflineEngine::recover(*store_, metrics_, clock_);
    ASSERT_TRUE(engine);
    engine_ = std::move(*engine);
    operator_ = engine_->as_operator(nullptr);
  }

  std::string ask(const std::string& command, const Arguments& arguments = {}) {
    return run(operator_, command, arguments);
  }
  std::string error(const std::string& command, const Arguments& arguments = {}) {
    return member(ask(command, arguments), "error");
  }
  // What a server would find in this store when it starts.
  TenantCatalogPtr recovered() {
    auto engine = OfflineEngine::recover(*store_, metrics_, clock_);
    EXPECT_TRUE(engine);
    return engine ? (*engine)->as_operator(nullptr).catalog() : nullptr;
  }
  std::optional<TenantCatalog::Identity> authenticate(const std::string& token) {
    return recovered()->authenticate(token);
  }

  std::unique_ptr<store::Store> store_ = store::make_memory_store();
  Metrics metrics_;
  Clock clock_;
  std::unique_ptr<OfflineEngine> engine_;
  Operator operator_;
};

TEST_F(OperatorCommands, CreateMakesATenantWhoseTokenAuthenticates) {
  const std::string answer = ask("tenant create", {{"name", "acme"}});
  EXPECT_EQ(member(answer, "name"), "acme");
  const auto identity = authenticate(member(answer, "token"));
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->tenant->name, "acme");
  EXPECT_EQ(identity->scope, TokenScope::kFull);
  EXPECT_EQ(identity->tenant->signing_key_current, member(answer, "current_key"));
  EXPECT_EQ(identity->tenant->signing_key_next, member(answer, "next_key"));
  EXPECT_NE(member(answer, "current_key"), member(answer, "next_key"));
}

TEST_F(OperatorCommands, CreateTakesATokenAndKeysThatClientsHaveAlready) {
  ask("tenant create",
      {{"name", "acme"}, {"token", "tok"}, {"current_key", "sig_a"}, {"next_key", "sig_b"}});
  const auto identity = authenticate("tok");
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->tenant->signing_key_current, "sig_a");
  EXPECT_EQ(identity->tenant->signing_key_next, "sig_b");
}

TEST_F(OperatorCommands, CreateMakesTheTokenOfAPassword) {
  const std::string answer = ask("tenant create", {{"name", "acme"}, {"password", "secret"}});
  EXPECT_EQ(member(answer, "token"), make_token("acme", "secret"));
}

TEST_F(OperatorCommands, CreateRefusesATokenBesideAPassword) {
  EXPECT_EQ(error("tenant create", {{"name", "a"}, {"token", "t"}, {"password", "p"}}),
            "token and password exclude each other");
}

TEST_F(OperatorCommands, CreateRefusesANameInUse) {
  ask("tenant create", {{"name", "acme"}});
  EXPECT_EQ(error("tenant create", {{"name", "acme"}}), "a tenant named acme exists");
  EXPECT_EQ(recovered()->all().size(), 1u);
}

TEST_F(OperatorCommands, CreateRefusesATokenOfAnotherTenant) {
  ask("tenant create", {{"name", "acme"}, {"token", "tok"}});
  EXPECT_EQ(error("tenant create", {{"name", "other"}, {"token", "tok"}}),
            "token: it is in use already");
}

TEST_F(OperatorCommands, CreateRefusesNamesAndTokensThatCannotBe) {
  for (const char* name : {"", "a b", "a/b", "\u00e4"}) {
    EXPECT_TRUE(error("tenant create", {{"name", name}}).starts_with("name: ")) << name;
  }
  EXPECT_TRUE(error("tenant create", {{"name", std::string(257, 'a')}}).starts_with("name: "));
  EXPECT_EQ(error("tenant create", {{"name", std::string(256, 'a')}}), "");
  for (const std::string& token : {std::string(), std::string("a b"), std::string(4097, 'a')}) {
    EXPECT_TRUE(error("tenant create", {{"name", "x"}, {"token", token}}).starts_with("token: "));
  }
  EXPECT_EQ(error("tenant create", {{"name", "x"}, {"token", std::string(4096, 'a')}}), "");
}

TEST_F(OperatorCommands, ListTellsNoSecrets) {
  const std::string created = ask("tenant create", {{"name", "acme"}});
  const std::string listed = ask("tenant list");
  EXPECT_TRUE(listed.contains(R"("name":"acme")"));
  EXPECT_FALSE(listed.contains(member(created, "token")));
  EXPECT_FALSE(listed.contains(member(created, "current_key")));
  EXPECT_FALSE(listed.contains(member(created, "next_key")));
}

TEST_F(OperatorCommands, SuspendAndResumeChangeTheTenant) {
  ask("tenant create", {{"name", "acme"}});
  EXPECT_EQ(member(ask("tenant suspend", {{"name", "acme"}}), "state"), "suspended");
  EXPECT_TRUE(recovered()->find("acme")->suspended);
  EXPECT_EQ(member(ask("tenant resume", {{"name", "acme"}}), "state"), "active");
  EXPECT_FALSE(recovered()->find("acme")->suspended);
}

TEST_F(OperatorCommands, DeleteEndsTheTenantAndItsToken) {
  const std::string token = member(ask("tenant create", {{"name", "acme"}}), "token");
  EXPECT_EQ(member(ask("tenant delete", {{"name", "acme"}}), "state"), "deleted");
  EXPECT_FALSE(authenticate(token));
  EXPECT_EQ(error("tenant delete", {{"name", "acme"}}), "there is no tenant 'acme'");
}

TEST_F(OperatorCommands, AddTokenLeavesTheOthers) {
  const std::string first = member(ask("tenant create", {{"name", "acme"}}), "token");
  const std::string second =
      member(ask("tenant add-token", {{"name", "acme"}, {"read_only", "true"}, {"note", "board"}}),
             "token");
  EXPECT_EQ(authenticate(first)->scope, TokenScope::kFull);
  ASSERT_TRUE(authenticate(second));
  EXPECT_EQ(authenticate(second)->scope, TokenScope::kReadOnly);
  EXPECT_EQ(recovered()->find("acme")->tokens.back().note, "board");
}

TEST_F(OperatorCommands, AccessKeysAreMadeListedAndDeleted) {
  ask("tenant create", {{"name", "acme"}});
  const std::string made = ask("tenant create-key", {{"name", "acme"}, {"note", "ci"}});
  const std::string id = member(made, "access_key_id");
  const auto signer = recovered()->access_key(id);
  ASSERT_TRUE(signer);
  EXPECT_EQ(signer->key.secret, member(made, "access_key_secret"));
  EXPECT_EQ(signer->key.note, "ci");
  const std::string list = ask("tenant list-keys", {{"name", "acme"}});
  EXPECT_TRUE(list.contains(id));
  EXPECT_FALSE(list.contains(signer->key.secret));
  EXPECT_EQ(member(ask("tenant delete-key", {{"name", "acme"}, {"id", id}}), "name"), "acme");
  EXPECT_FALSE(recovered()->access_key(id));
  EXPECT_EQ(error("tenant delete-key", {{"name", "acme"}, {"id", id}}),
            "tenant acme has no access key '" + id + "'");
}

TEST_F(OperatorCommands, ATenantHasAHundredAccessKeysAtMost) {
  ask("tenant create", {{"name", "acme"}});
  for (int i = 0; i < 100; ++i) ask("tenant create-key", {{"name", "acme"}});
  EXPECT_EQ(error("tenant create-key", {{"name", "acme"}}),
            "tenant acme has 100 access keys already");
}

TEST_F(OperatorCommands, RotateTokenReplacesThoseOfItsScope) {
  const std::string full = member(ask("tenant create", {{"name", "acme"}}), "token");
  const std::string reading =
      member(ask("tenant add-token", {{"name", "acme"}, {"read_only", "true"}}), "token");
  const std::string rotated = member(ask("tenant rotate-token", {{"name", "acme"}}), "token");
  EXPECT_FALSE(authenticate(full));
  EXPECT_TRUE(authenticate(reading));
  EXPECT_EQ(authenticate(rotated)->scope, TokenScope::kFull);
  ask("tenant rotate-token", {{"name", "acme"}, {"read_only", "true"}});
  EXPECT_FALSE(authenticate(reading));
  EXPECT_TRUE(authenticate(rotated));
}

TEST_F(OperatorCommands, RotateKeysMovesTheNextKeyUp) {
  const std::string created = ask("tenant create", {{"name", "acme"}});
  const std::string rotated = ask("tenant rotate-keys", {{"name", "acme"}});
  EXPECT_EQ(member(rotated, "current_key"), member(created, "next_key"));
  EXPECT_EQ(recovered()->find("acme")->signing_key_next, member(rotated, "next_key"));
  EXPECT_NE(member(rotated, "next_key"), member(created, "next_key"));
}

TEST_F(OperatorCommands, SetQuotaChangesWhatItNamesAndNoneTakesItAway) {
  ask("tenant create", {{"name", "acme"}});
  ask("tenant set-quota", {{"name", "acme"},
                           {"max_retries", "5"},
                           {"max_delay", "7d"},
                           {"body_bytes_max", "1MB"},
                           {"messages_per_day", "0"},
                           {"functions", "7"},
                           {"services", "0"},
                           {"flow_keys", "9"},
                           {"tokens", "3"},
                           {"resource_bytes", "64MB"},
                           {"schedule_body_bytes", "1GB"},
                           {"timeout_max", "30s"}});
  const Quotas expected{.max_retries = 5,
                        .max_delay = std::chrono::hours(24 * 7),
                        .body_bytes_max = 1 << 20,
                        .messages_per_day = 0,
                        .functions = 7,
                        .services = 0,
                        .flow_keys = 9,
                        .tokens = 3,
                        .resource_bytes = 64 << 20,
                        .schedule_body_bytes = 1 << 30,
                        .timeout_max = std::chrono::seconds(30)};
  EXPECT_EQ(recovered()->find("acme")->quotas, expected);
  ask("tenant set-quota", {{"name", "acme"}, {"max_delay", "none"}, {"max_retries", "6"}});
  Quotas changed = expected;
  changed.max_delay.reset();
  changed.max_retries = 6;
  EXPECT_EQ(recovered()->find("acme")->quotas, changed);
}

TEST_F(OperatorCommands, TokensAreAsManyAsTheQuotaSays) {
  ask("tenant create", {{"name", "acme"}});
  ask("tenant set-quota", {{"name", "acme"}, {"tokens", "2"}});
  ask("tenant add-token", {{"name", "acme"}});
  EXPECT_EQ(error("tenant add-token", {{"name", "acme"}}),
            "quota maxTokens exceeded, current limit: 2");
}

TEST_F(OperatorCommands, SetQuotaChangesNothingWhenOneLimitIsWrong) {
  ask("tenant create", {{"name", "acme"}});
  EXPECT_EQ(error("tenant set-quota",
                  {{"name", "acme"}, {"max_retries", "5"}, {"messages_per_day", "-1"}}),
            "messages_per_day: expected an integer from 0 to 9223372036854775807 or none");
  EXPECT_EQ(recovered()->find("acme")->quotas, Quotas{});
}

TEST_F(OperatorCommands, PauseIsOfTheServerOrOfOneTenant) {
  ask("tenant create", {{"name", "acme"}});
  EXPECT_EQ(member(ask("pause", {{"tenant", "acme"}}), "of"), "tenant acme");
  EXPECT_TRUE(recovered()->find("acme")->paused);
  EXPECT_FALSE(recovered()->paused());
  EXPECT_EQ(member(ask("pause"), "of"), "server");
  EXPECT_TRUE(recovered()->paused());
  ask("resume");
  ask("resume", {{"tenant", "acme"}});
  EXPECT_FALSE(recovered()->paused());
  EXPECT_FALSE(recovered()->find("acme")->paused);
  EXPECT_EQ(error("pause", {{"tenant", "nobody"}}), "there is no tenant 'nobody'");
}

TEST_F(OperatorCommands, StatusOfAStoreThatNobodyServesSaysStopped) {
  const std::string status = ask("status");
  EXPECT_EQ(member(status, "state"), "stopped");
  EXPECT_EQ(member(status, "version"), FERRY_VERSION);
  EXPECT_EQ(member(status, "pending"), "0");
  EXPECT_EQ(member(status, "pid"), "");
}

TEST_F(OperatorCommands, BackupWantsAnAbsoluteFolder) {
  EXPECT_TRUE(error("backup", {{"folder", "here"}}).starts_with("folder: "));
  EXPECT_EQ(error("backup"), "folder is missing");
}

TEST_F(OperatorCommands, BackupRefusesAFolderThatHoldsAnything) {
  EXPECT_EQ(error("backup", {{"folder", "/"}}), "folder / is not empty");
}

TEST_F(OperatorCommands, BackupHandsItsFolderOnAndReportsWhatFailed) {
  std::filesystem::path seen;
  operator_.backup = [&seen](const std::filesystem::path& folder) -> Result<void> {
    seen = folder;
    return {};
  };
  EXPECT_EQ(member(ask("backup", {{"folder", "/backup/x"}}), "folder"), "/backup/x");
  EXPECT_EQ(seen, "/backup/x");
  operator_.backup = [](const std::filesystem::path&) -> Result<void> {
    return fail(ErrorCode::kStoreIo, "no room");
  };
  EXPECT_EQ(error("backup", {{"folder", "/backup/x"}}), "no room");
}

TEST_F(OperatorCommands, UnknownCommandsAndArgumentsAreRefused) {
  EXPECT_EQ(find_operator_command("tenant rename"), nullptr);
  EXPECT_EQ(find_operator_command(""), nullptr);
  ask("tenant create", {{"name", "acme"}});
  EXPECT_EQ(error("tenant add-token", {{"name", "acme"}, {"read-only", "true"}}),
            "tenant add-token: there is no argument 'read-only'");
  EXPECT_EQ(error("status", {{"", "x"}}), "status: there is no argument ''");
  EXPECT_EQ(error("tenant suspend"), "name is missing");
}

}  // namespace
}  // namespace ferry::app
