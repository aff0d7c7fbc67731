#include "store/entry_keys.h"

namespace ferry::store {

MessageKeys keys_of(const Message& message) {
  return {message.labels, message.flow_control ? message.flow_control->key : std::string()};
}

std::optional<KeyFilter> narrowest_key(const ListFilter& filter) {
  const KeyFilter candidates[] = {
      {EntryKey::kSchedule, filter.schedules}, {EntryKey::kQueue, filter.queues},
      {EntryKey::kFlowKey, filter.flow_keys},  {EntryKey::kGroup, filter.groups},
      {EntryKey::kLabel, filter.labels},       {EntryKey::kUrl, filter.urls},
  };
  for (const KeyFilter& candidate : candidates) {
    if (!candidate.values.empty()) return candidate;
  }
  return std::nullopt;
}

}  // namespace ferry::store
