#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/engine.h"

namespace ferry::engine {

// The memory store with failures on demand.
class ScriptedStore final : public store::Store {
 public:
  enum class Fault : std::uint8_t { kNone, kNothingWritten, kAllWritten };

  ScriptedStore();

  Fault next_commit = Fault::kNone;
  bool room = true;
  bool readable = true;
  // What the last commit was given.
  std::vector<store::WriteSet> last_sets;

  // What is pending, as text.
  std::string dump() const;

  Result<store::Position> commit(std::span<const store::WriteSet> sets) override;
  bool has_room() const override { return room; }
  store::Position position() const override { return rows_->position(); }
  Result<void> barrier() override { return rows_->barrier(); }
  Result<store::Catalog> catalog(TimePoint now) override;
  Result<store::Totals> totals() override;
  Result<std::optional<store::LoadedDelivery>> delivery(DeliveryId id) override;
  Result<store::LaneSlice> lane(const store::LaneQuery& query) override;
  Result<std::optional<DedupRecord>> dedup(TenantId tenant, const DedupKey& key) override;
  Result<ScheduleBodyPtr> schedule_body(TenantId tenant, const std::string& schedule) override;
  Result<Bytes> read_body(MessageId id, std::uint64_t offset, std::size_t bytes_max) override {
    return rows_->read_body(id, offset, bytes_max);
  }
  Result<DeadLetterPtr> dead_letter(DeadLetterId id, store::LargeBodies bodies) override;
  Result<std::optional<store::MessageView>> message_view(DeliveryId id,
                                                         TimePoint finished_after) override;
  Result<store::EventPage> events(const store::PageRequest& page) override;
  Result<store::DeadLetterPage> dead_letters(const store::PageRequest& page) override;
  Result<store::MessagePage> messages(const store::PageRequest& page) override;
  Result<std::vector<std::int64_t>> lane_sizes(std::span<const LaneId> lanes) override;
  Result<std::vector<std::int64_t>> sequence_sizes(std::span<const LaneId> sequences) override;

 private:
  std::unique_ptr<store::Store> rows_;
};

// An engine over a memory store, with time, the answers of loads and the ends of attempts in the
// hands of the test. One tenant exists from the start.
class EngineTest : public ::testing::Test {
 protected:
  EngineTest();

  // ---- driving ----
  // A fresh engine recovers from the store; whatever was in flight is forgotten. `step` calls it
  // the first time, so a test sets `options` before.
  void restart();
  // One step. What comes out is kept in the members below.
  void step(std::vector<Command> commands = {});
  template <class... Commands>
  void apply(Commands... commands) {
    std::vector<Command> inbox;
    (inbox.emplace_back(std::move(commands)), ...);
    step(std::move(inbox));
  }
  // Answers loads, oldest first, until none is left.
  void settle();
  // Lets time pass in small pieces, with all loads answered, up to a moment `wait` from now.
  void pass(Duration wait);
  Loaded answer_of(const Load& load) { return perform(store, load); }

  // ---- commands ----
  struct Item {
    std::string url = "https://a.test/";
    PublishOptions options;
    std::string body = "hello";
    std::string dedup;  // empty: no key
    std::string group = {};
  };
  Publish publish_all(std::vector<Item> items);
  Publish publish(Item item) { return publish_all(std::vector<Item>{std::move(item)}); }
  Cancel cancel(std::vector<DeliveryId> ids);
  SaveTenant save(Tenant given);
  RecordOutcome succeeded(const StartAttempt& attempt) const;
  RecordOutcome failed(const StartAttempt& attempt, int status = 500) const;
  RecordOutcome refused(const StartAttempt& attempt) const;  // not worth trying again
  RecordOutcome ended(const StartAttempt& attempt, Outcome outcome) const;
  ReplyTo next_caller() { return {.io_thread = 0, .slot = ++callers_}; }

  // ---- looking ----
  // Stores the messages and returns their ids.
  std::vector<DeliveryId> accept_all(std::vector<Item> items);
  DeliveryId accept(Item item) { return accept_all(std::vector<Item>{std::move(item)}).at(0); }
  // The attempts that started since this was asked last.
  std::vector<StartAttempt> take_starts() { return std::exchange(starts, {}); }
  StartAttempt take_start();  // exactly one
  // The answer to the last command that got one; it must be a T.
  template <class T>
  T take_answer() {
    EXPECT_FALSE(replies.empty());
    if (replies.empty()) return T{};
    const Answer answer = std::move(replies.back().answer);
    replies.clear();
    if (const auto* error = std::get_if<Error>(&answer); error && !std::is_same_v<T, Error>) {
      ADD_FAILURE() << error->text;
    }
    EXPECT_TRUE(std::holds_alternative<T>(answer));
    const T* value = std::get_if<T>(&answer);
    return value ? *value : T{};
  }
  std::optional<Delivery> row(DeliveryId id);
  // "CREATED ACTIVE DELIVERED"
  std::string log_of(DeliveryId id);
  std::vector<Event> events_of(DeliveryId id);
  std::vector<DeadLetterPtr> letters();
  TenantPtr tenant() const { return engine->catalog()->find(tenant_id); }
  // Ids of all pending deliveries, in no lane or in any, as the store has them.
  std::int64_t pending() { return store.totals()->deliveries; }

  Options options;
  TimePoint now = from_unix_ms(1'795'262'400'000);  // noon of 2026-11-21 (UTC)
  std::uint32_t free_slots = 1'000;
  ScriptedStore store;
  Metrics metrics;
  IdCodec codec{"secret"};
  TenantId tenant_id;
  std::unique_ptr<Engine> engine;

  std::vector<StartAttempt> starts;
  std::vector<Reply> replies;
  std::vector<Load> loads;
  std::vector<CatalogChanged> catalogs;
  std::vector<UsageChanged> usages;
  std::vector<CutAttempt> cuts;
  std::vector<std::string> order;  // "reply", "start", "load", "catalog", "usage", "cut"
  TimePoint wake_at;

 private:
  std::uint64_t callers_ = 0;
};

}  // namespace ferry::engine
