#include <gtest/gtest.h>

#include "store/data_folder.h"
#include "store/embedded_store.h"
#include "store/records.h"
#include "store/sqlite_database.h"
#include "store/statements.h"
#include "store/test_folder.h"
#include "store/test_rows.h"

// Large bodies of the embedded store: where they are filed, and what an older version left. What
// every store does with them is in store_conformance_bodies.cc.

namespace ferry::store {

using namespace test;

namespace {

struct LargeBodies : testing::Test {
  LargeBodies() {
    options.folder = folder.path();
    options.segment_bytes = 1u << 20;
    options.journal_bytes_max = 16u << 20;
    options.disk_free_bytes_min = 0;
    options.run_applier = false;
    open();
  }

  void open() {
    store.reset();
    auto opened = EmbeddedStore::open(options, metrics);
    ASSERT_TRUE(opened) << opened.error().text;
    store = std::move(*opened);
  }
  void commit(const WriteSet& set) { ASSERT_TRUE(store->commit({&set, 1})); }
  void commit_and_apply(const WriteSet& set) {
    commit(set);
    ASSERT_TRUE(store->barrier());
  }

  MessagePtr message_of(std::int64_t id) const {
    return make_message({.id = MessageId{id}, .body = body});
  }
  static Delivery delivery_of(std::int64_t id) { return make_delivery({.id = DeliveryId{id}}); }
  static WriteSet give_up(std::int64_t id, DeadLetterId letter, const MessagePtr& message) {
    WriteSet set = finish(delivery_of(id), {make_event(at(2), EventState::kFailed)});
    set.add(PutDeadLetter{make_dead_letter(letter, delivery_of(id), without_large_body(message))});
    return set;
  }

  // Rows of a table of the state file, which nobody has open.
  std::int64_t count(std::string_view table) {
    store.reset();
    auto state = Database::open(DataFolder{folder.path()}.state(), Database::Access::kWriter);
    EXPECT_TRUE(state);
    Result<Statement> rows = state->statement("SELECT count(*) FROM " + std::string(table));
    EXPECT_TRUE(rows && rows->step());
    return rows->integer(0);
  }

  const std::int64_t first_id = id_at(at(0));
  const DeadLetterId letter{id_at(at(1))};
  const std::string body = std::string(200'000, 'b');
  TestFolder folder;
  Metrics metrics;
  EmbeddedOptions options;
  std::unique_ptr<EmbeddedStore> store;
};

TEST_F(LargeBodies, HistoryKeepsThatOfADeadLetterWhereItKeepsNoOther) {
  options.history_bodies = HistoryBodies::kFailedOnly;
  open();
  for (const bool in_one_run : {false, true}) {
    const std::int64_t n = id_at(at(0), in_one_run ? 1 : 0);
    commit(publish(message_of(n), delivery_of(n), at(1)));
    if (!in_one_run) ASSERT_TRUE(store->barrier());
    commit(give_up(n, DeadLetterId{id_at(at(1), in_one_run ? 1 : 0)}, message_of(n)));
    const auto page = store->events({.filter = {.tenant = kTenant, .deliveries = {DeliveryId{n}}}});
    ASSERT_TRUE(page && !page->events.empty());
    EXPECT_TRUE(page->events[0].message->body.view() == body) << in_one_run;
  }
}

TEST_F(LargeBodies, TheRowsGoWithTheirOwners) {
  commit_and_apply(publish(message_of(first_id), delivery_of(first_id), at(0)));
  EXPECT_EQ(count("message_bodies"), 4);
  open();
  commit_and_apply(give_up(first_id, letter, message_of(first_id)));
  EXPECT_EQ(count("message_bodies"), 0);
  EXPECT_EQ(count("letter_bodies"), 4);
  open();
  commit_and_apply(WriteSet{{PruneDeadLetters{at(60'000)}}});
  EXPECT_EQ(count("letter_bodies"), 0);
  open();
}

TEST_F(LargeBodies, WhatComesAndGoesInOneRunIsNeverWritten) {
  commit(publish(message_of(first_id), delivery_of(first_id), at(0)));
  commit_and_apply(finish(delivery_of(first_id), {make_event(at(1), EventState::kDelivered)}));
  EXPECT_EQ(count("message_bodies"), 0);
  open();
}

TEST_F(LargeBodies, AnOlderVersionKeptThemWithinTheirRecords) {
  commit_and_apply(publish(message_of(first_id), delivery_of(first_id), at(0)));
  store.reset();
  {
    Message old = *message_of(first_id);
    old.large_body.reset();
    std::string record;
    encode_message(old, record);
    auto state = Database::open(DataFolder{folder.path()}.state(), Database::Access::kWriter);
    ASSERT_TRUE(state);
    ASSERT_TRUE(
        state->execute("DROP TABLE message_bodies; DROP TABLE letter_bodies;"
                       "DROP TABLE schedule_bodies;"
                       "UPDATE meta SET value = 2 WHERE key = 'schema_version'"));
    Result<Statement> update = state->statement("UPDATE messages SET record = ?1");
    ASSERT_TRUE(update && update->bind_blob(1, record).run());
  }
  open();
  ASSERT_NE(store, nullptr);
  const auto loaded = store->delivery(DeliveryId{first_id});
  ASSERT_TRUE(loaded && *loaded);
  EXPECT_FALSE((*loaded)->message->large_body);
  EXPECT_TRUE((*loaded)->message->body.view() == body);
  commit_and_apply(finish(delivery_of(first_id), {make_event(at(1), EventState::kDelivered)}));
  EXPECT_EQ(count("messages"), 0);
  open();
}

TEST_F(LargeBodies, APieceIsTheSameBeforeAndAfterTheRowsAreApplied) {
  commit(publish(message_of(first_id), delivery_of(first_id), at(0)));
  const auto piece = store->read_body(MessageId{first_id}, 65'536, 65'536);
  ASSERT_TRUE(piece);
  EXPECT_EQ(piece->view(), std::string_view(body).substr(65'536, 65'536));
  ASSERT_TRUE(store->barrier());
  const auto again = store->read_body(MessageId{first_id}, 65'536, 65'536);
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, *piece);
}

}  // namespace
}  // namespace ferry::store
