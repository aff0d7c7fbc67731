#include "simulation/checkers/replies.h"

#include <algorithm>

namespace ferry::simulation {

void ReplyChecker::on(const SetStored& stored) {
  for_each<store::PutDelivery>(stored.set, [&](const store::PutDelivery& put) {
    const DeliveryFact* fact = facts_.find(put.delivery.id);
    if (fact->item) stored_.insert(fact->item->call);
  });
  note_changes(stored);
}

void ReplyChecker::note_changes(const SetStored& stored) {
  if (changes_.at != stored.now)
    changes_ = {.at = stored.now, .saved = {}, .deleted = {}, .resources = {}, .paused = {}};
  for_each<store::PutTenant>(
      stored.set, [&](const store::PutTenant& put) { changes_.saved.push_back(put.tenant); });
  for_each<store::DropTenant>(
      stored.set, [&](const store::DropTenant& drop) { changes_.deleted.insert(drop.id); });
  for_each<store::PutResource>(stored.set, [&](const store::PutResource& put) {
    changes_.resources.insert(name_of_row(put.resource));
  });
  for_each<store::PutSetting>(stored.set, [&](const store::PutSetting& put) {
    if (put.key == "paused") changes_.paused.insert(!put.value.empty());
  });
}

void ReplyChecker::on(const CallAnswered& answered) {
  const auto id = static_cast<std::int64_t>(answered.call);
  expect(facts_.calls.contains(answered.call), "an answer to nobody", id);
  expect(answered_.insert(answered.call).second, "a second answer to one call", id);
  if (!facts_.calls.contains(answered.call)) return;
  std::visit([&](const auto& answer) { check(answered, answer); }, answered.answer);
}

void ReplyChecker::check(const CallAnswered& answered, const engine::Published& published) {
  const auto* call = facts_.command<engine::Publish>(answered.call);
  const auto id = static_cast<std::int64_t>(answered.call);
  expect(call != nullptr && call->items.size() == published.items.size(),
         "not as many answers as items", id);
  if (call == nullptr || call->items.size() != published.items.size()) return;
  for (std::size_t i = 0; i < call->items.size(); ++i) {
    const engine::Published::Item& item = published.items[i];
    const bool to_group = !call->items[i].group_name.empty();
    expect(item.to_group == to_group, "a URL group taken for a URL, or the other way round", id);
    // A duplicate is answered with its first message, whatever that went to.
    const bool again = !item.deliveries.empty() && item.deliveries.front().deduplicated;
    expect(to_group || again || item.deliveries.size() == 1, "not one delivery for a URL", id);
    for (const engine::PublishedDelivery& delivery : item.deliveries) {
      check_published({answered.call, i}, *call, delivery);
    }
  }
}

void ReplyChecker::check_published(ItemId item, const engine::Publish& call,
                                   const engine::PublishedDelivery& delivery) {
  const auto id = static_cast<std::int64_t>(item.call);
  const engine::PublishItem& asked = call.items[item.item];
  const DeliveryFact* fact = facts_.find(delivery.id);
  expect(fact != nullptr, "published, but not in the store", id);
  expect(!asked.group_name.empty() || delivery.url == asked.target.url, "answered with another URL",
         id);
  if (fact == nullptr || delivery.deduplicated) return;  // see dedup.h
  expect(fact->item == item, "answered with the id of another message", id);
  expect(fact->row.tenant == call.tenant, "published for another tenant", id);
  expect(fact->row.to->target.url == delivery.url, "stored with another URL", id);
  expect(fact->row.to->group_name == asked.group_name, "stored for another URL group", id);
  expect(fact->message->body == asked.body, "stored with another body", id);
  if (const auto& queue = asked.options.queue_name) {
    expect(fact->row.to->queue_name == *queue, "stored for another queue", id);
  }
}

void ReplyChecker::check(const CallAnswered& answered, const engine::Retried& retried) {
  const auto* call = facts_.command<engine::RetryDeadLetters>(answered.call);
  const auto id = static_cast<std::int64_t>(answered.call);
  expect(call != nullptr, "retried what was not to be retried", id);
  if (call == nullptr) return;
  for (const DeliveryId delivery : retried.deliveries) {
    const DeliveryFact* fact = facts_.find(delivery);
    expect(fact != nullptr && fact->retry_of, "retried, but not in the store", id);
    if (fact != nullptr) expect(fact->row.tenant == call->tenant, "retried for another tenant", id);
  }
}

void ReplyChecker::check(const CallAnswered& answered, const engine::TenantSaved& saved) {
  const bool stored =
      changes_.at == answered.now &&
      std::ranges::any_of(changes_.saved, [&](const auto& row) { return *row == *saved.tenant; });
  expect(stored, "answered with another tenant than is stored",
         static_cast<std::int64_t>(answered.call));
}

void ReplyChecker::check(const CallAnswered& answered, const engine::Done&) {
  const auto id = static_cast<std::int64_t>(answered.call);
  const bool now = changes_.at == answered.now;
  if (const auto* pause = facts_.command<engine::SetPaused>(answered.call)) {
    expect(now && changes_.paused.contains(pause->paused),
           "paused or resumed, but not in the store", id);
  } else if (const auto* removed = facts_.command<engine::DeleteTenant>(answered.call)) {
    expect(now && changes_.deleted.contains(removed->tenant), "deleted, but still in the store",
           id);
  } else {
    check_resource(answered);
  }
}

void ReplyChecker::check_resource(const CallAnswered& answered) {
  const auto id = static_cast<std::int64_t>(answered.call);
  const auto saved = [&](ResourceKind kind, TenantId tenant, const std::string& name) {
    expect(changes_.at == answered.now && changes_.resources.contains({kind, tenant, name}),
           "saved, but not in the store", id);
  };
  if (const auto* queue = facts_.command<engine::SaveQueue>(answered.call)) {
    saved(ResourceKind::kQueue, queue->tenant, queue->name);
  } else if (const auto* schedule = facts_.command<engine::SaveSchedule>(answered.call)) {
    saved(ResourceKind::kSchedule, schedule->schedule.tenant, schedule->schedule.id);
  } else if (const auto* pause = facts_.command<engine::PauseSchedule>(answered.call)) {
    saved(ResourceKind::kSchedule, pause->tenant, pause->id);
  } else if (const auto* group = facts_.command<engine::SaveEndpoints>(answered.call)) {
    saved(ResourceKind::kUrlGroup, group->tenant, group->group);
  } else if (const auto* function = facts_.command<engine::SaveFunction>(answered.call)) {
    saved(ResourceKind::kFunction, function->function->tenant, function->function->function);
  } else if (const auto* key = facts_.command<engine::ChangeFlowKey>(answered.call)) {
    saved(ResourceKind::kFlowKey, key->tenant, key->key);
  } else if (const auto* drop = facts_.command<engine::DropNamed>(answered.call)) {
    const ResourceName name{drop->kind, drop->tenant, drop->name};
    const bool again = changes_.at == answered.now && changes_.resources.contains(name);
    expect(again || !facts_.resources.contains(name), "dropped, but still in the store", id);
  }
}

void ReplyChecker::check(const CallAnswered& answered, const engine::Deleted& deleted) {
  const auto* call = facts_.command<engine::DeleteDeadLetters>(answered.call);
  const auto id = static_cast<std::int64_t>(answered.call);
  expect(call != nullptr, "deleted what was not to be deleted", id);
  if (call == nullptr) return;
  const std::set<DeadLetterId> asked(call->letters.begin(), call->letters.end());
  expect(std::cmp_less_equal(deleted.count, asked.size()), "counted more than were named", id);
  for (const DeadLetterId letter : asked) {
    const auto row = facts_.letters.find(letter);
    const bool own = row != facts_.letters.end() && row->second->delivery.tenant == call->tenant;
    expect(!own, "deleted, but still in the store", letter.value);
  }
}

void ReplyChecker::check(const CallAnswered& answered, const Error&) {
  expect(!stored_.contains(answered.call), "refused, but stored",
         static_cast<std::int64_t>(answered.call));
}

void ReplyChecker::on(const RunEnded&) {
  for (const auto& [id, call] : facts_.calls) {
    expect(call.answered || call.lost, "a call was never answered", static_cast<std::int64_t>(id));
  }
}

}  // namespace ferry::simulation
