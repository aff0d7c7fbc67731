#include "engine/flow_ledger.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/digest.h"

namespace ferry::engine {
namespace {

// Seeds that keep lines of different kinds apart. Lane ids are stored: never change these.
constexpr std::uint64_t kHostSeed = 1;
constexpr std::uint64_t kPausedSeed = 2;
// Lane 0 is "only time"; a hash that happens to be 0 steps aside.
LaneId lane_id(std::uint64_t hash) { return hash == kTimeLane ? 1 : hash; }

}  // namespace

LaneId FlowLedger::host_id(std::string_view host) { return lane_id(stable_hash(host, kHostSeed)); }

LaneId FlowLedger::paused_line(TenantId tenant) {
  return lane_id(stable_hash(std::to_string(tenant.value), kPausedSeed));
}

FlowLedger::Line& FlowLedger::line_of(LaneId id, const LineRule& rule) {
  Line& line = lines_[id];
  follow(id, line, rule);
  return line;
}

void FlowLedger::follow(LaneId id, Line& line, const LineRule& rule) {
  line.rule = rule;
  if (rule.kind == LineKind::kSequence) line.permit.set_limit(rule.slots);
  if (rule.blocked && line.waits) stop_waiting(id, line);
  give_turn(id, line);
}

bool FlowLedger::add(LaneId id, const LineRule& rule, Ready ready, std::uint32_t room) {
  Line& line = line_of(id, rule);
  const bool returns = ready.start != 0 && (line.strict() || !line.rule.blocked);
  const bool joins = returns || (ready.from_lane ? !line.rule.blocked : has_place(line, room));
  if (!joins) return false;
  const bool behind = ready.retry && rule.kind == LineKind::kHost;
  if (ready.start != 0 && line.waits) stop_waiting(id, line);  // another one is the first now
  join(behind ? line.retries : line.first_tries, ready);
  give_turn(id, line);
  return true;
}

// Those that did not start stand in front, in the order in which they were to start.
void FlowLedger::join(std::deque<Ready>& waiting, const Ready& ready) {
  if (ready.start == 0) return waiting.push_back(ready);
  const auto place = std::ranges::find_if(
      waiting, [&](const Ready& other) { return other.start == 0 || other.start > ready.start; });
  waiting.insert(place, ready);
}

bool FlowLedger::takes(LaneId id, const LineRule& rule, std::uint32_t room) {
  // A line that was only found in the store has no rule yet.
  return lines_.contains(id) ? has_place(line_of(id, rule), room) : !rule.blocked;
}

bool FlowLedger::has_place(const Line& line, std::uint32_t room) const {
  if (line.rule.blocked || line.ready() >= ready_limit(line, room)) return false;
  return !line.strict() || (!line.lane_from && !line.loading);
}

void FlowLedger::set_rule(LaneId id, const LineRule& rule) {
  line_of(id, rule);
  drop_if_idle(id);
}

void FlowLedger::set_blocked(LaneId id, bool blocked) {
  Line& line = lines_.at(id);
  line.rule.blocked = blocked;
  if (blocked && line.waits) stop_waiting(id, line);
  give_turn(id, line);
  drop_if_idle(id);
}

std::vector<LaneId> FlowLedger::lines_of(TenantId tenant) const {
  std::vector<LaneId> ids;
  for (const auto& [id, line] : lines_) {
    if (line.rule.tenant == tenant && line.strict()) ids.push_back(id);
  }
  std::ranges::sort(ids);
  return ids;
}

void FlowLedger::set_permit(LaneId id, const FlowKey& key) {
  Line& line = lines_[id];
  line.permit.set(key);
  give_turn(id, line);
}

void FlowLedger::recover_permit(LaneId id, const FlowKey& key) { lines_[id].permit.recover(key); }

void FlowLedger::drop_permit(LaneId id) {
  const auto it = lines_.find(id);
  if (it == lines_.end()) return;
  it->second.rule = {};
  drop_if_idle(id);
}

void FlowLedger::reset_window(LaneId id, TimePoint now) {
  Line& line = lines_[id];
  line.permit.reset(now);
  reserved_.insert(id);
  give_turn(id, line);
}

void FlowLedger::hold_slot(LaneId sequence) {
  Line& line = lines_[sequence];
  line.rule.kind = LineKind::kSequence;
  line.permit.hold();
}

std::optional<FlowLedger::Next> FlowLedger::next(TimePoint now) {
  open_windows(now);
  while (shares_.free_slots() > 0) {
    const auto id = turns_.take();
    if (!id) {
      if (wake_for_share()) continue;
      break;
    }
    auto next = advance(*id, now);
    drop_if_idle(*id);
    if (next) return next;
  }
  return std::nullopt;
}

std::optional<FlowLedger::Next> FlowLedger::advance(LaneId id, TimePoint now) {
  Line& line = lines_.at(id);
  line.in_turn = false;
  const auto woken_by = std::exchange(line.woken_by, std::nullopt);
  auto next = let_through(id, line, now);
  // What it was told of may be free for others, too, whether it took it or has no use for it.
  if (woken_by) wake(*woken_by);
  return next;
}

std::optional<FlowLedger::Next> FlowLedger::let_through(LaneId id, Line& line, TimePoint now) {
  if (line.rule.blocked || line.ready() == 0) return std::nullopt;
  if (!line.permit.free(now)) {
    wait_for_window(id, line, now);
    return std::nullopt;
  }
  const Ready head = line.front().front();
  Next next{.id = head.id, .line = id, .claim = {}};
  if (line.rule.kind != LineKind::kSequence) {
    const auto claimed = claim(id, line, head.host, now);
    if (!claimed) return std::nullopt;
    next.starts = true;
    next.claim = *claimed;
  }
  if (line.strict()) take_permit(id, line, now);
  next.claim.window = line.permit.window();
  line.front().pop_front();
  give_turn(id, line);
  return next;
}

void FlowLedger::take_permit(LaneId id, Line& line, TimePoint now) {
  const std::int32_t reserved = line.permit.reserved();
  line.permit.take(now);
  if (line.permit.reserved() != reserved || line.permit.window_start() == now) reserved_.insert(id);
}

void FlowLedger::release_slot(LaneId sequence) {
  Line& line = lines_.at(sequence);
  line.permit.release();
  give_turn(sequence, line);
  drop_if_idle(sequence);
}

void FlowLedger::forget(LaneId id, DeliveryId delivery) {
  Line& line = lines_.at(id);
  const bool first = line.ready() > 0 && line.front().front().id == delivery;
  std::erase_if(line.first_tries, [&](const Ready& ready) { return ready.id == delivery; });
  std::erase_if(line.retries, [&](const Ready& ready) { return ready.id == delivery; });
  if (first && line.waits) stop_waiting(id, line);  // the next one may wait for another host
  give_turn(id, line);
  drop_if_idle(id);
}

std::vector<DeliveryId> FlowLedger::heads() const {
  std::vector<DeliveryId> heads;
  for (const auto& [id, line] : lines_) {
    if (!line.first_tries.empty()) heads.push_back(line.first_tries.front().id);
    if (!line.retries.empty()) heads.push_back(line.retries.front().id);
  }
  return heads;
}

FlowLedger::Depth FlowLedger::depth() const {
  Depth depth{.ready = 0, .lanes = std::ssize(lanes_with_rows_)};
  for (const auto& [id, line] : lines_) depth.ready += static_cast<std::int64_t>(line.ready());
  return depth;
}

std::vector<DeliveryId> FlowLedger::waiting_in(LaneId id) const {
  std::vector<DeliveryId> ids;
  if (const auto it = lines_.find(id); it != lines_.end()) {
    for (const Ready& ready : it->second.first_tries) ids.push_back(ready.id);
  }
  return ids;
}

std::vector<DeliveryId> FlowLedger::take_held_back(std::size_t rows_min) {
  std::vector<DeliveryId> ids;
  for (const LaneId id : held_back_) {
    if (ids.size() >= rows_min) break;
    Line& line = lines_.at(id);
    if (line.loading) continue;
    line.given_back = true;
    for (const Ready& ready : line.first_tries) ids.push_back(ready.id);
  }
  return ids;
}

// Whatever changes who may start asks for a turn, so this is asked whenever it may have changed.
void FlowLedger::note_held_back(LaneId id, Line& line) {
  if (line.rule.kind != LineKind::kSequence) return;
  const bool open = !line.rule.blocked && line.permit.free_slot();
  if (open) line.given_back = false;
  if (!open && line.ready() > 0) {
    held_back_.insert(id);
  } else {
    held_back_.erase(id);
  }
}

const Permit* FlowLedger::permit(LaneId id) const {
  const auto it = lines_.find(id);
  return it == lines_.end() ? nullptr : &it->second.permit;
}

bool FlowLedger::is_strict(LaneId id) const {
  const auto it = lines_.find(id);
  return it != lines_.end() && it->second.strict();
}

bool FlowLedger::unused(LaneId id) const {
  const auto it = lines_.find(id);
  if (it == lines_.end()) return true;
  const Line& line = it->second;
  return line.ready() == 0 && line.permit.in_use() == 0 && !line.lane_from && !line.loading;
}

// ---- turns

bool FlowLedger::give_turn(LaneId id, Line& line) {
  note_held_back(id, line);
  if (line.in_turn || line.waits || line.rule.blocked || line.ready() == 0) return false;
  if (!line.permit.free_slot()) return false;
  line.in_turn = true;
  turns_.add(line.rule.tenant, id);
  return true;
}

void FlowLedger::wait_for_window(LaneId id, Line& line, TimePoint now) {
  const auto at = line.permit.free_at(now);
  if (at && line.window_at != at) wait_until(id, line, *at);
}

void FlowLedger::wait_until(LaneId id, Line& line, TimePoint at) {
  if (line.window_at) windows_.erase({*line.window_at, id});
  line.window_at = at;
  windows_.emplace(at, id);
}

void FlowLedger::open_windows(TimePoint now) {
  while (!windows_.empty() && windows_.begin()->first <= now) {
    const LaneId id = windows_.begin()->second;
    windows_.erase(windows_.begin());
    Line& line = lines_.at(id);
    line.window_at.reset();
    give_turn(id, line);
  }
  if (!closed_hosts_.empty()) open_hosts(now);
}

TimePoint FlowLedger::next_window() const {
  TimePoint next = TimePoint::max();
  if (!windows_.empty()) next = windows_.begin()->first;
  if (!closed_hosts_.empty()) next = std::min(next, closed_hosts_.begin()->first);
  return next;
}

void FlowLedger::drop_if_idle(LaneId id) {
  const auto it = lines_.find(id);
  if (it == lines_.end()) return;
  const Line& line = it->second;
  const bool idle = unused(id) && !line.rule.blocked && !line.in_turn && !line.waits &&
                    !line.window_at && line.rule.kind != LineKind::kFlow;
  if (idle) lines_.erase(it);
}

}  // namespace ferry::engine
