#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "store/commit_run.h"

// The rows of a memory store: a value, copied as a whole, with the mutex outside (memory_store.cc).

namespace ferry::store {

// The place of an event among all of its tenant: by time, then in the order entries were committed,
// then within the entry.
struct EventPlace {
  TimePoint time;
  std::int64_t entry = 0;  // index in MemoryState::entries
  std::int64_t event = 0;  // index in Entry::events

  friend auto operator<=>(const EventPlace&, const EventPlace&) = default;
};

using LaneRow = std::pair<LaneId, LanePlace>;
using DedupRowKey = std::pair<TenantId, DedupKey>;
using EntryPtr = std::shared_ptr<const Entry>;

struct MemoryState {
  std::string store_id;
  std::string id_secret;
  Position position = 0;
  std::int64_t last_id = 0;

  std::map<MessageId, MessagePtr> messages;
  std::map<DeliveryId, Delivery> deliveries;
  std::set<LaneRow> lanes;
  std::map<DeadLetterId, DeadLetterPtr> dead_letters;
  std::map<DedupRowKey, DedupRecord> dedup;
  std::map<TenantId, TenantPtr> tenants;
  std::map<std::string, std::string> settings;
  std::map<ResourceKey, Resource> resources;
  std::map<LaneId, Sequence> sequences;

  // Follow from the deliveries: how many share a message with the one whose id it has, and how many
  // are members of a sequence. None is 0.
  std::map<MessageId, std::int64_t> siblings;
  std::map<LaneId, std::int64_t> members;

  // History: never deleted from.
  std::map<MessageId, MessagePtr> all_messages;
  std::vector<EntryPtr> entries;
  std::map<DeliveryId, std::int64_t> last_entry_of;
  std::map<TenantId, std::set<EventPlace>> events_of;
};

// Applies one write-set and gives it the next position.
void apply(MemoryState& state, const WriteSet& set);

// Null when the row is not there.
MessagePtr find_message(const std::map<MessageId, MessagePtr>& messages, MessageId id);

Result<EventPage> list_events(const MemoryState& state, const PageRequest& page);
Result<DeadLetterPage> list_dead_letters(const MemoryState& state, const PageRequest& page);
Result<MessagePage> list_messages(const MemoryState& state, const PageRequest& page);

// See dump_memory_store().
std::string dump(const MemoryState& state);

}  // namespace ferry::store
