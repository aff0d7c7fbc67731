#include "engine/engine_fixture.h"

#include <algorithm>

#include "base/check.h"
#include "store/memory_store.h"

namespace ferry::engine {
namespace {

std::unexpected<Error> unreadable() { return fail(ErrorCode::kStoreIo, "read failed as asked"); }

}  // namespace

ScriptedStore::ScriptedStore() {
  Random random(1);
  rows_ = store::make_memory_store(random);
}

std::string ScriptedStore::dump() const { return store::dump_memory_store(*rows_); }

Result<store::Position> ScriptedStore::commit(std::span<const store::WriteSet> sets) {
  last_sets.assign(sets.begin(), sets.end());
  const Fault fault = std::exchange(next_commit, Fault::kNone);
  if (fault == Fault::kNothingWritten) return fail(ErrorCode::kDiskFull);
  const auto position = rows_->commit(sets);
  if (fault == Fault::kAllWritten) return fail(ErrorCode::kStoreIo, "sync failed as asked");
  return position;
}

Result<store::Catalog> ScriptedStore::catalog(TimePoint now) {
  if (!readable) return unreadable();
  return rows_->catalog(now);
}

Result<store::Totals> ScriptedStore::totals() {
  if (!readable) return unreadable();
  return rows_->totals();
}

Result<std::optional<store::LoadedDelivery>> ScriptedStore::delivery(DeliveryId id) {
  if (!readable) return unreadable();
  return rows_->delivery(id);
}

Result<store::LaneSlice> ScriptedStore::lane(const store::LaneQuery& query) {
  if (!readable) return unreadable();
  return rows_->lane(query);
}

Result<std::optional<DedupRecord>> ScriptedStore::dedup(TenantId tenant, const DedupKey& key) {
  if (!readable) return unreadable();
  return rows_->dedup(tenant, key);
}

Result<ScheduleBodyPtr> ScriptedStore::schedule_body(TenantId tenant, const std::string& schedule) {
  if (!readable) return unreadable();
  return rows_->schedule_body(tenant, schedule);
}

Result<DeadLetterPtr> ScriptedStore::dead_letter(DeadLetterId id, store::LargeBodies bodies) {
  if (!readable) return unreadable();
  return rows_->dead_letter(id, bodies);
}

Result<std::optional<store::MessageView>> ScriptedStore::message_view(DeliveryId id,
                                                                      TimePoint finished_after) {
  return rows_->message_view(id, finished_after);
}

Result<store::EventPage> ScriptedStore::events(const store::PageRequest& page) {
  return rows_->events(page);
}

Result<store::MessagePage> ScriptedStore::messages(const store::PageRequest& page) {
  if (!readable) return unreadable();
  return rows_->messages(page);
}

Result<std::vector<std::int64_t>> ScriptedStore::lane_sizes(std::span<const LaneId> lanes) {
  if (!readable) return unreadable();
  return rows_->lane_sizes(lanes);
}

Result<std::vector<std::int64_t>> ScriptedStore::sequence_sizes(std::span<const LaneId> sequences) {
  if (!readable) return unreadable();
  return rows_->sequence_sizes(sequences);
}

Result<store::DeadLetterPage> ScriptedStore::dead_letters(const store::PageRequest& page) {
  return rows_->dead_letters(page);
}

EngineTest::EngineTest() {
  Tenant first;
  first.id = tenant_id = TenantId{1};
  first.name = "first";
  first.signing_key_current = "sig_a";
  first.signing_key_next = "sig_b";
  store::WriteSet set;
  set.add(store::PutTenant{std::make_shared<const Tenant>(std::move(first))});
  CHECK(store.commit({&set, 1}).has_value());
}

void EngineTest::restart() {
  engine.reset();
  starts.clear();
  replies.clear();
  loads.clear();
  catalogs.clear();
  usages.clear();
  cuts.clear();
  order.clear();
  auto fresh = Engine::recover(store, options, metrics, now);
  ASSERT_TRUE(fresh.has_value()) << fresh.error().text;
  engine = std::move(*fresh);
}

void EngineTest::step(std::vector<Command> commands) {
  if (!engine) restart();
  auto result = engine->step(now, std::move(commands), {.attempts = free_slots});
  ASSERT_TRUE(result.has_value()) << result.error().text;
  wake_at = result->wake_at;
  for (Effect& effect : result->effects) {
    if (auto* reply = std::get_if<Reply>(&effect)) {
      order.emplace_back("reply");
      replies.push_back(std::move(*reply));
    } else if (auto* start = std::get_if<StartAttempt>(&effect)) {
      order.emplace_back("start");
      starts.push_back(std::move(*start));
    } else if (auto* load = std::get_if<Load>(&effect)) {
      order.emplace_back("load");
      loads.push_back(std::move(*load));
    } else if (auto* usage = std::get_if<UsageChanged>(&effect)) {
      order.emplace_back("usage");
      usages.push_back(*usage);
    } else if (auto* cut = std::get_if<CutAttempt>(&effect)) {
      order.emplace_back("cut");
      cuts.push_back(*cut);
    } else {
      order.emplace_back("catalog");
      catalogs.push_back(std::get<CatalogChanged>(std::move(effect)));
    }
  }
}

void EngineTest::settle() {
  if (!engine) step();
  while (!loads.empty()) {
    const Load load = std::move(loads.front());
    loads.erase(loads.begin());
    apply(answer_of(load));
  }
}

void EngineTest::pass(Duration wait) {
  const TimePoint end = now + wait;
  step();
  settle();
  while (now < end) {
    now = std::min(end, std::max(wake_at, now + Duration(1)));
    step();
    settle();
  }
}

Publish EngineTest::publish_all(std::vector<Item> items) {
  Publish command{
      .reply = next_caller(), .tenant = tenant_id, .items = {}, .caller_ip = "192.0.2.1"};
  for (Item& item : items) {
    PublishItem made{.target = {.url = std::move(item.url)},
                     .group_name = std::move(item.group),
                     .incoming = {},
                     .options = std::move(item.options),
                     .body = Bytes::take(std::move(item.body))};
    if (!item.dedup.empty()) made.dedup_key = dedup_key_of_id(item.dedup);
    command.items.push_back(std::move(made));
  }
  return command;
}

Cancel EngineTest::cancel(std::vector<DeliveryId> ids) {
  return {.reply = next_caller(), .tenant = tenant_id, .deliveries = std::move(ids)};
}

SaveTenant EngineTest::save(Tenant given) {
  return {.reply = next_caller(), .tenant = std::move(given)};
}

RecordOutcome EngineTest::ended(const StartAttempt& attempt, Outcome outcome) const {
  outcome.started_at = now;
  outcome.ended_at = now;
  RecordOutcome record{.delivery = attempt.delivery.id,
                       .attempt = attempt.delivery.retried,
                       .start = attempt.start,
                       .outcome = outcome};
  const Verdict verdict = judge(*attempt.message, attempt.delivery, outcome, options.retry);
  for (const HookKind kind : hooks_for(*attempt.message, verdict)) {
    record.hooks.push_back(
        render_hook(kind, *attempt.message, attempt.delivery, outcome, codec, {}));
  }
  return record;
}

RecordOutcome EngineTest::succeeded(const StartAttempt& attempt) const {
  return ended(attempt, {.kind = OutcomeKind::kDelivered,
                         .response = std::make_shared<const Response>(Response{.status = 200})});
}

RecordOutcome EngineTest::failed(const StartAttempt& attempt, int status) const {
  return ended(attempt, {.kind = OutcomeKind::kFailed,
                         .response = std::make_shared<const Response>(Response{.status = status}),
                         .error = "unexpected status " + std::to_string(status)});
}

RecordOutcome EngineTest::refused(const StartAttempt& attempt) const {
  return ended(attempt, {.kind = OutcomeKind::kNonRetryable, .error = "unexpected status 489"});
}

std::vector<DeliveryId> EngineTest::accept_all(std::vector<Item> items) {
  apply(publish_all(std::move(items)));
  std::vector<DeliveryId> ids;
  for (const auto& item : take_answer<Published>().items) {
    for (const PublishedDelivery& made : item.deliveries) ids.push_back(made.id);
  }
  return ids;
}

StartAttempt EngineTest::take_start() {
  EXPECT_EQ(starts.size(), 1u);
  if (starts.empty()) return {};
  StartAttempt start = std::move(starts.front());
  starts.clear();
  return start;
}

std::optional<Delivery> EngineTest::row(DeliveryId id) {
  const auto loaded = store.delivery(id);
  if (!*loaded) return std::nullopt;
  return (*loaded)->delivery;
}

std::vector<Event> EngineTest::events_of(DeliveryId id) {
  store::PageRequest page{.order = store::Order::kEarliestFirst, .count = 1'000};
  page.filter.tenant = tenant_id;
  page.filter.deliveries = {id};
  std::vector<Event> events;
  for (store::LoggedEvent& logged : store.events(page)->events) {
    events.push_back(std::move(logged.event));
  }
  return events;
}

std::string EngineTest::log_of(DeliveryId id) {
  std::string text;
  for (const Event& event : events_of(id)) {
    if (!text.empty()) text += " ";
    text += event_state_name(event.state);
  }
  return text;
}

std::vector<DeadLetterPtr> EngineTest::letters() {
  store::PageRequest page{.order = store::Order::kEarliestFirst, .count = 1'000};
  page.filter.tenant = tenant_id;
  return store.dead_letters(page)->letters;
}

}  // namespace ferry::engine
