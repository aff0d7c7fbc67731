#include "app/cli/client/completion.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "app/cli/client/client_commands.h"

namespace ferry::app::cli {
namespace {

std::string bash_script() {
  CommandLine ferry("ferry", "");
  add_client_commands(ferry.root(), std::make_shared<const ClientPlace>(ClientPlace{
                                        .console = {}, .now = [] { return TimePoint(); }}));
  return completion_script(ferry.root(), Shell::kBash);
}

// What bash offers behind these words, the last of which is being typed.
std::string bash_offers(const std::vector<std::string>& words) {
  std::FILE* file = std::tmpfile();
  std::string list;
  for (const std::string& word : words) list += " '" + word + "'";
  const std::string last = std::to_string(words.size() - 1);
  std::fprintf(file, "%s\nCOMP_WORDS=(%s) COMP_CWORD=%s\n_ferry\necho \"${COMPREPLY[*]}\"\n",
               bash_script().c_str(), list.c_str(), last.c_str());
  std::fflush(file);
  const std::string command = "bash --norc /dev/fd/" + std::to_string(::fileno(file)) + " 2>&1";
  std::FILE* shell = ::popen(command.c_str(), "r");
  std::string offers = read_all(shell);
  ::pclose(shell);
  std::fclose(file);
  return offers;
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
  CommandLine tool("tool", "");
  tool.root().add_noun("go", "It's \"quoted\" $(here)");
  EXPECT_NE(completion_script(tool.root(), Shell::kZsh).find("'go:Its \"quoted\" $(here)'"),
            std::string::npos);
  EXPECT_NE(
      completion_script(tool.root(), Shell::kFish).find("-a 'go' -d 'Its \"quoted\" $(here)'"),
      std::string::npos);
}

TEST(Completion, FishKnowsWhichFlagsTakeAValue) {
  CommandLine tool("tool", "");
  std::string text;
  bool flag = false;
  tool.root().add_option("--text", text, "Some");
  tool.root().add_flag("--flag", flag, "Yes");
  const std::string script = completion_script(tool.root(), Shell::kFish);
  EXPECT_NE(script.find(" -l 'text' -r -d 'Some'\n"), std::string::npos) << script;
  EXPECT_NE(script.find(" -l 'flag' -d 'Yes'\n"), std::string::npos) << script;
}

}  // namespace
}  // namespace ferry::app::cli
