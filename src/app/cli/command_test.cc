#include "app/cli/command.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "app/cli/exit_codes.h"

namespace ferry::app::cli {
namespace {

constexpr int kRan = 7;

// A program with the one command "go".
struct Program {
  CommandLine line{"tool", "A tool", "The end."};
  Command go = line.root().add_command("go", "Goes", [] { return kRan; });

  std::expected<int, NotRun> run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "go");
    return line.run(std::move(arguments));
  }
  // What it says about arguments that it does not understand.
  std::string refusal(std::vector<std::string> arguments) {
    const auto ran = run(std::move(arguments));
    if (ran) return "it ran";
    EXPECT_EQ(ran.error().exit_code, kNotUnderstood);
    return ran.error().text.substr(0, ran.error().text.find('\n'));
  }
};

TEST(Command, ItsExitCodeIsThatOfTheCommandLine) {
  Program program;
  EXPECT_EQ(program.run({}), kRan);
}

TEST(Command, OneMustBeNamed) {
  Program program;
  Command noun = program.line.root().add_noun("noun", "Things");
  noun.add_command("verb", "Does", [] { return kDone; });
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{}, {"noun"}, {"nothing"}}) {
    const auto ran = program.line.run(arguments);
    ASSERT_FALSE(ran);
    EXPECT_EQ(ran.error().exit_code, kNotUnderstood);
    EXPECT_TRUE(ran.error().text.ends_with("Run with --help for more information.\n"));
  }
  EXPECT_EQ(program.line.run({"noun", "verb"}), kDone);
}

TEST(Command, AskingForHelpIsNoFailure) {
  Program program;
  bool ran_anyway = false;
  program.line.root().add_command("other", "Is not run", [&] {
    ran_anyway = true;
    return kRan;
  });
  const auto help = program.line.run({"--help"});
  ASSERT_FALSE(help);
  EXPECT_EQ(help.error().exit_code, kDone);
  EXPECT_TRUE(help.error().text.starts_with("A tool\nUsage: tool "));
  EXPECT_TRUE(help.error().text.ends_with("The end.\n")) << help.error().text;
  EXPECT_FALSE(program.line.run({"other", "--help"}));
  EXPECT_FALSE(ran_anyway);
}

TEST(Command, VariablesKeepTheirValuesUnlessOptionsAreGiven) {
  Program program;
  std::string text = "before";
  std::int64_t number = 1;
  std::uint16_t port = 2;
  program.go.add_option("--text", text, "Some");
  program.go.add_option("--number", number, "Some");
  program.go.add_option("--port", port, "Some");
  ASSERT_TRUE(program.run({}));
  EXPECT_EQ(text, "before");
  EXPECT_EQ(number, 1);
  ASSERT_TRUE(program.run({"--text", "now", "--number=-5", "--port", "65535"}));
  EXPECT_EQ(text, "now");
  EXPECT_EQ(number, -5);
  EXPECT_EQ(port, 65535);
  EXPECT_EQ(program.refusal({"--port", "65536"}), "Could not convert: --port = 65536");
  EXPECT_EQ(program.refusal({"--number", "x"}), "Could not convert: --number = x");
}

TEST(Command, ARepeatedOptionTakesOneValueEachTime) {
  Program program;
  std::vector<std::string> labels;
  std::string place;
  program.go.add_option("--label", labels, "Some").repeated();
  program.go.add_option("place", place, "Where").required();
  ASSERT_TRUE(program.run({"--label", "a", "here", "--label", "b"}));
  EXPECT_EQ(labels, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(place, "here");
  EXPECT_EQ(program.refusal({"--label", "a"}), "place is required");
}

TEST(Command, ValuesAreChecked) {
  Program program;
  std::int64_t number = 0;
  std::string word;
  program.go.add_option("--count", number, "Some").positive();
  program.go.add_option("--few", number, "Some").between(1, 3);
  program.go.add_option("--plan", word, "Some").one_of({"free", "dear"});
  program.go.add_option("--name", word, "Some").check([](const std::string& name) {
    return name == "bad" ? std::string("is bad") : std::string();
  });
  EXPECT_TRUE(program.run({"--count", "1", "--few", "3", "--plan", "dear", "--name", "good"}));
  EXPECT_EQ(program.refusal({"--few", "0"}), "--few: Value 0 not in range 1 to 3");
  EXPECT_EQ(program.refusal({"--few", "4"}), "--few: Value 4 not in range 1 to 3");
  EXPECT_EQ(program.refusal({"--name", "bad"}), "--name: is bad");
  EXPECT_NE(program.refusal({"--count", "0"}), "it ran");
  EXPECT_NE(program.refusal({"--plan", "cheap"}), "it ran");
}

TEST(Command, OptionsNeedAndExcludeOthers) {
  Program program;
  bool given = false;
  program.go.add_flag("--one", given, "Some");
  program.go.add_flag("--with-one", given, "Some").needs("--one");
  program.go.add_flag("--without-one", given, "Some").excludes("--one");
  EXPECT_TRUE(program.run({"--one", "--with-one"}));
  EXPECT_EQ(program.refusal({"--with-one"}), "--with-one requires --one");
  EXPECT_EQ(program.refusal({"--without-one", "--one"}), "--one excludes --without-one");
}

TEST(Command, AFlagMayBeSaidToBeFalse) {
  Program program;
  std::vector<bool> kept;
  program.go.add_flag("--on,!--off", [&kept](bool given) { kept.push_back(given); }, "Some");
  for (const char* argument : {"--on", "--off", "--on=false", "--on=yes"}) {
    ASSERT_TRUE(program.run({argument}));
  }
  EXPECT_EQ(kept, (std::vector<bool>{true, false, false, true}));
  ASSERT_TRUE(program.run({}));
  EXPECT_EQ(kept.size(), 4u);
}

TEST(Command, AFlagThatIsNeitherTrueNorFalseIsRefused) {
  Program program;
  program.go.add_flag("--on", [](bool) {}, "Some");
  EXPECT_EQ(program.refusal({"--on=maybe"}), "--on: 'maybe' is neither true nor false");
  EXPECT_EQ(program.refusal({"--on=99999999999999999999"}),
            "--on: '99999999999999999999' is neither true nor false");
}

TEST(Command, WhatItHasIsListed) {
  Program program;
  std::string text;
  bool flag = false;
  program.go.add_option("--text", text, "A text");
  program.go.add_option("place", text, "No flag");
  program.go.add_flag("--flag", flag, "A flag");
  const std::vector<Command> commands = program.line.root().commands();
  ASSERT_EQ(commands.size(), 1u);
  EXPECT_EQ(commands[0].word(), "go");
  EXPECT_EQ(commands[0].prose(), "Goes");
  const std::vector<Command::LongFlag> flags = commands[0].flags();
  ASSERT_EQ(flags.size(), 3u);
  EXPECT_EQ(flags[0].name, "--help");
  EXPECT_EQ(flags[1].name, "--text");
  EXPECT_EQ(flags[1].prose, "A text");
  EXPECT_TRUE(flags[1].takes_value);
  EXPECT_EQ(flags[2].name, "--flag");
  EXPECT_FALSE(flags[2].takes_value);
}

}  // namespace
}  // namespace ferry::app::cli
