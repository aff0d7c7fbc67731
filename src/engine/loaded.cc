// Loads: which are wanted, and what goes on when one is answered.

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "engine/deliveries.h"
#include "engine/families.h"

namespace ferry::engine {
namespace {

constexpr Duration kWaitAfterFailedRead{200};

Error unreadable() { return Error{ErrorCode::kInternal, "the store could not be read"}; }

// A failed read: what waited for it is answered, or asked for again a little later.
struct Failed {
  Engine::State& state;
  Turn& turn;

  void operator()(const Loads::TimeLane&) const { state.index.load_failed(); }
  void operator()(const Loads::Lane& lane) const { state.ledger.load_failed(lane.lane); }
  void operator()(const Loads::ForPublish& purpose) const { publish_failed(state, turn, purpose); }
  void operator()(const Loads::ForTick& purpose) const { tick_failed(state, turn, purpose); }
  void operator()(const Loads::ForTickBody& purpose) const {
    tick_body_loaded(state, turn, purpose, nullptr);
  }
  void operator()(const Loads::Totals&) const { state.totals.count_failed(); }
  template <class C>
  void operator()(const C& command) const {
    turn.reply(command.reply, unreadable());
  }
};

// Rows that come back into memory wait for their time like all others; what is due leaves in this
// step.
struct Answered {
  Engine::State& state;
  Turn& turn;
  Loaded& answer;

  auto skip() const {
    return [this](DeliveryId id) { return state.loads.touched(id, answer.load); };
  }
  void operator()(const Loads::TimeLane&) const {
    const auto& slice = std::get<store::LaneSlice>(answer.rows);
    state.index.loaded(slice, skip());
  }
  void operator()(const Loads::Lane& lane) const {
    const auto& slice = std::get<store::LaneSlice>(answer.rows);
    const auto left = state.index.hold_rows(slice, skip());
    if (left) state.ledger.parked(lane.lane, *left);
    state.ledger.loaded(lane.lane, slice);
  }
  void operator()(const Loads::ForPublish& purpose) const {
    publish_loaded(state, turn, purpose, std::get<std::optional<DedupRecord>>(answer.rows));
  }
  void operator()(const Loads::ForTick& purpose) const {
    tick_loaded(state, turn, purpose, std::get<std::optional<DedupRecord>>(answer.rows));
  }
  void operator()(const Loads::ForTickBody& purpose) const {
    tick_body_loaded(state, turn, purpose, std::get<ScheduleBodyPtr>(answer.rows));
  }
  void operator()(const Loads::Totals&) const {
    state.totals.counted(std::get<store::Totals>(answer.rows));
  }
  void operator()(const Invoke& command) const {
    invoke_loaded(state, turn, command, std::get<std::optional<DedupRecord>>(answer.rows));
  }
  void operator()(Cancel& command) const {
    cancel_loaded(state, turn, std::move(command), answer.load,
                  std::get<std::vector<store::LoadedDelivery>>(std::move(answer.rows)));
  }
  void operator()(const DeleteDeadLetters& command) const {
    delete_loaded(state, turn, command, answer.load, std::get<LoadedLetters>(answer.rows));
  }
  void operator()(const RetryDeadLetters& command) const {
    retry_loaded(state, turn, command, answer.load, std::get<LoadedLetters>(answer.rows));
  }
};

}  // namespace

void apply(Engine::State& state, Turn& turn, Loaded answer) {
  if (answer.life != state.life) return;  // asked for by an earlier engine
  auto purpose = state.loads.finish(answer.load);
  if (!purpose) return;
  if (std::holds_alternative<std::monostate>(answer.rows)) {
    log::warn("load_failed", {{"load", answer.load}});
    state.loads_from = turn.now + kWaitAfterFailedRead;
    return std::visit(Failed{state, turn}, *purpose);
  }
  std::visit(Answered{state, turn, answer}, *purpose);
}

void ask_for_loads(Engine::State& state, Turn& turn) {
  if (turn.now < state.loads_from) return;
  if (state.totals.take_wanted()) {
    turn.load(state.loads.begin(Loads::Totals{}), Load::Totals{});
  }
  if (const auto query = state.index.wanted_load(turn.now)) {
    turn.load(state.loads.begin(Loads::TimeLane{}), Load::Lane{*query});
  }
  for (store::LaneQuery& query : state.ledger.wanted_loads(state.index.room())) {
    query.bytes_max = std::min(query.bytes_max, state.index.bytes_left());
    turn.load(state.loads.begin(Loads::Lane{query.lane}), Load::Lane{query});
  }
}

}  // namespace ferry::engine
