#include "app/cli/operator_call.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <utility>

#include "app/cli/exit_codes.h"
#include "app/cli/folder_owner.h"
#include "app/cli/setting_flags.h"
#include "app/control_client.h"
#include "app/control_socket.h"
#include "app/offline_engine.h"
#include "base/check.h"
#include "base/log.h"

namespace ferry::app::cli {
namespace {

// One subcommand with what the command line gave for it.
struct Call {
  OperatorSubcommand subcommand;
  SettingFlags settings;
  OperatorArguments arguments;
  bool json = false;
};

Result<std::string> ask_offline(const Call& call, const OperatorCommand& command,
                                const Settings& settings) {
  const std::filesystem::path& folder = settings.data_folder;
  std::error_code error;
  if (!call.subcommand.makes_folder && !std::filesystem::is_directory(folder, error)) {
    return fail(ErrorCode::kNotFound,
                "there is no data folder " + folder.string() + "; name it with --data or --config");
  }
  RETURN_IF_ERROR(act_as_owner_of(folder));
  Metrics metrics;
  Clock clock;
  auto store = store::EmbeddedStore::open(store_options(settings), metrics);
  if (!store && store.error().code == ErrorCode::kStoreLocked) {
    return fail(ErrorCode::kStoreLocked,
                store.error().text + ", which does not answer on its control socket");
  }
  if (!store) return std::unexpected(store.error());
  ASSIGN_OR_RETURN(const auto engine, OfflineEngine::recover(**store, metrics, clock));
  return run_operator_command(engine->as_operator(store->get()), command, call.arguments);
}

// What the server answered; an error for what it refused.
Result<std::string> read_answer(ControlAnswer answer) {
  if (answer.status == 200) return std::move(answer.body);
  const auto document = JsonDocument::parse(answer.body);
  const auto error = document ? document->root().find("error") : std::nullopt;
  const auto text = error ? error->text() : std::nullopt;
  return fail(ErrorCode::kInvalidRequest,
              text ? std::string(*text)
                   : "the server answered with status " + std::to_string(answer.status));
}

Result<std::string> ask(const Call& call, const Settings& settings) {
  const OperatorCommand* command = find_operator_command(call.subcommand.command);
  CHECK(command != nullptr);
  auto answer =
      ask_control_socket(control_socket_path(settings.data_folder), *command, call.arguments);
  if (answer) return read_answer(std::move(*answer));
  if (answer.error().code != ErrorCode::kNotFound) return std::unexpected(answer.error());
  return ask_offline(call, *command, settings);
}

int run(const Call& call) {
  const auto settings = settings_from({}, call.settings);
  if (!settings) {
    report(settings.error());
    return kNotUnderstood;
  }
  // The store's own log lines are for servers.
  log::configure({.level = log::Level::kWarn, .format = log::Format::kText});
  const auto answer = ask(call, *settings);
  if (!answer) return report(answer.error());
  const auto document = JsonDocument::parse(*answer);
  if (!document) return report(document.error());
  if (call.json) {
    std::puts(answer->c_str());
  } else {
    call.subcommand.print(document->root());
  }
  return kDone;
}

void add_argument(Command command, Call& call, const OperatorArgument& argument) {
  const auto keep = [&call, name = argument.name, kind = argument.kind](const std::string& given) {
    // The server has a working folder of its own.
    call.arguments[name] =
        kind == ArgumentKind::kPath ? std::filesystem::absolute(given).string() : given;
  };
  if (argument.kind == ArgumentKind::kFlag) {
    command.add_flag(argument.flag, [keep] { keep("true"); }, argument.prose);
    return;
  }
  Option option = command.add_option(argument.flag, keep, argument.prose);
  if (!argument.flag.starts_with('-')) option.required();
}

}  // namespace

void add_operator_subcommand(Command parent, OperatorSubcommand subcommand) {
  const auto call = std::make_shared<Call>(Call{.subcommand = std::move(subcommand)});
  Command command = parent.add_command(call->subcommand.word, call->subcommand.prose,
                                       [call] { return run(*call); });
  for (const OperatorArgument& argument : call->subcommand.arguments) {
    add_argument(command, *call, argument);
  }
  add_setting_flag(command, call->settings, "data");
  command.add_flag("--json", call->json, "Print the answer as JSON");
}

std::string member_text(const JsonValue& object, std::string_view name) {
  const auto member = object.find(name);
  if (!member) return "-";
  if (const auto text = member->text()) return std::string(*text);
  if (const auto number = member->integer()) return std::to_string(*number);
  return "-";
}

}  // namespace ferry::app::cli
