#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "domain/delivery.h"
#include "engine/claim.h"
#include "engine/hosts.h"
#include "engine/permit.h"
#include "engine/shares.h"
#include "engine/turns.h"
#include "engine/waits.h"
#include "store/store.h"

namespace ferry::engine {

// What a line of waiting deliveries waits for.
enum class LineKind : std::uint8_t {
  kHost,      // a slot of a host, for one tenant; first tries go before retries
  kPaused,    // a tenant to be resumed; nothing starts
  kSequence,  // a slot of a queue or an ordering key, strictly in order
  kFlow,      // a flow control key, strictly in order
};

// How a line is run. The caller knows it for every delivery that joins.
struct LineRule {
  LineKind kind = LineKind::kHost;
  TenantId tenant;         // whose it is
  bool blocked = false;    // who stands in it does not start
  std::int32_t slots = 0;  // of a sequence
};

// How many attempts may run, and how many deliveries of a line are kept in memory.
struct LedgerLimits {
  std::uint32_t slots = 0;       // attempts at once
  std::uint32_t host_slots = 0;  // to one host
  std::uint32_t ready_max = 0;
};

// Who is eligible next. Ready deliveries stand in lines, the tenants take turns, and so do the
// lines of each, so a slow or dead host, a queue that waits for its head, a key at its limit or a
// tenant with a backlog delays nobody else. What a start needs besides is in Hosts and Shares; a
// line whose first delivery does not get it waits in Waits and has no turn until it may.
//
// A line keeps a bounded number of deliveries in memory, fewer the less room the window has, and
// none while it is blocked. The rest is parked in the store's lane of the same id and comes back in
// slices when the line runs low: a million rows for a dead host cost an index, not memory, and a
// dozen dead hosts do not fill the window that all others need. In a strict line nobody joins while
// somebody is parked, so its order is the order of places in its lane.
class FlowLedger {
 public:
  explicit FlowLedger(const LedgerLimits& limits)
      : ready_max_(limits.ready_max),
        shares_(limits.slots),
        hosts_(limits.slots, limits.host_slots) {}

  // A host as a number. Up to version 0.1.0 it was also the lane of all that waited for it.
  static LaneId host_id(std::string_view host);
  // The line of a tenant whose deliveries are paused.
  static LaneId paused_line(TenantId tenant);

  // A delivery that is ready. One that the line's own lane gave back has its place already: were
  // it parked again for lack of room, it would be read and parked for ever.
  struct Ready {
    DeliveryId id;
    LaneId host = kTimeLane;  // where it goes to, whatever line it joins
    bool retry = false;
    bool from_lane = false;
    std::uint64_t start = 0;  // of one that did not start after all: its place is in front
  };
  // It joins; false when the line is full or blocked, or others of a strict line are parked: then
  // it must be parked, too. `room` is what the window could still take.
  [[nodiscard]] bool add(LaneId line, const LineRule& rule, Ready ready, std::uint32_t room);
  // Would one that does not come from the lane be taken?
  bool takes(LaneId line, const LineRule& rule, std::uint32_t room);

  // Runs a line by another rule from now on.
  void set_rule(LaneId line, const LineRule& rule);
  // Holds back the lines of a tenant, or lets them go on; `blocked` tells for each.
  template <class Blocked>
  void set_blocked_of(TenantId tenant, const Blocked& blocked) {
    for (const LaneId id : lines_of(tenant)) set_blocked(id, blocked(id));
  }
  // What a flow key allows.
  void set_permit(LaneId line, const FlowKey& key);
  void recover_permit(LaneId line, const FlowKey& key);
  void reset_window(LaneId line, TimePoint now);
  // The key is gone, and nobody waits for it.
  void drop_permit(LaneId line);
  // Slots of a sequence that are in use before anyone joins.
  void hold_slot(LaneId sequence);

  // What happens next: a delivery of the line starts, counted as in flight; or, from a sequence, it
  // got its slot and has to join its next line.
  struct Next {
    DeliveryId id;
    LaneId line = kTimeLane;
    bool starts = false;
    Claim claim;  // of one that starts
  };
  std::optional<Next> next(TimePoint now);

  // An attempt ended, or was cut.
  void ended(const Claim& claim, AttemptEnd end, TimePoint now);
  // It did not start after all; nothing to its host starts before `not_before`.
  void not_started(const Claim& claim, TimePoint now, TimePoint not_before);
  // It has been running for so long that it counts against the shares.
  void turned_slow(Claim& claim);
  // The address that attempts to `host`, of which one runs, connect to.
  void set_address(LaneId host, std::string_view address);
  const Shares& shares() const { return shares_; }
  const Hosts& hosts() const { return hosts_; }
  void forget_unused_hosts(TimePoint now) { hosts_.forget_unused(now); }
  // A slot of a sequence became free.
  void release_slot(LaneId sequence);

  // `id` left the line without having started.
  void forget(LaneId line, DeliveryId id);

  // The oldest waiting delivery of each line.
  std::vector<DeliveryId> heads() const;
  // How much waits: in memory, and in how many lanes besides.
  struct Depth {
    std::int64_t ready = 0;
    std::int64_t lanes = 0;
  };
  Depth depth() const;
  // Waiting deliveries of one line, in memory.
  std::vector<DeliveryId> waiting_in(LaneId line) const;
  // Those in memory that wait for a slot of a full sequence, or for one that is blocked; not of a
  // line whose lane is being read, for they stand before the rows that will come. Whole lines, so
  // that their order stays: as many as make at least `rows_min` rows, if there are. The caller
  // parks them, and their lanes are not read again before somebody may start.
  std::vector<DeliveryId> take_held_back(std::size_t rows_min);
  const Permit* permit(LaneId line) const;  // null: nobody is in the line
  bool is_strict(LaneId line) const;
  bool unused(LaneId line) const;  // nobody stands in it, runs from it or is parked behind it

  // The flow keys whose window needs to be stored before this turn's starts may leave.
  std::set<LaneId> take_reserved() { return std::exchange(reserved_, {}); }
  // Lets the lines go on whose window is over, and those to hosts that were left alone.
  void open_windows(TimePoint now);
  // When the next of them goes on; later than what was opened last.
  TimePoint next_window() const;

  // ---- the lanes behind the lines ----
  // A row was parked in the lane of `line`.
  void parked(LaneId line, store::LanePlace place);
  // Rows are known to be in the lane, from the start.
  void found_lane(LaneId line) { parked(line, store::LanePlace{}); }
  // The lanes that should be loaded from now, taking turns for the `room` rows that the window can
  // take; each is returned once until loaded() answers it.
  std::vector<store::LaneQuery> wanted_loads(std::uint32_t room);
  void loaded(LaneId line, const store::LaneSlice& slice);
  void load_failed(LaneId line);

 private:
  struct Line {
    LineRule rule;
    Permit permit;
    std::deque<Ready> first_tries;
    std::deque<Ready> retries;                  // of a host
    bool in_turn = false;                       // stands in turns_
    bool waits = false;                         // stands in waits_
    std::optional<Waits::For> woken_by;         // what it was told to be free again
    std::optional<TimePoint> window_at;         // stands in windows_
    std::optional<store::LanePlace> lane_from;  // the lane may hold rows after this place
    bool loading = false;
    bool given_back = false;  // to make room, and nobody may start since

    bool strict() const { return rule.kind == LineKind::kSequence || rule.kind == LineKind::kFlow; }
    std::size_t ready() const { return first_tries.size() + retries.size(); }
    std::deque<Ready>& front() { return first_tries.empty() ? retries : first_tries; }
  };

  Line& line_of(LaneId id, const LineRule& rule);
  void follow(LaneId id, Line& line, const LineRule& rule);
  void set_blocked(LaneId id, bool blocked);
  std::vector<LaneId> lines_of(TenantId tenant) const;
  std::uint32_t ready_limit(const Line& line, std::uint32_t room) const;
  bool has_place(const Line& line, std::uint32_t room) const;
  std::optional<Next> advance(LaneId id, TimePoint now);
  std::optional<Next> let_through(LaneId id, Line& line, TimePoint now);
  void take_permit(LaneId id, Line& line, TimePoint now);
  bool give_turn(LaneId id, Line& line);
  void note_held_back(LaneId id, Line& line);
  void wait_for_window(LaneId id, Line& line, TimePoint now);
  void wait_until(LaneId id, Line& line, TimePoint at);
  static void join(std::deque<Ready>& waiting, const Ready& ready);
  void drop_if_idle(LaneId id);

  // ---- flow_ledger_starts.cc: what a start needs ----
  std::optional<Claim> claim(LaneId id, Line& line, LaneId host, TimePoint now);
  std::optional<Waits::For> refusal(const Line& line, LaneId host, TimePoint now) const;
  void wait(LaneId id, Line& line, Waits::For what, LaneId host);
  void stop_waiting(LaneId id, Line& line);
  bool is_free(Waits::For what) const;
  void wake(Waits::For what);
  bool wake_for_share();
  void wake_all_to(LaneId host);
  void note_attempts(TenantId tenant);
  void open_hosts(TimePoint now);

  std::uint32_t ready_max_;
  std::unordered_map<LaneId, Line> lines_;
  std::set<LaneId> lanes_with_rows_;  // lines whose lane_from is set
  LaneId lane_asked_ = kTimeLane;     // the lane loaded last; the next ones come first
  Turns turns_;
  Shares shares_;
  Hosts hosts_;
  Waits waits_;
  FewestFirst slow_waiting_, busy_waiting_;  // tenants with lines that wait for kSlow or kBusy
  bool share_freed_ = false;                 // some of them may go on
  std::set<std::pair<TimePoint, LaneId>> windows_;       // lines that their rate holds back
  std::set<std::pair<TimePoint, LaneId>> closed_hosts_;  // by when they open
  std::set<LaneId> reserved_;
  std::set<LaneId> held_back_;  // sequences in which somebody waits and nobody may start
};

}  // namespace ferry::engine
