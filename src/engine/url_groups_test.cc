#include <gtest/gtest.h>

#include <set>

#include "domain/url_group.h"
#include "engine/engine_fixture.h"

namespace ferry::engine {
namespace {

class GroupTest : public EngineTest {
 protected:
  SaveEndpoints endpoints(std::vector<Endpoint> given) {
    return {next_caller(), tenant_id, "g", std::move(given)};
  }
  void make_group() {
    apply(endpoints({{"first", "https://a.test/"}, {"", "https://b.test/"}}));
    take_answer<Done>();
  }
  static Item to_group() { return {.url = "", .group = "g"}; }
  UrlGroup group() {
    apply(ReadResources{next_caller(), tenant_id, ResourceKind::kUrlGroup, "g"});
    return *std::get<UrlGroupPtr>(take_answer<ResourceList>().resources.at(0).resource);
  }
};

TEST_F(GroupTest, EveryEndpointGetsADeliveryOfTheSameMessage) {
  make_group();
  const auto ids = accept_all({to_group()});
  ASSERT_EQ(ids.size(), 2u);
  const auto running = take_starts();
  ASSERT_EQ(running.size(), 2u);
  EXPECT_EQ(running[0].message, running[1].message);
  EXPECT_EQ(running[0].delivery.to->endpoint_name, "first");
  EXPECT_EQ(running[1].delivery.to->target.url, "https://b.test/");
  EXPECT_EQ(running[1].delivery.to->group_name, "g");
}

TEST_F(GroupTest, TheContentStaysUntilTheLastDeliveryEnds) {
  make_group();
  const auto ids = accept_all({to_group()});
  const auto running = take_starts();
  apply(succeeded(running[0]));
  EXPECT_EQ(row(ids[0]), std::nullopt);
  ASSERT_TRUE(row(ids[1]));
  restart();
  step();
  settle();
  const StartAttempt again = take_start();
  EXPECT_EQ(again.message->body.view(), "hello");
  apply(succeeded(again));
  EXPECT_EQ(store.dump().find("\nmessage "), std::string::npos);
}

TEST_F(GroupTest, AnUnknownGroupIsNoDestination) {
  apply(publish(to_group()));
  EXPECT_EQ(take_answer<Error>().code, ErrorCode::kInvalidDestination);
}

TEST_F(GroupTest, ItsDefaultsAreWeakerThanThePublish) {
  make_group();
  apply(SaveGroupDefaults{.reply = next_caller(),
                          .tenant = tenant_id,
                          .group = "g",
                          .headers = {},
                          .defaults = {.method = Method::kPut, .max_retries = 7}});
  Item item = to_group();
  item.options.max_retries = 1;
  accept_all({item});
  const auto running = take_starts();
  EXPECT_EQ(running.at(0).message->method, Method::kPut);
  EXPECT_EQ(running.at(0).message->max_retries, 1);
}

TEST_F(GroupTest, ADuplicateReturnsTheWholeFanOut) {
  make_group();
  Item item = to_group();
  item.dedup = "once";
  const auto first = accept_all({item});
  apply(publish(item));
  settle();
  const Published again = take_answer<Published>();
  ASSERT_EQ(again.items.at(0).deliveries.size(), 2u);
  EXPECT_EQ(again.items[0].deliveries[1].id, first[1]);
  EXPECT_TRUE(again.items[0].deliveries[1].deduplicated);
  EXPECT_TRUE(again.items[0].to_group);
}

TEST_F(GroupTest, EndpointsAreReplacedByNameAndByUrl) {
  make_group();
  apply(endpoints({{"first", "https://new.test/"}, {"second", "https://b.test/"}}));
  EXPECT_EQ(group().endpoints,
            (std::vector<Endpoint>{{"first", "https://new.test/"}, {"second", "https://b.test/"}}));
}

TEST_F(GroupTest, GoesWithItsLastEndpoint) {
  make_group();
  apply(RemoveEndpoints{next_caller(), tenant_id, "g", {{"first", ""}}});
  EXPECT_EQ(group().endpoints.size(), 1u);
  apply(RemoveEndpoints{next_caller(), tenant_id, "g", {{"", "https://b.test/"}}});
  take_answer<Done>();
  apply(ReadResources{next_caller(), tenant_id, ResourceKind::kUrlGroup, "g"});
  EXPECT_EQ(take_answer<Error>().code, ErrorCode::kNotFound);
}

TEST_F(GroupTest, GoesIntoAQueueInTheOrderOfItsEndpoints) {
  make_group();
  Item item = to_group();
  item.options.queue_name = "q";
  const auto ids = accept_all({item});
  const StartAttempt first = take_start();
  EXPECT_EQ(first.delivery.id, ids.at(0));
  apply(succeeded(first));
  EXPECT_EQ(take_start().delivery.id, ids.at(1));
}

TEST_F(GroupTest, IsRememberedAcrossARestart) {
  make_group();
  restart();
  EXPECT_EQ(accept_all({to_group()}).size(), 2u);
}

}  // namespace
}  // namespace ferry::engine
