#include "domain/url_group.h"

#include <gtest/gtest.h>

#include <ostream>

namespace ferry {

void PrintTo(const Endpoint& endpoint, std::ostream* out) {
  *out << endpoint.name << "=" << endpoint.url;
}

namespace {

using Endpoints = std::vector<Endpoint>;

Endpoints upserted(Endpoints endpoints, const Endpoints& changes) {
  upsert_endpoints(endpoints, changes);
  return endpoints;
}

Endpoints without(Endpoints endpoints, const Endpoints& which) {
  remove_endpoints(endpoints, which);
  return endpoints;
}

TEST(UrlGroup, UnknownEndpointsAreAppendedInOrder) {
  EXPECT_EQ(upserted({{"a", "https://1"}}, {{"", "https://2"}, {"c", "https://3"}}),
            (Endpoints{{"a", "https://1"}, {"", "https://2"}, {"c", "https://3"}}));
}

TEST(UrlGroup, TheSameNameTakesTheNewUrl) {
  EXPECT_EQ(upserted({{"a", "https://1"}, {"b", "https://2"}}, {{"a", "https://9"}}),
            (Endpoints{{"a", "https://9"}, {"b", "https://2"}}));
}

TEST(UrlGroup, TheSameUrlTakesTheNewNameAndKeepsItsOwnWithoutOne) {
  EXPECT_EQ(upserted({{"a", "https://1"}}, {{"b", "https://1"}}), (Endpoints{{"b", "https://1"}}));
  EXPECT_EQ(upserted({{"a", "https://1"}}, {{"", "https://1"}}), (Endpoints{{"a", "https://1"}}));
}

TEST(UrlGroup, ChangesSeeTheOnesBeforeThem) {
  EXPECT_EQ(upserted({}, {{"a", "https://1"}, {"a", "https://2"}}),
            (Endpoints{{"a", "https://2"}}));
}

TEST(UrlGroup, EndpointsAreRemovedByNameByUrlOrByBoth) {
  const Endpoints all = {{"a", "https://1"}, {"", "https://2"}, {"c", "https://3"}};
  EXPECT_EQ(without(all, {{"a", ""}}), (Endpoints{{"", "https://2"}, {"c", "https://3"}}));
  EXPECT_EQ(without(all, {{"", "https://2"}}), (Endpoints{{"a", "https://1"}, {"c", "https://3"}}));
  EXPECT_EQ(without(all, {{"c", "https://3"}}), (Endpoints{{"a", "https://1"}, {"", "https://2"}}));
  EXPECT_EQ(without(all, {{"a", "https://3"}}), all);
  EXPECT_EQ(without(all, {{"x", ""}, {"", "https://9"}}), all);
}

TEST(UrlGroup, AnEndpointThatNamesNothingRemovesNothing) {
  const Endpoints all = {{"", "https://2"}};
  EXPECT_EQ(without(all, {{"", ""}}), all);
}

}  // namespace
}  // namespace ferry
