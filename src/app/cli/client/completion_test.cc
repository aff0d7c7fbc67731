#include "app/cli/client/completion.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "app/cli/client/client_fixture.h"

namespace ferry::app::cli {
namespace {

// What bash offers behind these words, the last of which is being typed.
std::string bash_offers(const std::vector<std::string>& words) {
  const std::string path = testing::TempDir() + "/completion_of_ferry.bash";
  std::FILE* file = std::fopen(path.c_str(), "w");
  std::fputs(run_client({.arguments = {"completion", "bash"}}).out.c_str(), file);
  std::string list;
  for (const std::string& word : words) list += " '" + word + "'";
  const std::string last = std::to_string(words.size() - 1);
  std::fprintf(file, "COMP_WORDS=(%s) COMP_CWORD=%s\n_ferry\necho \"${COMPREPLY[*]}\"\n",
               list.c_str(), last.c_str());
  std::fclose(file);
  std::FILE* shell = ::popen(("bash --norc '" + path + "' 2>&1").c_str(), "r");
  char bytes[4096] = {};
  const std::size_t size = std::fread(bytes, 1, sizeof bytes, shell);
  ::pclose(shell);
  std::remove(path.c_str());
  return {bytes, size};
}

TEST(Completion, BashOffersSubcommands) {
  EXPECT_EQ(bash_offers({"ferry", "que"}), "queues\n");
  EXPECT_EQ(bash_offers({"ferry", "queues", ""}), "list get create pause resume delete\n");
}

TEST(Completion, BashOffersFlagsOfTheCommandItIsIn) {
  EXPECT_EQ(bash_offers({"ferry", "queues", "create", "q", "--par"}), "--parallelism\n");
  EXPECT_EQ(bash_offers({"ferry", "queues", "--url", "x", "list", "--j"}), "--json\n");
}

TEST(Completion, BashOffersNothingBehindAnArgument) {
  EXPECT_EQ(bash_offers({"ferry", "queues", "get", "l"}), "\n");
}

TEST(Completion, QuotesInProseDoNotBreakTheScript) {
  CLI::App app{"", "tool"};
  app.add_subcommand("go", "It's \"quoted\" $(here)");
  EXPECT_NE(completion_script(app, Shell::kZsh).find("'go:Its \"quoted\" $(here)'"),
            std::string::npos);
  EXPECT_NE(completion_script(app, Shell::kFish).find("-a 'go' -d 'Its \"quoted\" $(here)'"),
            std::string::npos);
}

TEST(Completion, FishKnowsWhichFlagsTakeAValue) {
  CLI::App app{"", "tool"};
  std::string text;
  bool flag = false;
  app.add_option("--text", text, "Some");
  app.add_flag("--flag", flag, "Yes");
  const std::string script = completion_script(app, Shell::kFish);
  EXPECT_NE(script.find(" -l 'text' -r -d 'Some'\n"), std::string::npos) << script;
  EXPECT_NE(script.find(" -l 'flag' -d 'Yes'\n"), std::string::npos) << script;
}

}  // namespace
}  // namespace ferry::app::cli
