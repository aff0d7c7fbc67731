#include "app/connection_settings.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace ferry::app {
namespace {

using dispatch::Connection;

std::string error_of(const SettingTexts& texts) {
  const auto connections = read_connections(texts);
  return connections ? "no error" : connections.error().text;
}

Connection read_one(const SettingTexts& texts) {
  const auto connections = read_connections(texts);
  EXPECT_TRUE(connections) << connections.error().text;
  if (!connections || connections->size() != 1) return {};
  return connections->front();
}

class SecretFile {
 public:
  explicit SecretFile(const std::string& content) {
    path_ = (std::filesystem::temp_directory_path() / "ferry-secret-XXXXXX").string();
    const int descriptor = ::mkstemp(path_.data());
    EXPECT_GE(descriptor, 0);
    ::close(descriptor);
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~SecretFile() { std::filesystem::remove(path_); }
  SecretFile(const SecretFile&) = delete;
  SecretFile& operator=(const SecretFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(ConnectionSettings, EveryFieldHasItsPlace) {
  Connection expected;
  expected.name = "orders.eu-1";
  expected.kind = PushKind::kRabbitMq;
  expected.address = "a:1,b:2";
  expected.user = "u";
  expected.secret = "p,q=r";
  expected.token = "t";
  expected.tls = true;
  expected.ca_file = "ca.pem";
  expected.body_bytes_max = 2048;
  expected.options["vhost"] = "/orders";
  EXPECT_EQ(read_one({"orders.eu-1/kind=amqp", "orders.eu-1/address=a:1,b:2", "orders.eu-1/user=u",
                      "orders.eu-1/secret=p,q=r", "orders.eu-1/token=t", "orders.eu-1/tls=true",
                      "orders.eu-1/ca_file=ca.pem", "orders.eu-1/body_bytes_max=2KB",
                      "orders.eu-1/vhost=/orders"}),
            expected);
}

TEST(ConnectionSettings, OneTextMayHoldThemAll) {
  const auto connections = read_connections(
      {"b/kind=kafka, b/address=h:1,[::1]:2,a/kind=nats,a/address=n, a/secret=x,y=/z,"});
  ASSERT_TRUE(connections) << connections.error().text;
  ASSERT_EQ(connections->size(), 2u);
  EXPECT_EQ(connections->at(0).name, "a");
  EXPECT_EQ(connections->at(0).secret, "x,y=/z");
  EXPECT_EQ(connections->at(1).address, "h:1,[::1]:2");
}

TEST(ConnectionSettings, ThereMayBeNone) {
  EXPECT_EQ(read_connections({}), std::vector<Connection>{});
  EXPECT_EQ(read_connections({""}), std::vector<Connection>{});
}

TEST(ConnectionSettings, ASecretMayBeInAFile) {
  const SecretFile file("s,3cret \r\n");
  EXPECT_EQ(read_one({"r/kind=redis,r/address=h,r/secret_file=" + file.path()}).secret, "s,3cret ");
}

TEST(ConnectionSettings, ASecretFileIsReadableAloneAndNotEmpty) {
  const std::string start = "r/kind=redis,r/address=h,r/secret_file=";
  const SecretFile empty("\n");
  for (const std::string& path : {std::string("/nowhere/secret"), std::string("/"), empty.path()}) {
    EXPECT_EQ(error_of({start + path}), "r: secret_file: " + path + " is empty or cannot be read");
  }
  EXPECT_EQ(error_of({start + empty.path() + ",r/secret=s"}),
            "r: secret_file: there is a secret already");
}

TEST(ConnectionSettings, ErrorsNameTheConnectionAndTheField) {
  const std::string kinds =
      "o: kind: expected one of mns, eventbridge, rocketmq, kafka, amqp, nats, redis, sqs";
  EXPECT_EQ(error_of({"o/address=h"}), kinds);
  EXPECT_EQ(error_of({"o/kind=http"}), kinds);
  EXPECT_EQ(error_of({"o/kind=kafka"}), "o: address: it is missing");
  EXPECT_EQ(error_of({"o/kind=kafka,o/address=h,o/topic=t"}), "o: topic: kafka has no such field");
  EXPECT_EQ(error_of({"o/kind=kafka,o/kind=nats"}), "o: kind: given twice");
  EXPECT_EQ(error_of({"o/kind=nats,o/address=h,o/tls=maybe"}),
            "o: tls: expected true or false, got 'maybe'");
  EXPECT_EQ(error_of({"o/kind=nats,o/address=h,o/body_bytes_max=0"}),
            "o: body_bytes_max: expected a size from 1 to 67108864 bytes");
  EXPECT_EQ(error_of({"o/kind=redis,o/address=h,o/tls=true"}),
            "o: tls: not supported for redis; put a TLS tunnel in front of it");
}

TEST(ConnectionSettings, WhatIsNoEntryIsNotShownAsItMayHoldASecret) {
  for (const std::string text : {"s3cret", "/kind=kafka", "o/=s3cret", "o=s3cret", "a b/kind=x"}) {
    EXPECT_EQ(error_of({text}), "expected name/field=value") << text;
  }
}

TEST(ConnectionSettings, NamesThatArnsUseHaveTheirOwnKind) {
  EXPECT_EQ(error_of({"mns/kind=kafka,mns/address=h"}),
            "mns: kind: ARNs use a connection of this name, so it must be mns");
  EXPECT_EQ(error_of({"eventbridge/kind=mns,eventbridge/address=https://h"}),
            "eventbridge: kind: ARNs use a connection of this name, so it must be eventbridge");
  EXPECT_EQ(read_one({"mns/kind=mns,mns/address=https://h"}).kind, PushKind::kMns);
}

}  // namespace
}  // namespace ferry::app
