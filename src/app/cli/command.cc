#include "app/cli/command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "app/cli/exit_codes.h"

namespace ferry::app::cli {
namespace {

// CLI11 counts a flag that is kept by a function with std::stoll, whose exceptions it lets through.
std::string check_flag(const std::string& text) {
  try {
    CLI::detail::to_flag_value(text);
  } catch (const std::logic_error&) {
    return "'" + text + "' is neither true nor false";
  }
  return {};
}

}  // namespace

Option& Option::required() {
  option_->required();
  return *this;
}

Option& Option::repeated() {
  option_->expected(1)->allow_extra_args(false)->take_all();
  return *this;
}

Option& Option::or_environment(std::string variable) {
  option_->envname(std::move(variable));
  return *this;
}

Option& Option::positive() {
  option_->check(CLI::PositiveNumber);
  return *this;
}

Option& Option::between(std::int64_t least, std::int64_t most) {
  option_->check(CLI::Range(least, most));
  return *this;
}

Option& Option::one_of(std::vector<std::string> words) {
  option_->check(CLI::IsMember(std::move(words)));
  return *this;
}

Option& Option::check(Check check) {
  option_->check(std::move(check));
  return *this;
}

Option& Option::needs(std::string other) {
  option_->needs(std::move(other));
  return *this;
}

Option& Option::excludes(std::string other) {
  option_->excludes(std::move(other));
  return *this;
}

Option& Option::under(const std::string& heading) {
  option_->group(heading);
  return *this;
}

Option& Option::showing_default() {
  option_->capture_default_str();
  return *this;
}

Command Command::add_noun(std::string word, std::string prose) {
  CLI::App* noun = app_->add_subcommand(std::move(word), std::move(prose));
  noun->require_subcommand(1);
  return {*noun, *exit_code_};
}

Command Command::add_command(std::string word, std::string prose, Run run) {
  CLI::App* command = app_->add_subcommand(std::move(word), std::move(prose));
  command->callback([run = std::move(run), exit_code = exit_code_] { *exit_code = run(); });
  return {*command, *exit_code_};
}

Option Command::add_option(std::string name, std::string& value, std::string prose) {
  return Option(*app_->add_option(std::move(name), value, std::move(prose)));
}

Option Command::add_option(std::string name, std::int64_t& value, std::string prose) {
  return Option(*app_->add_option(std::move(name), value, std::move(prose)));
}

Option Command::add_option(std::string name, std::uint16_t& value, std::string prose) {
  return Option(*app_->add_option(std::move(name), value, std::move(prose)));
}

Option Command::add_option(std::string name, std::vector<std::string>& values, std::string prose) {
  return Option(*app_->add_option(std::move(name), values, std::move(prose)));
}

Option Command::add_option(std::string name, const KeepText& keep, std::string prose) {
  return Option(*app_->add_option_function<std::string>(std::move(name), keep, std::move(prose)));
}

Option Command::add_option(std::string name, KeepTexts keep, std::string prose) {
  const auto keep_all = [keep = std::move(keep)](const CLI::results_t& values) {
    keep(values);
    return true;
  };
  return Option(*app_->add_option(std::move(name), keep_all, std::move(prose)));
}

Option Command::add_flag(std::string name, bool& given, std::string prose) {
  return Option(*app_->add_flag(std::move(name), given, std::move(prose)));
}

Option Command::add_flag(std::string name, KeepFlag keep, std::string prose) {
  const auto keep_count = [keep = std::move(keep)](std::int64_t count) { keep(count > 0); };
  return Option(
      *app_->add_flag_function(std::move(name), keep_count, std::move(prose))->check(check_flag));
}

Option Command::add_flag(std::string name, std::function<void()> keep, std::string prose) {
  return Option(*app_->add_flag_callback(std::move(name), std::move(keep), std::move(prose)));
}

std::string Command::word() const { return app_->get_name(); }

std::string Command::prose() const { return app_->get_description(); }

std::vector<Command::LongFlag> Command::flags() const {
  std::vector<LongFlag> flags;
  for (const CLI::Option* option : std::as_const(*app_).get_options()) {
    for (const std::string& name : option->get_lnames()) {
      flags.push_back(
          {"--" + name, option->get_description(), option->get_items_expected_max() > 0});
    }
  }
  return flags;
}

std::vector<Command> Command::commands() const {
  std::vector<Command> commands;
  for (CLI::App* command : app_->get_subcommands([](const CLI::App*) { return true; })) {
    commands.push_back({*command, *exit_code_});
  }
  return commands;
}

CommandLine::CommandLine(std::string program, std::string prose, std::string footer)
    : app_(std::make_unique<CLI::App>(std::move(prose), std::move(program))) {
  app_->footer(std::move(footer));
  app_->require_subcommand(1);
}

CommandLine::~CommandLine() = default;

std::expected<int, NotRun> CommandLine::run(std::vector<std::string> arguments) {
  std::ranges::reverse(arguments);  // CLI11 takes them last first
  try {
    app_->parse(arguments);
  } catch (const CLI::ParseError& error) {
    std::ostringstream text;
    const bool asked_for_help = app_->exit(error, text, text) == 0;
    return std::unexpected(
        NotRun{.exit_code = asked_for_help ? kDone : kNotUnderstood, .text = text.str()});
  }
  return exit_code_;
}

}  // namespace ferry::app::cli
