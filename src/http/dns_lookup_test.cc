#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <optional>
#include <set>

#include "http/name_lookup.h"
#include "http/scripted_nameserver.h"

namespace ferry::http {
namespace {

using Addresses = NameLookup::Addresses;

struct DnsLookupTest : testing::Test {
  using Wait = std::shared_ptr<std::optional<Result<Addresses>>>;

  Wait start(const std::string& host) {
    auto wait = std::make_shared<std::optional<Result<Addresses>>>();
    lookup.start(host, [wait](Result<Addresses> answer) { *wait = std::move(answer); });
    EXPECT_FALSE(wait->has_value()) << "answered within start()";
    return wait;
  }

  Result<Addresses> finish(const Wait& wait) {
    io.restart();
    while (!*wait && io.run_one() != 0) {
    }
    return wait->value_or(fail(ErrorCode::kInternal, "no answer"));
  }

  Result<Addresses> find(const std::string& host) { return finish(start(host)); }

  asio::io_context io;
  ScriptedNameserver nameserver{io};
  NameLookup lookup = *make_dns_lookup(io, {.nameservers = {nameserver.address()}});
};

TEST_F(DnsLookupTest, AsksTheNameserver) {
  nameserver.names["a.example"] = {.addresses = {"192.0.2.1", "192.0.2.2"}};
  const auto found = find("a.example");
  ASSERT_TRUE(found.has_value()) << found.error().text;
  EXPECT_EQ(std::set(found->begin(), found->end()),
            (std::set<std::string>{"192.0.2.1", "192.0.2.2"}));
  EXPECT_EQ(nameserver.asked, std::vector<std::string>{"a.example"});
}

TEST_F(DnsLookupTest, ANameThatDoesNotExistIsAFailureOfTheName) {
  const auto found = find("b.example");
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().code, ErrorCode::kDnsFailed);
  EXPECT_TRUE(found.error().text.starts_with("cannot resolve b.example: ")) << found.error().text;
}

TEST_F(DnsLookupTest, AFailingServerIsAFailureOfTheName) {
  nameserver.names["a.example"] = {.fails = true};
  EXPECT_EQ(find("a.example").error().code, ErrorCode::kDnsFailed);
}

TEST_F(DnsLookupTest, AnAnswerTooLargeForUdpIsAskedForOverTcp) {
  nameserver.names["large.example"] = {.addresses = {"192.0.2.7"}, .only_over_tcp = true};
  EXPECT_EQ(find("large.example"), Addresses{"192.0.2.7"});
  EXPECT_GE(nameserver.over_tcp, 1);
}

TEST_F(DnsLookupTest, NamesThatAreNeverAnsweredDelayNoOther) {
  std::vector<Wait> silent;
  for (int i = 0; i < 1000; ++i) {
    const std::string name = "silent" + std::to_string(i) + ".example";
    nameserver.names[name] = {.silent = true};
    silent.push_back(start(name));
    io.restart();
    io.poll();  // a server's buffer does not hold all queries at once
  }
  nameserver.names["a.example"] = {.addresses = {"192.0.2.1"}};
  EXPECT_EQ(find("a.example"), Addresses{"192.0.2.1"});
  for (const Wait& wait : silent) EXPECT_FALSE(wait->has_value());
}

TEST_F(DnsLookupTest, ReadsTheHostsFileFirst) {
  const auto found = find("localhost");
  ASSERT_TRUE(found.has_value()) << found.error().text;
  EXPECT_TRUE(found->front() == "127.0.0.1" || found->front() == "::1") << found->front();
  EXPECT_TRUE(nameserver.asked.empty());
}

TEST_F(DnsLookupTest, KnowsTheSpellingsOfAddressesThatTheSystemKnows) {
  for (const char* host : {"127.0.0.1", "127.1", "0x7f.1", "2130706433"})
    EXPECT_EQ(find(host), Addresses{"127.0.0.1"}) << host;
  EXPECT_TRUE(nameserver.asked.empty());
}

TEST_F(DnsLookupTest, TheLocalPortOfQueriesChanges) {
  for (int i = 0; i < 1100; ++i) {
    const std::string name = "n" + std::to_string(i) + ".example";
    nameserver.names[name] = {.addresses = {"192.0.2.1"}};
    ASSERT_TRUE(find(name).has_value());
  }
  const std::set<std::uint16_t> ports(nameserver.askers.begin(), nameserver.askers.end());
  EXPECT_GE(ports.size(), 3u);
}

TEST_F(DnsLookupTest, MayEndWhileLookupsRun) {
  nameserver.names["silent.example"] = {.silent = true};
  const Wait wait = start("silent.example");
  io.poll();
  lookup = {};
  io.restart();
  io.poll();
  EXPECT_FALSE(wait->has_value());
}

TEST(DnsLookup, NamesABadNameserver) {
  asio::io_context io;
  const auto made = make_dns_lookup(io, {.nameservers = {"nowhere"}});
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().code, ErrorCode::kInvalidRequest);
  EXPECT_TRUE(made.error().text.contains("nowhere"));
}

}  // namespace
}  // namespace ferry::http
