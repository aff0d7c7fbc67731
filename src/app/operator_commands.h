#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "base/time.h"
#include "domain/tenant.h"
#include "engine/protocol.h"

// What an operator asks of a server, as texts:
//
//   request = {"command": NAME, ARGUMENT: TEXT, ...}
//   answer  = {what the command tells} | {"error": TEXT, "code": SLUG}
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
//   "tenant set-quota"    name [max_retries] [max_delay] [body_bytes_max]
//                         [messages_per_day]; "none" takes a limit away
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

// What the commands stand on: a running server, or a store opened for one command. Called from one
// thread at a time.
struct Operator {
  std::function<engine::Answer(OperatorChange)> change;
  std::function<TenantCatalogPtr()> catalog;  // with every change made so far
  std::function<Result<ServerStatus>()> status;
  std::function<Result<void>(const std::filesystem::path&)> backup;
  std::function<TimePoint()> clock;
};

// Runs one request. The answer has no line break in it.
std::string answer_operator(const Operator& server, std::string_view request);

}  // namespace ferry::app
