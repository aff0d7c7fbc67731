#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/message.h"
#include "store/queries.h"
#include "store/schema.h"

// The keys that entries of history and dead letters are indexed by, and found by.

namespace ferry::store {

// The part of them that the message has.
struct MessageKeys {
  std::vector<std::string> labels;
  std::string flow_key;  // or empty
};
MessageKeys keys_of(const Message& message);

// Calls take(kind, hash) for every value that is there; a label given twice comes twice.
template <class Take>
void for_each_key(const Delivery& delivery, const MessageKeys& message, Take take) {
  const auto give = [&](EntryKey kind, std::string_view value) {
    if (!value.empty()) take(kind, entry_key_hash(kind, value));
  };
  give(EntryKey::kUrl, delivery.to->target.url);
  give(EntryKey::kGroup, delivery.to->group_name);
  give(EntryKey::kQueue, delivery.to->queue_name);
  give(EntryKey::kSchedule, delivery.to->schedule_id);
  give(EntryKey::kFlowKey, message.flow_key);
  for (const std::string& label : message.labels) give(EntryKey::kLabel, label);
}

// The indexed field of a filter that lets the fewest rows through, most likely, with its values;
// nothing when the filter has none.
struct KeyFilter {
  EntryKey kind = EntryKey::kUrl;
  std::span<const std::string> values;  // of the filter
};
std::optional<KeyFilter> narrowest_key(const ListFilter& filter);

}  // namespace ferry::store
