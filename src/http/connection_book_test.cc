#include "http/connection_book.h"

#include <gtest/gtest.h>

#include <deque>

namespace ferry::http {
namespace {

using std::chrono::seconds;

const Party kAddress = Party::of_address("10.0.0.1");
const Party kOtherAddress = Party::of_address("10.0.0.2");
const Party kCaller = Party::of_caller(1);

class OpenConnection : public ConnectionBook::Entry {};

class ConnectionBooks : public ::testing::Test {
 protected:
  OpenConnection& open(const Party& party) {
    OpenConnection& entry = entries_.emplace_back();
    book_.add(entry, party);
    return entry;
  }
  OpenConnection& open_waiting(const Party& party, int since) {
    OpenConnection& entry = open(party);
    book_.set_waiting(entry, at(since));
    return entry;
  }
  static SteadyTime at(int second) { return SteadyTime(seconds(1000 + second)); }

  ConnectionBook book_;
  std::deque<OpenConnection> entries_;
};

TEST_F(ConnectionBooks, CountsByParty) {
  OpenConnection& first = open(kAddress);
  open(kAddress);
  open(kCaller);
  EXPECT_EQ(book_.count(kAddress), 2u);
  EXPECT_EQ(book_.count(kOtherAddress), 0u);
  EXPECT_EQ(book_.callers(), 1u);
  book_.move(first, kCaller);
  EXPECT_EQ(book_.count(kAddress), 1u);
  EXPECT_EQ(book_.count(kCaller), 2u);
  book_.remove(first);
  book_.remove(first);
  EXPECT_EQ(book_.size(), 2u);
  EXPECT_FALSE(first.is_in_book());
}

TEST_F(ConnectionBooks, BusyConnectionsAreNotDispensable) {
  OpenConnection& busy = open(kAddress);
  EXPECT_EQ(book_.find_dispensable(at(10), seconds(0)), nullptr);
  book_.set_waiting(busy, at(0));
  EXPECT_EQ(book_.find_dispensable(at(10), seconds(0)), &busy);
  book_.set_busy(busy);
  EXPECT_EQ(book_.find_dispensable(at(10), seconds(0)), nullptr);
  EXPECT_EQ(book_.find_waiting(kAddress), nullptr);
}

TEST_F(ConnectionBooks, TheLongestWaitOfTheLargestPartyIsDispensable) {
  open_waiting(kOtherAddress, 0);
  OpenConnection& oldest = open_waiting(kAddress, 1);
  for (int i = 2; i < 10; ++i) open_waiting(kAddress, i);
  EXPECT_EQ(book_.find_dispensable(at(20), seconds(0)), &oldest);
  book_.set_waiting(oldest, at(15));  // it made a request
  EXPECT_NE(book_.find_dispensable(at(20), seconds(0)), &oldest);
  EXPECT_EQ(book_.find_waiting(kAddress), book_.find_dispensable(at(20), seconds(0)));
}

TEST_F(ConnectionBooks, CallersWeighLessThanStrangers) {
  for (int i = 0; i < 12; ++i) open_waiting(kCaller, 0);
  OpenConnection& stranger = open_waiting(kAddress, 1);
  open_waiting(kAddress, 2);
  EXPECT_EQ(book_.find_dispensable(at(20), seconds(0)), &stranger);
  for (int i = 0; i < 50; ++i) open_waiting(kCaller, 0);
  EXPECT_EQ(book_.find_dispensable(at(20), seconds(0)), book_.find_waiting(kCaller));
}

TEST_F(ConnectionBooks, OneThatHasJustComeIsNotDispensableYet) {
  open_waiting(kAddress, 19);
  EXPECT_EQ(book_.find_dispensable(at(20), seconds(2)), nullptr);
  OpenConnection& old = open_waiting(kOtherAddress, 0);
  EXPECT_EQ(book_.find_dispensable(at(20), seconds(2)), &old);
}

TEST_F(ConnectionBooks, KeepsItsOrderWhileConnectionsComeAndGo) {
  std::deque<OpenConnection*> open_ones;
  for (int i = 0; i < 1000; ++i) {
    const Party party = Party::of_caller(static_cast<std::uint64_t>(i % 7));
    open_ones.push_back(&open_waiting(party, i));
    if (i % 3 == 0) book_.set_busy(*open_ones.back());
    if (i % 5 == 0) book_.move(*open_ones.back(), kAddress);
    if (i % 2 == 0) {
      book_.remove(*open_ones.front());
      open_ones.pop_front();
    }
  }
  EXPECT_EQ(book_.size(), open_ones.size());
  while (auto* entry = book_.find_dispensable(at(2000), seconds(0))) book_.remove(*entry);
  for (OpenConnection* entry : open_ones) book_.remove(*entry);
  EXPECT_EQ(book_.size(), 0u);
  EXPECT_EQ(book_.callers(), 0u);
}

}  // namespace
}  // namespace ferry::http
