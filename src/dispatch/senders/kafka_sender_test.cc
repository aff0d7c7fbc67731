// The Kafka sender against librdkafka's own mock of a cluster, with faults injected.

#include "dispatch/senders/kafka_sender.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <array>
#include <memory>
#include <set>

#include "base/check.h"
#include "dispatch/senders/push_result.h"
#include "dispatch/senders/sender_fixture.h"

namespace ferry::dispatch {
namespace {

constexpr Duration kLong = std::chrono::seconds(30);
constexpr const char* kTopic = "fc.results";
// Kafka protocol guide, API keys.
constexpr std::int16_t kProduce = 0;
constexpr std::int16_t kInitProducerId = 22;

struct Destroy {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
  void operator()(rd_kafka_mock_cluster_t* cluster) const {
    rd_kafka_mock_cluster_destroy(cluster);
  }
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
};
template <class T>
using Owned = std::unique_ptr<T, Destroy>;

Owned<rd_kafka_t> client(rd_kafka_type_t type, const Connection* connection) {
  std::array<char, 512> text{};
  rd_kafka_conf_t* const settings = rd_kafka_conf_new();
  const auto set = [&](const char* name, const std::string& value) {
    CHECK(rd_kafka_conf_set(settings, name, value.c_str(), text.data(), text.size()) ==
          RD_KAFKA_CONF_OK);
  };
  if (connection != nullptr) set("bootstrap.servers", connection->address);
  if (type == RD_KAFKA_CONSUMER) set("group.id", "test");
  rd_kafka_conf_set_log_cb(settings, nullptr);
  Owned<rd_kafka_t> made(rd_kafka_new(type, settings, text.data(), text.size()));
  CHECK(made != nullptr);
  return made;
}

class Cluster {
 public:
  explicit Cluster(int brokers = 3)
      : brokers_(brokers),
        host_(client(RD_KAFKA_PRODUCER, nullptr)),
        mock_(rd_kafka_mock_cluster_new(host_.get(), brokers)) {
    CHECK(rd_kafka_mock_topic_create(mock_.get(), kTopic, 1, brokers) ==
          RD_KAFKA_RESP_ERR_NO_ERROR);
  }

  Connection connection() const {
    Connection connection;
    connection.name = "mock";
    connection.kind = PushKind::kKafka;
    connection.address = rd_kafka_mock_cluster_bootstraps(mock_.get());
    return connection;
  }

  void fail_next(std::int16_t api_key, rd_kafka_resp_err_t error) {
    rd_kafka_mock_push_request_errors_array(mock_.get(), api_key, 1, &error);
  }
  void set_topic_error(const char* topic, rd_kafka_resp_err_t error) {
    rd_kafka_mock_topic_set_error(mock_.get(), topic, error);
  }
  void set_down() {
    for (int id = 1; id <= brokers_; ++id) rd_kafka_mock_broker_set_down(mock_.get(), id);
  }
  void set_up() {
    for (int id = 1; id <= brokers_; ++id) rd_kafka_mock_broker_set_up(mock_.get(), id);
  }

  // The record at the beginning of the topic.
  Owned<rd_kafka_message_t> first_record() {
    const Connection here = connection();
    reader_ = client(RD_KAFKA_CONSUMER, &here);
    const Owned<rd_kafka_topic_partition_list_t> from(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(from.get(), kTopic, 0)->offset = 0;
    rd_kafka_assign(reader_.get(), from.get());
    return Owned<rd_kafka_message_t>(
        rd_kafka_consumer_poll(reader_.get(), static_cast<int>(kLong.count())));
  }

 private:
  const int brokers_;
  Owned<rd_kafka_t> host_;
  Owned<rd_kafka_mock_cluster_t> mock_;
  Owned<rd_kafka_t> reader_;
};

std::string header_of(const rd_kafka_message_t& message, const char* name) {
  rd_kafka_headers_t* headers = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
      rd_kafka_header_get_last(headers, name, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return "missing";
  }
  return {static_cast<const char*>(value), size};
}

Push a_push(Duration timeout = kLong) { return example_push(PushKind::kKafka, kTopic, timeout); }

TEST(KafkaSender, TheRecordHasBodyKeyTimeAndHeaders) {
  Cluster cluster;
  SenderBed bed;
  KafkaSender sender(cluster.connection());
  const Push push = a_push();
  const PushResult result = bed.send(sender, push);
  EXPECT_EQ(result, push_delivered(200, "0 0"));

  const auto record = cluster.first_record();
  ASSERT_NE(record, nullptr);
  ASSERT_EQ(record->err, RD_KAFKA_RESP_ERR_NO_ERROR);
  EXPECT_EQ(std::string_view(static_cast<char*>(record->payload), record->len), push.body.view());
  EXPECT_EQ(std::string_view(static_cast<char*>(record->key), record->key_len), push.request_id);
  EXPECT_EQ(rd_kafka_message_timestamp(record.get(), nullptr), to_unix_ms(push.created_at));
  EXPECT_EQ(header_of(*record, "x-fcd-event-id"), push.event_id);
  EXPECT_EQ(header_of(*record, "x-fc-request-id"), push.request_id);
  EXPECT_EQ(header_of(*record, "x-fcd-lineage"), push.lineage);
  EXPECT_EQ(header_of(*record, "traceparent"), *push.trace.find("traceparent"));
}

TEST(KafkaSender, ManyPushesAreUnderWayAtOnce) {
  constexpr int kPushes = 200;
  Cluster cluster;
  SenderBed bed;
  KafkaSender sender(cluster.connection());
  for (int i = 0; i < kPushes; ++i) bed.start(sender, a_push());
  std::set<std::string> answers;
  for (const PushResult& result : bed.run()) {
    EXPECT_EQ(result.kind, OutcomeKind::kDelivered) << result;
    answers.insert(result.answer);
  }
  EXPECT_EQ(answers.size(), kPushes);
}

TEST(KafkaSender, AnErrorThatPassesIsMasteredWithinThePush) {
  Cluster cluster;
  SenderBed bed;
  KafkaSender sender(cluster.connection());
  cluster.fail_next(kProduce, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS);
  EXPECT_EQ(bed.send(sender, a_push()).kind, OutcomeKind::kDelivered);
}

TEST(KafkaSender, WhatTheBrokerRefusesForGoodIsFinal) {
  Cluster cluster;
  SenderBed bed;
  KafkaSender sender(cluster.connection());
  cluster.fail_next(kProduce, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  const PushResult forbidden = bed.send(sender, a_push());
  EXPECT_EQ(forbidden.kind, OutcomeKind::kNonRetryable) << forbidden;
  EXPECT_EQ(forbidden.status, 403);
  EXPECT_EQ(forbidden.error, "Broker: Topic authorization failed");

  cluster.fail_next(kProduce, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  const PushResult large = bed.send(sender, a_push());
  EXPECT_EQ(large.kind, OutcomeKind::kNonRetryable) << large;
  EXPECT_EQ(large.status, 413);
}

TEST(KafkaSender, AMissingTopicIsFinalAfterItsGraceAndNotForLonger) {
  Cluster cluster;
  SenderBed bed;
  KafkaSender sender(cluster.connection());
  cluster.set_topic_error(kTopic, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  const PushResult missing = bed.send(sender, a_push(std::chrono::seconds(3)));
  EXPECT_EQ(missing.kind, OutcomeKind::kNonRetryable) << missing;
  EXPECT_EQ(missing.status, 404);

  cluster.set_topic_error(kTopic, RD_KAFKA_RESP_ERR_NO_ERROR);
  EXPECT_EQ(bed.send(sender, a_push()).kind, OutcomeKind::kDelivered);
}

TEST(KafkaSender, GoesOnWhenTheClusterIsBack) {
  Cluster cluster;
  SenderBed bed;
  KafkaSender sender(cluster.connection());
  ASSERT_EQ(bed.send(sender, a_push()).kind, OutcomeKind::kDelivered);
  cluster.set_down();
  const PushResult down = bed.send(sender, a_push());
  EXPECT_EQ(down.kind, OutcomeKind::kFailed) << down;
  EXPECT_EQ(down.status, 0);
  cluster.set_up();
  EXPECT_EQ(bed.send(sender, a_push()).kind, OutcomeKind::kDelivered);
}

TEST(KafkaSender, AFatalErrorOfTheProducerConcernsOnlyWhatIsUnderWay) {
  Cluster cluster;
  SenderBed bed;
  KafkaSender sender(cluster.connection());
  cluster.fail_next(kInitProducerId, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED);
  const PushResult refused = bed.send(sender, a_push());
  EXPECT_NE(refused.kind, OutcomeKind::kDelivered) << refused;
  EXPECT_EQ(bed.send(sender, a_push()).kind, OutcomeKind::kDelivered);
}

TEST(KafkaSender, ItsEndEndsWhatIsUnderWay) {
  Cluster cluster;
  SenderBed bed;
  auto sender = std::make_unique<KafkaSender>(cluster.connection());
  cluster.set_topic_error(kTopic, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  bed.start(*sender, a_push());
  bed.run_ready();
  sender.reset();
  EXPECT_EQ(bed.run().front(), push_failed(503, "the sender was stopped"));
}

}  // namespace
}  // namespace ferry::dispatch
