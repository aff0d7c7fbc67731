#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/calendar.h"
#include "engine/dedup_filter.h"
#include "engine/due_index.h"
#include "engine/engine.h"
#include "engine/flow_ledger.h"
#include "engine/lanes.h"
#include "engine/loads.h"
#include "engine/resource_table.h"
#include "engine/slots.h"
#include "engine/totals.h"

// What the files of the engine share: its memory, and the turn that a step is. Private to the
// folder.

namespace ferry::engine {

// A publish that waits until the deduplication rows it may collide with are read.
struct ParkedPublish {
  Publish command;
  std::size_t waiting = 0;
  std::map<DedupKey, DedupRecord> found;
};

// Ticks whose schedules have bodies that are rows: so many bytes are read at once, the rest waits.
struct TickBodies {
  std::int64_t bytes = 0;  // being read
  std::deque<Loads::ForTickBody> waiting;
};

// An attempt that had not ended when this was looked at last, in order of starting: one that runs
// long counts against the shares, and gets its ACTIVE event early.
struct RunningAttempt {
  TimePoint started_at;
  DeliveryId delivery;
  std::uint64_t start = 0;
};

struct Engine::State {
  State(store::Store& s, const Options& o, Metrics& m)
      : store(s),
        options(o),
        metrics(m),
        ids(options.partition, 0),
        index(options),
        ledger({.slots = options.in_flight_max,
                .host_slots = options.host_in_flight_max,
                .ready_max = options.host_ready_max}),
        dedup(options.dedup_window) {}

  store::Store& store;
  const Options options;
  Metrics& metrics;

  // Of this engine alone: marks its loads.
  const LifeMark life = std::make_shared<const int>();
  IdSequence ids;
  TenantCatalogPtr catalog;
  TenantId last_tenant;  // the largest id a tenant ever had
  std::map<TenantId, DailyUsage> usage;
  std::set<TenantId> usage_untold;  // those whose usage the I/O threads do not know yet

  ResourceTable resources;
  Calendar calendar;
  TickBodies tick_bodies;
  Lanes lanes;
  std::map<LaneId, std::pair<TenantId, std::string>> flow_lanes;  // whose they are

  DueIndex index;
  FlowLedger ledger;
  Slots slots;
  DedupFilter dedup;
  Loads loads;
  Totals totals;
  std::map<std::uint64_t, ParkedPublish> parked;
  std::uint64_t last_parked = 0;

  std::uint64_t last_start = 0;  // that an attempt was numbered with, in this process
  std::deque<RunningAttempt> running;
  bool starts_left = false;           // the last step stopped at as many starts as one may have
  std::size_t running_looked_at = 0;  // of them, by the one of the two limits that comes first
  std::map<LaneId, std::int32_t> flying_in_lane;  // attempts whose row stands in the lane
  TimePoint loads_from;                           // after a failed read: not before
  TimePoint prune_at;
  TimePoint letters_pruned;  // all made before
  TimePoint gauges_at;
};

// One call of step(): everything it decides, before the one commit and the effects after it.
struct Turn {
  TimePoint now;
  LifeMark life;
  std::vector<store::WriteSet> sets;
  std::vector<Effect> effects;

  // A command's write-set; sets that stay empty are not committed.
  store::WriteSet& open_set() { return sets.emplace_back(); }
  void reply(ReplyTo to, Answer answer) {
    if (to.slot != 0) effects.emplace_back(Reply{to, std::move(answer)});
  }
  void load(std::uint64_t number, decltype(Load::what) what) {
    effects.emplace_back(Load{number, std::move(what), life});
  }
};

// Counts in a map that forgets what is 0.
template <class Key>
void count_up(std::map<Key, std::int32_t>& counts, const Key& key) {
  ++counts[key];
}
template <class Key>
void count_down(std::map<Key, std::int32_t>& counts, const Key& key) {
  const auto it = counts.find(key);
  if (it != counts.end() && --it->second == 0) counts.erase(it);
}

}  // namespace ferry::engine
