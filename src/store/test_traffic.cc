#include "store/test_traffic.h"

#include <algorithm>
#include <iterator>

#include "domain/limits.h"

namespace ferry::store::test {
namespace {

Bytes large_body(Random& random) {
  const std::size_t bytes = limits::kBodyHeldMax + 1 + random.below(100'000);
  return Bytes::take(std::string(bytes, static_cast<char>('a' + random.below(26))));
}

}  // namespace

std::vector<WriteSet> Traffic::next() {
  std::vector<WriteSet> sets;
  for (std::uint64_t n = 1 + random_.below(5); n > 0; --n) sets.push_back(one());
  return sets;
}

WriteSet Traffic::one() {
  // Mostly the same millisecond or the next ones, now and then hours later.
  now_ += Duration(random_.one_in(10) ? random_.below(10 * 3'600'000) : random_.below(3));
  switch (random_.below(13)) {
    case 0:
      return catalogue();
    case 1:
      return prune();
    case 2:
      return dead();
    case 3:
    case 4:
      return retry();
    case 5:
    case 6:
    case 7:
      return end();
    case 8:
      return resource();
    default:
      return publish();
  }
}

WriteSet Traffic::publish() {
  WriteSet set;
  const MessageId message_id{new_id()};
  Message made = random_message(random_, message_id, some_tenant());
  if (random_.one_in(30)) made.body = large_body(random_);
  note_large_body(made);
  const auto message = std::make_shared<const Message>(std::move(made));
  messages_[message_id] = message;
  set.add(PutMessage{message});
  const std::uint64_t deliveries = 1 + random_.below(3);
  for (std::uint64_t n = deliveries; n > 0; --n) {
    const DeliveryId id{n == deliveries ? message_id.value : new_id()};
    Delivery delivery = random_delivery(random_, id, *message);
    delivery.shares_message = deliveries > 1;
    pending_[id] = delivery;
    deliveries_.push_back(id);
    set.add(PutDelivery{delivery});
    set.add(AppendEntry{entry(delivery, EventState::kCreated)});
  }
  if (random_.one_in(3)) {
    const TimePoint expires_at = now_ + Duration(random_.below(3'600'000));
    dedups_.push_back(random_dedup(random_, message->tenant, expires_at));
    set.add(PutDedup{dedups_.back()});
  }
  return set;
}

WriteSet Traffic::retry() {
  WriteSet set;
  if (pending_.empty()) return set;
  Delivery& delivery =
      std::next(pending_.begin(), static_cast<std::ptrdiff_t>(random_.below(pending_.size())))
          ->second;
  set.add(AppendEntry{entry(delivery, EventState::kRetry)});
  delivery.retried += 1;
  delivery.due_at += Duration(random_.below(100'000));
  delivery.lane = random_.one_in(2) ? kTimeLane : delivery.lane;
  if (!delivery.slot && random_.one_in(2)) delivery.slot = delivery.id;
  set.add(PutDelivery{delivery});
  return set;
}

WriteSet Traffic::end() {
  WriteSet set;
  if (pending_.empty()) return set;
  const Delivery delivery = take_pending(set);
  set.add(AppendEntry{
      entry(delivery, random_.one_in(4) ? EventState::kCanceled : EventState::kDelivered)});
  return set;
}

WriteSet Traffic::dead() {
  WriteSet set;
  if (pending_.empty()) return set;
  DeadLetter letter;
  letter.delivery = take_pending(set);
  letter.id = DeadLetterId{new_id()};
  letter.message = without_large_body(messages_.at(letter.delivery.message_id));
  letter.response = random_response(random_);
  letter.error = random_text(random_);
  dead_letters_.push_back(letter.id);
  set.add(AppendEntry{entry(letter.delivery, EventState::kFailed)});
  set.add(PutDeadLetter{std::make_shared<const DeadLetter>(std::move(letter))});
  return set;
}

WriteSet Traffic::catalogue() {
  WriteSet set;
  const std::string key = "key-" + std::to_string(random_.below(5));
  set.add(PutSetting{key, random_.one_in(3) ? "" : std::to_string(random_.next())});
  const TenantId tenant = some_tenant();
  if (random_.one_in(3)) {
    set.add(DropTenant{tenant});
  } else {
    set.add(PutTenant{std::make_shared<const Tenant>(random_tenant(random_, tenant))});
  }
  return set;
}

// Puts or drops a named thing, and changes the slots that a sequence holds.
WriteSet Traffic::resource() {
  WriteSet set;
  const TenantId tenant = some_tenant();
  std::string name = some_name("name-");
  if (random_.one_in(3)) {
    set.add(DropResource{static_cast<ResourceKind>(1 + random_.below(4)), tenant, std::move(name)});
  } else {
    set.add(PutResource{random_resource(random_, std::move(name), tenant)});
  }
  if (random_.one_in(2)) set.add(PutSequence{random_sequence(random_, some_lane())});
  return set;
}

WriteSet Traffic::prune() {
  WriteSet set;
  if (random_.one_in(2)) set.add(PruneDedup{some_time()});
  if (random_.one_in(4)) set.add(PruneDeadLetters{now_ - std::chrono::hours(24)});
  set.add(DropDeadLetter{some_dead_letter()});
  return set;
}

// One to three events up to now, the last one in the given state.
Entry Traffic::entry(const Delivery& delivery, EventState last) {
  Entry entry{delivery, {random_event(random_, now_, last)}};
  TimePoint time = now_;
  for (std::uint64_t n = random_.below(3); n > 0; --n) {
    time -= Duration(random_.below(3));
    entry.events.insert(entry.events.begin(), random_event(random_, time, EventState::kActive));
  }
  return entry;
}

// Ends some delivery, and its message: with it, or with the last one that shares it.
Delivery Traffic::take_pending(WriteSet& set) {
  const auto row =
      std::next(pending_.begin(), static_cast<std::ptrdiff_t>(random_.below(pending_.size())));
  const Delivery delivery = row->second;
  pending_.erase(row);
  set.add(DropDelivery{delivery.id});
  if (delivery.shares_message) {
    set.add(ReleaseMessage{delivery.message_id});
  } else {
    set.add(DropMessage{delivery.message_id});
  }
  return delivery;
}

TenantId Traffic::some_tenant() { return random_.one_in(3) ? kOtherTenant : kTenant; }

std::int64_t Traffic::new_id() {
  last_id_ = std::max(last_id_ + 1, first_id_at(now_));
  return last_id_;
}

DeliveryId Traffic::some_delivery() {
  if (deliveries_.empty() || random_.one_in(10)) return DeliveryId{1 + last_id_};
  return deliveries_[random_.below(deliveries_.size())];
}

DeadLetterId Traffic::some_dead_letter() {
  if (dead_letters_.empty() || random_.one_in(10)) return DeadLetterId{1 + last_id_};
  return dead_letters_[random_.below(dead_letters_.size())];
}

DedupRecord Traffic::some_dedup() {
  if (dedups_.empty() || random_.one_in(10)) return make_dedup("unknown", now_);
  return dedups_[random_.below(dedups_.size())];
}

TimePoint Traffic::some_time() {
  const Duration span = now_ - at(0);
  return at(-1) + Duration(random_.below(static_cast<std::uint64_t>(span.count()) + 3));
}

LaneId Traffic::some_lane() {
  return random_.one_in(2) ? kTimeLane : ~LaneId{0} - random_.below(4);
}

LaneQuery Traffic::some_lane_query() {
  LaneQuery query;
  query.lane = some_lane();
  if (random_.one_in(2) && !pending_.empty()) {
    const Delivery& delivery = pending_.begin()->second;
    query.after = {delivery.due_at, delivery.id};
  }
  query.until = random_.one_in(3) ? TimePoint::max() : some_time();
  query.rows_max = static_cast<std::uint32_t>(1 + random_.below(10));
  query.bytes_max = 1 + random_.below(2'000);
  return query;
}

std::string Traffic::some_name(std::string_view prefix) {
  return std::string(prefix) + std::to_string(1 + random_.below(4));
}

// Every field is filtered on once in a while, so that most lists still find something.
ListFilter Traffic::some_filter() {
  ListFilter filter{.tenant = some_tenant()};
  const auto add = [&](auto& values, auto make) {
    if (!random_.one_in(8)) return;
    for (std::uint64_t n = 1 + random_.below(3); n > 0; --n) values.push_back(make());
  };
  add(filter.deliveries, [&] { return some_delivery(); });
  add(filter.dead_letters, [&] { return some_dead_letter(); });
  add(filter.hosts, [&] { return some_name("host-") + ".example"; });
  add(filter.paths, [&] { return some_name("/path"); });
  add(filter.groups, [&] { return some_name("group-"); });
  add(filter.queues, [&] { return some_name("queue-"); });
  add(filter.schedules, [&] { return some_name("schedule-"); });
  add(filter.labels, [&] { return some_name("label-"); });
  add(filter.flow_keys, [&] { return some_name("flow-"); });
  add(filter.caller_ips, [&] { return some_name("192.0.2."); });
  add(filter.response_statuses, [&] { return random_.one_in(2) ? 0 : 500; });
  if (random_.one_in(6)) filter.states = static_cast<std::uint32_t>(random_.below(512));
  if (random_.one_in(4)) filter.from = some_time();
  if (random_.one_in(4)) filter.to = some_time();
  return filter;
}

PageRequest Traffic::some_page() {
  PageRequest page;
  page.filter = some_filter();
  page.order = random_.one_in(2) ? Order::kLatestFirst : Order::kEarliestFirst;
  page.count = static_cast<std::uint32_t>(1 + random_.below(random_.one_in(2) ? 5 : 20));
  return page;
}

}  // namespace ferry::store::test
