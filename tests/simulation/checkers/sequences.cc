#include "simulation/checkers/sequences.h"

#include <algorithm>

namespace ferry::simulation {

std::optional<SequenceChecker::Line> SequenceChecker::line_of(const Delivery& row) {
  if (row.to->queue_name.empty() && row.to->ordering_key.empty()) return std::nullopt;
  return Line{row.tenant, row.to->queue_name, row.to->ordering_key};
}

std::int32_t SequenceChecker::parallelism(const Line& line) const {
  const auto queue = facts_.resource<QueuePtr>(line.tenant, line.queue);
  return queue ? queue->parallelism : 1;
}

void SequenceChecker::note_row(const Delivery& row) {
  const auto line = line_of(row);
  if (!line) return;
  Member& member = members_[*line][row.id];
  expect(row.sequence != kTimeLane, "a member without its sequence", row.id.value);
  if (member.entered || row.lane != row.sequence) return;
  member.entered = ++entered_;
  member.place = {row.due_at, row.id};
}

void SequenceChecker::note_end(DeliveryId id) {
  const DeliveryFact* fact = facts_.find(id);
  if (fact != nullptr) {
    if (const auto line = line_of(fact->row)) members_[*line].erase(id);
  }
  const auto user = slot_of_.find(id);
  if (user == slot_of_.end()) return;
  const auto slot = slots_.find(user->second);
  slot_of_.erase(user);
  slot->second.users.erase(id);
  if (slot->second.users.empty()) slots_.erase(slot);
}

void SequenceChecker::on(const SetStored& stored) {
  for_each<store::PutResource>(stored.set, [&](const store::PutResource& put) {
    const auto* queue = std::get_if<QueuePtr>(&put.resource);
    if (queue == nullptr) return;
    std::int32_t& most = most_[{(*queue)->tenant, (*queue)->name, {}}];
    most = std::max(most, (*queue)->parallelism);
  });
  for_each<store::PutDelivery>(stored.set, [&](const auto& put) { note_row(put.delivery); });
  const bool letter_again = only<store::DropDeadLetter>(stored.set) != nullptr;
  for_each<store::PutMessage>(stored.set, [&](const store::PutMessage& put) {
    const auto slot = slots_.find(put.message->source);
    if (letter_again || slot == slots_.end()) return;
    const DeliveryId callback{put.message->id.value};
    slot->second.users.insert(callback);
    slot_of_[callback] = slot->first;
  });
  for_each<store::DropDelivery>(stored.set, [&](const auto& drop) { note_end(drop.id); });
  // Granted, and stored because its row waits for something else now.
  for_each<store::PutDelivery>(stored.set, [&](const store::PutDelivery& put) {
    const auto line = line_of(put.delivery);
    if (line && put.delivery.slot == put.delivery.id) take_slot(*line, put.delivery.id);
  });
}

std::int64_t SequenceChecker::slots_of(const Line& line) const {
  return std::ranges::count_if(slots_, [&](const auto& slot) { return slot.second.line == line; });
}

// Those that came to stand in line before it, at an earlier place, and have no slot.
std::int64_t SequenceChecker::unstarted_before(const Line& line, DeliveryId id) {
  const Member own = members_[line][id];
  return std::ranges::count_if(members_[line], [&](const auto& other) {
    const Member& member = other.second;
    const bool before =
        member.entered &&
        (!own.entered || (*member.entered < *own.entered && member.place < own.place));
    return other.first != id && before && !slots_.contains(other.first);
  });
}

void SequenceChecker::on(const AttemptStarted& started) {
  const Delivery& row = started.attempt.delivery;
  const auto line = line_of(row);
  if (!line) return;
  const auto queue = facts_.resource<QueuePtr>(line->tenant, line->queue);
  expect(!queue || !queue->paused, "started while its queue is paused", row.id.value);
  take_slot(*line, row.id);
}

void SequenceChecker::take_slot(const Line& line, DeliveryId id) {
  if (slots_.contains(id)) return;
  const auto most = most_.find(line);
  const std::int32_t allowed = std::max(parallelism(line), most == most_.end() ? 1 : most->second);
  const std::int64_t used = slots_of(line);
  expect(used < allowed, "more unfinished members than the parallelism", id.value);
  expect(used + unstarted_before(line, id) < allowed, "started out of order", id.value);
  slots_[id] = {.line = line, .users = {id}};
  slot_of_[id] = id;
}

void SequenceChecker::on(const LifeEnded&) {
  most_.clear();
  for (const auto& [name, resource] : facts_.resources) {
    const auto* queue = std::get_if<QueuePtr>(&resource);
    if (queue != nullptr) most_[{name.tenant, name.name, {}}] = (*queue)->parallelism;
  }
  std::erase_if(slots_, [&](const auto& slot) {
    const auto& users = slot.second.users;
    const Delivery& row = facts_.find(slot.first)->row;
    const bool stored = row.retried > 0 || (row.slot && !row.cancel_requested);
    const bool cut_off = users.size() == 1 && users.contains(slot.first) && !stored;
    if (cut_off) slot_of_.erase(slot.first);
    return cut_off;
  });
}

}  // namespace ferry::simulation
