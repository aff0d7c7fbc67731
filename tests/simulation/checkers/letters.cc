#include "simulation/checkers/letters.h"

namespace ferry::simulation {

void LetterChecker::want(TenantId tenant, const std::vector<DeadLetterId>& letters) {
  for (const DeadLetterId id : letters) {
    const auto letter = facts_.letters.find(id);
    const bool own = letter != facts_.letters.end() && letter->second->delivery.tenant == tenant;
    if (own) wanted_.insert(id);
  }
}

void LetterChecker::on(const CallMade& made) {
  if (const auto* deletion = std::get_if<engine::DeleteDeadLetters>(&made.command)) {
    want(deletion->tenant, deletion->letters);
  } else if (const auto* retry = std::get_if<engine::RetryDeadLetters>(&made.command)) {
    want(retry->tenant, retry->letters);
  }
}

void LetterChecker::on(const SetStored& stored) {
  check_made(stored.set);
  check_dropped(stored.set);
  for_each<store::PruneDeadLetters>(stored.set, [&](const store::PruneDeadLetters& prune) {
    expect(prune.before <= stored.now - options_.dead_letter_retention, "pruned too early");
    open_.erase(open_.begin(), open_.lower_bound(DeadLetterId{first_id_at(prune.before)}));
  });
}

void LetterChecker::check_made(const store::WriteSet& set) {
  std::map<DeliveryId, DeadLetterPtr> made;
  for_each<store::PutDeadLetter>(set, [&](const store::PutDeadLetter& put) {
    made.emplace(put.letter->delivery.id, put.letter);
    expect(open_.emplace(put.letter->id, put.letter).second, "one id for two dead letters",
           put.letter->id.value);
  });
  for_each<store::AppendEntry>(set, [&](const store::AppendEntry& append) {
    const DeliveryId id = append.entry.delivery.id;
    const auto letter = made.find(id);
    expect(has_state(append.entry, EventState::kFailed) == (letter != made.end()),
           "FAILED and its dead letter differ", id.value);
    if (letter == made.end()) return;
    const DeliveryFact* fact = facts_.find(id);
    expect(letter->second->message->id == fact->message->id, "a letter of another message",
           id.value);
    for (const Event& event : append.entry.events) {
      if (event.state != EventState::kError) continue;
      expect(event.response == letter->second->response && event.error == letter->second->error,
             "a letter tells another failure than the event", id.value);
    }
    made.erase(letter);
  });
  for (const auto& [id, letter] : made) expect(false, "a letter without FAILED", id.value);
}

void LetterChecker::check_dropped(const store::WriteSet& set) {
  std::vector<DeadLetterPtr> dropped;
  for_each<store::DropDeadLetter>(set, [&](const store::DropDeadLetter& drop) {
    ++dropped_;
    const auto letter = open_.find(drop.id);
    expect(letter != open_.end(), "dropped twice, or never made", drop.id.value);
    expect(wanted_.contains(drop.id), "dropped without being asked", drop.id.value);
    if (letter == open_.end()) return;
    dropped.push_back(letter->second);
    open_.erase(letter);
  });
  if (dropped.empty()) return;
  std::vector<MessagePtr> again;
  for_each<store::PutMessage>(set, [&](const auto& put) { again.push_back(put.message); });
  if (again.empty()) return;  // deleted
  expect(again.size() == dropped.size(), "not one message for each retried letter");
  for (std::size_t i = 0; i < std::min(again.size(), dropped.size()); ++i) {
    const DeliveryFact* fact = facts_.find(DeliveryId{again[i]->id.value});
    const DeadLetter& letter = *dropped[i];
    expect(fact != nullptr && fact->row.tenant == letter.delivery.tenant &&
               *fact->row.to == *letter.delivery.to && again[i]->body == letter.message->body &&
               fact->row.retried == 0,
           "retried as another message", letter.id.value);
  }
}

void LetterChecker::on(const CallAnswered& answered) {
  if (const auto* deleted = std::get_if<engine::Deleted>(&answered.answer)) {
    answered_ += deleted->count;
  } else if (const auto* retried = std::get_if<engine::Retried>(&answered.answer)) {
    answered_ += static_cast<std::int64_t>(retried->deliveries.size());
  }
  expect(answered_ <= dropped_, "answered with more letters than went", answered_);
}

void LetterChecker::on(const RunEnded&) {
  expect(lost_ || answered_ == dropped_, "letters went that no answer counts", dropped_);
}

}  // namespace ferry::simulation
