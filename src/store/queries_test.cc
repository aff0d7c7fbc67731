#include "store/queries.h"

#include <gtest/gtest.h>

#include "store/test_rows.h"

namespace ferry::store {
namespace {

using namespace test;

// One delivery that has a value for every field a filter looks at.
class Matches : public testing::Test {
 protected:
  bool passes() const { return matches(filter_, delivery_, message_.get()); }

  ListFilter filter_{.tenant = kTenant};
  MessagePtr message_ =
      make_message({.id = MessageId{1}, .labels = {"red", "large"}, .caller_ip = "192.0.2.1"});
  Delivery delivery_ = make_delivery({.id = DeliveryId{1},
                                      .url = "https://Example.com:8443/a/b?q=1",
                                      .group = "group",
                                      .queue = "queue",
                                      .schedule = "schedule"});
};

TEST_F(Matches, AFilterOfTheTenantAlonePassesAllOfIt) {
  EXPECT_TRUE(passes());
  EXPECT_TRUE(matches(filter_, delivery_, nullptr));
}

TEST_F(Matches, ADeliveryOfAnotherTenantNeverPasses) {
  filter_.tenant = kOtherTenant;
  EXPECT_FALSE(passes());
  filter_.tenant = TenantId{};
  EXPECT_FALSE(passes());
}

TEST_F(Matches, EachFieldIsComparedExactly) {
  const auto expect = [&](std::vector<std::string> ListFilter::* field, std::string value,
                          std::vector<std::string> others) {
    (filter_.*field) = {value};
    EXPECT_TRUE(passes()) << value;
    for (const std::string& other : others) {
      (filter_.*field) = {other};
      EXPECT_FALSE(passes()) << other;
      (filter_.*field) = {other, value};
      EXPECT_TRUE(passes()) << other << " or " << value;
    }
    (filter_.*field).clear();
  };
  expect(&ListFilter::urls, "https://Example.com:8443/a/b?q=1",
         {"https://example.com:8443/a/b?q=1", "https://Example.com:8443/a/b", ""});
  expect(&ListFilter::hosts, "example.com:8443", {"example.com", "Example.com:8443", ""});
  expect(&ListFilter::paths, "/a/b", {"/a", "/a/b?q=1", "/a/b/", ""});
  expect(&ListFilter::groups, "group", {"Group", "grou", "group ", ""});
  expect(&ListFilter::queues, "queue", {"group", ""});
  expect(&ListFilter::schedules, "schedule", {"queue", ""});
  expect(&ListFilter::labels, "large", {"blue", "red,large", ""});
  expect(&ListFilter::caller_ips, "192.0.2.1", {"192.0.2.10", "192.0.2", ""});
}

TEST_F(Matches, DeliveriesAreComparedByTheirOwnId) {
  filter_.deliveries = {DeliveryId{2}};
  EXPECT_FALSE(passes());
  filter_.deliveries = {DeliveryId{2}, DeliveryId{1}};
  EXPECT_TRUE(passes());
}

TEST_F(Matches, AllFieldsMustPass) {
  filter_.queues = {"queue"};
  filter_.labels = {"red"};
  EXPECT_TRUE(passes());
  filter_.groups = {"unknown"};
  EXPECT_FALSE(passes());
}

TEST_F(Matches, AnEmptyValueFindsNothingEvenWhereTheFieldIsEmpty) {
  delivery_ = make_delivery({.id = DeliveryId{1}});
  filter_.groups = {""};
  EXPECT_FALSE(passes());
  filter_.groups.clear();
  filter_.queues = {""};
  EXPECT_FALSE(passes());
}

TEST_F(Matches, WithoutTheMessageWhatItWouldTellDoesNotPass) {
  filter_.labels = {"red"};
  EXPECT_FALSE(matches(filter_, delivery_, nullptr));
  filter_.labels.clear();
  filter_.caller_ips = {"192.0.2.1"};
  EXPECT_FALSE(matches(filter_, delivery_, nullptr));
  filter_.caller_ips.clear();
  filter_.queues = {"queue"};
  EXPECT_TRUE(matches(filter_, delivery_, nullptr));
}

TEST_F(Matches, StatesTimesAndStatusesAreTheCallers) {
  filter_.states = state_bit(EventState::kFailed);
  filter_.response_statuses = {418};
  filter_.from = at(1'000'000);
  filter_.to = at(-1'000'000);
  filter_.dead_letters = {DeadLetterId{9}};
  EXPECT_TRUE(passes());
}

}  // namespace
}  // namespace ferry::store
