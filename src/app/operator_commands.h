#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "base/time.h"
#include "domain/tenant.h"
#include "engine/protocol.h"

// What an operator asks of a server: a command by name with arguments, all of them texts; the
// answer is a JSON object.
//
//   command               arguments, optional ones in brackets
//   "tenant create"       name [token | password] [current_key] [next_key]
//   "tenant list"
//   "tenant suspend"      name
//   "tenant resume"       name
//   "tenant delete"       name
//   "tenant add-token"    name [read_only] [note]
//   "tenant rotate-token" name [read_only]
//   "tenant rotate-keys"  name
//   "tenant create-key"   name [note]
//   "tenant list-keys"    name
//   "tenant delete-key"   name id
//   "tenant set-quota"    name and limits (operator_commands.cc); "none" takes a limit away
//   "tenant standard-webhooks" name enabled
//   "pause", "resume"     [tenant]
//   "status"
//   "backup"              folder
//
// Tokens, signing keys and the secrets of access keys are told once, by the command that makes
// them.

namespace ferry::app {

struct ServerStatus {
  bool running = false;  // false: the store was opened for this command alone
  std::int64_t pending = 0;
  std::int64_t in_flight = 0;
  std::int64_t dead_letters = 0;
  Duration applier_lag{0};
};

using OperatorChange =
    std::variant<engine::SaveTenant, engine::DeleteTenant, engine::RotateKeys, engine::SetPaused>;

// What the commands stand on: a running server, or a store opened for one command. `change` and
// `backup` are each called from one thread at a time, the others from any.
struct Operator {
  std::function<engine::Answer(OperatorChange)> change;
  std::function<TenantCatalogPtr()> catalog;  // with every change made so far
  std::function<Result<ServerStatus>()> status;
  std::function<Result<void>(const std::filesystem::path&)> backup;
  std::function<TimePoint()> clock;
};

using OperatorArguments = std::map<std::string, std::string, std::less<>>;

// Commands of one lane, other than reading ones, run one after the other.
enum class OperatorLane : std::uint8_t {
  kReading,   // changes nothing and waits for nothing
  kChanging,  // a change of tenants or of the pause
  kCopying,   // a backup, which takes as long as there is data
};

inline constexpr std::size_t kOperatorArgumentsMax = 32;

struct OperatorCommand {
  std::string_view name;
  Result<std::string> (*run)(const Operator&, const OperatorArguments&);
  OperatorLane lane;
  std::array<std::string_view, kOperatorArgumentsMax> arguments{};
};

// Null: there is no such command.
const OperatorCommand* find_operator_command(std::string_view name);

// The answer, without a line break in it. kInvalidRequest names an argument that the command does
// not have.
Result<std::string> run_operator_command(const Operator& server, const OperatorCommand& command,
                                         const OperatorArguments& arguments);

}  // namespace ferry::app
