#include "api/qstash/queues.h"

#include <gtest/gtest.h>

#include "api/api_under_test.h"

namespace ferry::api {
namespace {

using test::ApiUnderTest;
using test::kNow;

engine::ResourceView queue_named(std::string name, LaneId lane) {
  Queue queue;
  queue.tenant = test::kTenant;
  queue.name = std::move(name);
  queue.created_at = from_unix_ms(1'718'000'000'000);
  queue.updated_at = from_unix_ms(1'718'000'000'001);
  queue.parallelism = 2;
  return {.resource = std::make_shared<const Queue>(std::move(queue)), .lane = lane};
}

TEST(Queues, AreShownWithAllSixFields) {
  ApiUnderTest api;
  api.engine = test::obliging_engine({queue_named("q", 9)});
  const std::string shown =
      R"({"name":"q","createdAt":1718000000000,"updatedAt":1718000000001,"parallelism":2,)"
      R"("paused":false,"lag":0})";
  EXPECT_EQ(api.send("GET", "/v2/queues/q").body, shown);
  EXPECT_EQ(api.send("GET", "/v2/queues/").body, "[" + shown + "]");
  EXPECT_EQ(api.send("GET", "/v2/queues/r").status, 404);
  EXPECT_EQ(api.send("GET", "/v2/queues/a%20b").status, 400);
}

TEST(Queues, NobodysQueuesAreAnEmptyList) {
  ApiUnderTest api;
  api.engine = test::obliging_engine();
  EXPECT_EQ(api.send("GET", "/v2/queues").body, "[]");
}

TEST(Queues, LagIsWhatTheSequenceHoldsUnfinished) {
  ApiUnderTest api;
  for (std::int64_t id = 1; id <= 3; ++id) {
    Delivery delivery = test::delivery_of({.id = id, .queue = "q"});
    delivery.sequence = 9;
    store::WriteSet set;
    set.add(store::PutMessage{std::make_shared<const Message>(test::message_of({.id = id}))});
    set.add(store::PutDelivery{delivery});
    ASSERT_TRUE(api.store->commit(std::span(&set, 1)));
  }
  api.engine = test::obliging_engine({queue_named("other", 8), queue_named("q", 9)});
  const std::string list = api.send("GET", "/v2/queues").body;
  EXPECT_LT(list.find("\"lag\":0"), list.find("\"lag\":3"));
}

TEST(Queues, SavingGivesTheEngineWhatTheBodyGives) {
  ApiUnderTest api;
  api.engine = test::obliging_engine();
  EXPECT_EQ(api.send("POST", "/v2/queues", {}, R"({"queueName":"q"})").body, "{}");
  EXPECT_EQ(api.send("POST", "/v2/queues", {}, R"({"queueName":"q","parallelism":7,"paused":true})")
                .status,
            200);
  const auto& bare = std::get<engine::SaveQueue>(api.commands.at(0));
  EXPECT_EQ(bare.name, "q");
  EXPECT_FALSE(bare.parallelism || bare.paused || bare.must_exist);
  const auto& full = std::get<engine::SaveQueue>(api.commands.at(1));
  EXPECT_EQ(full.tenant, test::kTenant);
  EXPECT_EQ(full.parallelism, 7);
  EXPECT_EQ(full.paused, true);
}

TEST(Queues, BodiesOfAnotherShapeAreRefused) {
  ApiUnderTest api;
  for (const char* body :
       {"", "[]", "{}", R"({"queueName":1})", R"({"queueName":""})", R"({"queueName":"a b"})",
        R"({"queueName":"q","parallelism":0})", R"({"queueName":"q","parallelism":"2"})",
        R"({"queueName":"q","parallelism":1.5})", R"({"queueName":"q","parallelism":2147483648})",
        R"({"queueName":"q","paused":1})"}) {
    EXPECT_EQ(api.send("POST", "/v2/queues", {}, body).status, 400) << body;
  }
  EXPECT_TRUE(api.commands.empty());
}

TEST(Queues, QuotasOfTheEngineAre412) {
  ApiUnderTest api;
  api.engine = [](const engine::Command&) {
    return Error{ErrorCode::kQuotaExceeded, "quota maxQueues exceeded"};
  };
  EXPECT_EQ(api.send("POST", "/v2/queues", {}, R"({"queueName":"q"})").status, 412);
}

TEST(Queues, PausingAndResumingNeedAQueue) {
  ApiUnderTest api;
  api.engine = test::obliging_engine();
  EXPECT_EQ(api.send("POST", "/v2/queues/q/pause").body, "{}");
  EXPECT_EQ(api.send("POST", "/v2/queues/q/Resume").status, 200);
  const auto& pause = std::get<engine::SaveQueue>(api.commands.at(0));
  EXPECT_TRUE(pause.must_exist);
  EXPECT_EQ(pause.paused, true);
  EXPECT_FALSE(pause.parallelism);
  EXPECT_EQ(std::get<engine::SaveQueue>(api.commands.at(1)).paused, false);
}

TEST(Queues, DeletingOneCancelsItsMessagesAndNoOthers) {
  ApiUnderTest api;
  test::add_delivery(*api.store, {.id = 1, .queue = "q"});
  test::add_delivery(*api.store, {.id = 2, .queue = "other"});
  test::add_delivery(*api.store, {.id = 3, .tenant = test::kOtherTenant, .queue = "q"});
  test::add_delivery(*api.store, {.id = 4, .queue = "q"});
  test::add_delivery(*api.store, {.id = first_id_at(kNow + Duration(1)), .queue = "q"});
  api.engine = test::obliging_engine();
  EXPECT_EQ(api.send("DELETE", "/v2/queues/q").body, "{}");
  ASSERT_EQ(api.commands.size(), 4u);
  EXPECT_EQ(std::get<engine::SaveQueue>(api.commands[0]).paused, true)
      << "nothing starts while it is emptied";
  const auto& drop = std::get<engine::DropNamed>(api.commands[2]);
  EXPECT_EQ(drop.kind, ResourceKind::kQueue);
  EXPECT_EQ(drop.name, "q");
  EXPECT_FALSE(drop.must_exist);
  for (const std::size_t cancel : {1u, 3u}) {
    EXPECT_EQ(std::get<engine::Cancel>(api.commands[cancel]).deliveries,
              (std::vector<DeliveryId>{{1}, {4}}))
        << "a message younger than the call belongs to a queue made anew";
  }
}

TEST(Queues, DeletingOneThatIsNotThereIsFine) {
  ApiUnderTest api;
  api.engine = [](const engine::Command& command) -> engine::Answer {
    if (std::holds_alternative<engine::DropNamed>(command)) return engine::Done{};
    return Error{ErrorCode::kNotFound, "queue q not found"};
  };
  EXPECT_EQ(api.send("DELETE", "/v2/queues/q").body, "{}");
}

TEST(Queues, OneThatCannotBeEmptiedIsNotDropped) {
  ApiUnderTest api;
  api.engine = [](const engine::Command&) { return Error{ErrorCode::kDiskFull, "full"}; };
  EXPECT_EQ(api.send("DELETE", "/v2/queues/q").status, 503);
  EXPECT_EQ(api.commands.size(), 1u);
}

}  // namespace
}  // namespace ferry::api
