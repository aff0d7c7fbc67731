#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

// The command line as a tree of commands with options. It is the seam to CLI11, which reads the
// arguments and writes the help texts; only command.cc sees that library.

namespace ferry::app::cli {

// An option, flag or argument of a command: a handle, so a copy speaks of the same one. Each of
// these says more about it and returns it again. The other options that are named exist already.
class Option {
 public:
  // What is wrong with a value; empty when nothing is.
  using Check = std::function<std::string(const std::string& value)>;

  Option& required();
  // May be given several times, one value each time. (A list alone also takes what stands behind.)
  Option& repeated();
  // Taken from the environment when the command line does not have it.
  Option& or_environment(std::string variable);
  Option& positive();
  Option& between(std::int64_t least, std::int64_t most);
  Option& one_of(std::vector<std::string> words);
  Option& check(Check check);
  Option& needs(std::string other);
  Option& excludes(std::string other);
  // Under a heading of its own in the help text.
  Option& under(const std::string& heading);
  // The help text names the value that the variable has now.
  Option& showing_default();

 private:
  friend class Command;
  explicit Option(CLI::Option& option) : option_(&option) {}

  CLI::Option* option_;
};

// A command or a noun with commands: a handle like Option, valid as long as its CommandLine.
class Command {
 public:
  // Does what the command is for and returns the exit code of the process (exit_codes.h).
  using Run = std::function<int()>;
  using KeepText = std::function<void(const std::string& value)>;
  using KeepTexts = std::function<void(const std::vector<std::string>& values)>;
  using KeepFlag = std::function<void(bool given)>;

  // One of its commands has to follow it.
  Command add_noun(std::string word, std::string prose);
  Command add_command(std::string word, std::string prose, Run run);

  // Options "--name", or arguments "name" in their order. The variables outlive the parsing and
  // keep what they have when the option is not given. A list takes all values that follow.
  Option add_option(std::string name, std::string& value, std::string prose);
  Option add_option(std::string name, std::int64_t& value, std::string prose);
  Option add_option(std::string name, std::uint16_t& value, std::string prose);
  Option add_option(std::string name, std::vector<std::string>& values, std::string prose);
  // `keep` is called once, before the command runs, and only when the option is given.
  Option add_option(std::string name, const KeepText& keep, std::string prose);
  // The same for options that may be repeated. The help text says nothing of the value's type.
  Option add_option(std::string name, KeepTexts keep, std::string prose);

  // Options without value. In the name "--on,!--off" the second one says false, as does
  // "--on=false".
  Option add_flag(std::string name, bool& given, std::string prose);
  Option add_flag(std::string name, KeepFlag keep, std::string prose);
  // `keep` is called when the flag is given and says true.
  Option add_flag(std::string name, std::function<void()> keep, std::string prose);

  struct LongFlag {
    std::string name;  // "--json"
    std::string prose;
    bool takes_value = false;
  };
  // What is there, in the order of adding.
  std::string word() const;
  std::string prose() const;
  std::vector<LongFlag> flags() const;
  std::vector<Command> commands() const;

 private:
  friend class CommandLine;
  Command(CLI::App& app, int& exit_code) : app_(&app), exit_code_(&exit_code) {}

  CLI::App* app_;
  int* exit_code_;  // of the command that ran
};

// Why no command ran.
struct NotRun {
  int exit_code = 0;  // kDone when help was asked for, otherwise kNotUnderstood
  std::string text;   // the help, or what was not understood; whole lines
};

// The whole of it.
class CommandLine {
 public:
  // `footer` ends the help text of the program.
  CommandLine(std::string program, std::string prose, std::string footer = {});
  CommandLine(CommandLine&&) = delete;
  ~CommandLine();

  // The program itself.
  Command root() { return {*app_, exit_code_}; }

  // Runs the command that the arguments name, without the program's own name in front, and returns
  // its exit code.
  std::expected<int, NotRun> run(std::vector<std::string> arguments);

 private:
  std::unique_ptr<CLI::App> app_;
  int exit_code_ = 0;
};

}  // namespace ferry::app::cli
