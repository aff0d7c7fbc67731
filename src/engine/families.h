#pragma once

#include "engine/state.h"

// One function for each command, implemented by the file of its family. Each decides, adds at most
// one write-set to the turn, and answers; nothing is visible outside before the turn's commit.

namespace ferry::engine {

void apply(Engine::State& state, Turn& turn, Publish command);            // publish.cc
void apply(Engine::State& state, Turn& turn, RecordOutcome command);      // outcome.cc
void apply(Engine::State& state, Turn& turn, NotStarted command);         // running.cc
void apply(Engine::State& state, Turn& turn, AttemptAddress command);     // running.cc
void apply(Engine::State& state, Turn& turn, Cancel command);             // cancel.cc
void apply(Engine::State& state, Turn& turn, DeleteDeadLetters command);  // dead_letters.cc
void apply(Engine::State& state, Turn& turn, RetryDeadLetters command);   // dead_letters.cc
void apply(Engine::State& state, Turn& turn, RotateKeys command);         // catalog.cc
void apply(Engine::State& state, Turn& turn, SaveTenant command);         // catalog.cc
void apply(Engine::State& state, Turn& turn, DeleteTenant command);       // catalog.cc
void apply(Engine::State& state, Turn& turn, SetPaused command);          // catalog.cc
void apply(Engine::State& state, Turn& turn, Loaded answer);              // loaded.cc
void apply(Engine::State& state, Turn& turn, SaveQueue command);          // queues.cc
void apply(Engine::State& state, Turn& turn, SaveEndpoints command);      // url_groups.cc
void apply(Engine::State& state, Turn& turn, RemoveEndpoints command);    // url_groups.cc
void apply(Engine::State& state, Turn& turn, SaveGroupDefaults command);  // url_groups.cc
void apply(Engine::State& state, Turn& turn, SaveSchedule command);       // schedules.cc
void apply(Engine::State& state, Turn& turn, PauseSchedule command);      // schedules.cc
void apply(Engine::State& state, Turn& turn, ChangeFlowKey command);      // flow_keys.cc
void apply(Engine::State& state, Turn& turn, DropNamed command);          // resources.cc
void apply(Engine::State& state, Turn& turn, ReadResources command);      // resources.cc
void apply(Engine::State& state, Turn& turn, ReadParallelism command);    // resources.cc
void apply(Engine::State& state, Turn& turn, Invoke command);             // invocations.cc
void apply(Engine::State& state, Turn& turn, SaveFunction command);       // functions.cc
void apply(Engine::State& state, Turn& turn, SaveService command);        // functions.cc

// Forgets a resource and its row; false when there is none. Its deliveries go on.
bool drop_resource(Engine::State& state, store::WriteSet& set, ResourceKind kind, TenantId tenant,
                   const std::string& name);  // resources.cc

// ---- what goes on when a load is answered; `load` is its number ----
void publish_loaded(Engine::State& state, Turn& turn, const Loads::ForPublish& purpose,
                    std::optional<DedupRecord> record);  // publish.cc
void publish_failed(Engine::State& state, Turn& turn, const Loads::ForPublish& purpose);
void invoke_loaded(Engine::State& state, Turn& turn, const Invoke& command,
                   std::optional<DedupRecord> record);  // invocations.cc
void tick_loaded(Engine::State& state, Turn& turn, const Loads::ForTick& purpose,
                 std::optional<DedupRecord> record);  // schedules.cc
void tick_failed(Engine::State& state, Turn& turn, const Loads::ForTick& purpose);
// Null: the body could not be read.
void tick_body_loaded(Engine::State& state, Turn& turn, const Loads::ForTickBody& purpose,
                      const ScheduleBodyPtr& body);
void cancel_loaded(Engine::State& state, Turn& turn, Cancel command, std::uint64_t load,
                   std::vector<store::LoadedDelivery> rows);  // cancel.cc
void delete_loaded(Engine::State& state, Turn& turn, const DeleteDeadLetters& command,
                   std::uint64_t load, const LoadedLetters& loaded);
void retry_loaded(Engine::State& state, Turn& turn, const RetryDeadLetters& command,
                  std::uint64_t load, const LoadedLetters& loaded);

// ---- what happens in every step without a command ----
void tick_schedules(Engine::State& state, Turn& turn);  // schedules.cc
void ask_for_loads(Engine::State& state, Turn& turn);   // loaded.cc
void keep_up(Engine::State& state, Turn& turn);         // retention.cc
TimePoint next_upkeep(const Engine::State& state);      // retention.cc

}  // namespace ferry::engine
