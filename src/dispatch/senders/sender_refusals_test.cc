// How the errors of each broker are judged: contract section 6, the table at its end.

#include <amqp.h>
#include <amqp_framing.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <nats/nats.h>

#include <vector>

#include "dispatch/senders/kafka_sender.h"
#include "dispatch/senders/native_headers.h"
#include "dispatch/senders/nats_sender.h"
#include "dispatch/senders/push_result.h"
#include "dispatch/senders/rabbitmq_sender.h"
#include "dispatch/senders/redis_sender.h"
#include "dispatch/senders/sender_fixture.h"

namespace ferry::dispatch {
namespace {

TEST(NativeHeaders, NameTheEventItsRequestAndWhereItComesFrom) {
  const Push push = example_push(PushKind::kKafka, "t", Duration{1});
  const HeaderList expected{{"x-fcd-event-id", push.event_id},
                            {"x-fc-request-id", push.request_id},
                            {"x-fcd-lineage", push.lineage},
                            {"traceparent", push.trace.fields().front().value}};
  EXPECT_EQ(native_headers(push), expected);
}

TEST(NativeHeaders, LeaveOutWhatIsEmpty) {
  Push push;
  push.event_id = "e";
  EXPECT_EQ(native_headers(push), (HeaderList{{"x-fcd-event-id", "e"}}));
}

TEST(RedisRefusal, OfAKeyAUserOrAPermissionIsFinal) {
  const std::string type = "WRONGTYPE Operation against a key holding the wrong kind of value";
  EXPECT_EQ(redis_refusal(type), push_refused(400, type));
  EXPECT_EQ(redis_refusal("NOAUTH Authentication required.").kind, OutcomeKind::kNonRetryable);
  EXPECT_EQ(redis_refusal("NOAUTH Authentication required.").status, 401);
  EXPECT_EQ(redis_refusal("ERR Protocol error: unauthenticated multibulk length").status, 401);
  EXPECT_EQ(redis_refusal("WRONGPASS invalid username-password pair").status, 401);
  EXPECT_EQ(redis_refusal("NOPERM this user has no permissions").status, 403);
  EXPECT_EQ(redis_refusal("NOPERM").kind, OutcomeKind::kNonRetryable);
}

TEST(RedisRefusal, OfAServerInAPassingStateIsTriedAgain) {
  for (const std::string text :
       {"LOADING Redis is loading the dataset in memory", "READONLY You can't write",
        "TRYAGAIN Multiple keys request", "CLUSTERDOWN Hash slot not served", "OOM command not",
        "MASTERDOWN Link with MASTER is down", "BUSY Redis is busy", "MOVED 1 h:1",
        "ERR max number of clients reached", "NOPERMANENT"}) {
    EXPECT_EQ(redis_refusal(text), push_failed(503, text));
  }
}

TEST(AmqpRefusal, OfWhatIsMissingForbiddenOrTooLargeIsFinal) {
  EXPECT_EQ(amqp_refusal(AMQP_NO_ROUTE, "NO_ROUTE"), push_refused(404, "NO_ROUTE"));
  EXPECT_EQ(amqp_refusal(AMQP_NOT_FOUND, "x"), push_refused(404, "x"));
  EXPECT_EQ(amqp_refusal(AMQP_ACCESS_REFUSED, "x"), push_refused(403, "x"));
  EXPECT_EQ(amqp_refusal(AMQP_NOT_ALLOWED, "x"), push_refused(403, "x"));
  EXPECT_EQ(amqp_refusal(AMQP_CONTENT_TOO_LARGE, "x"), push_refused(413, "x"));
  EXPECT_EQ(amqp_refusal(AMQP_PRECONDITION_FAILED, "x"), push_refused(413, "x"));
  EXPECT_EQ(amqp_refusal(AMQP_NOT_IMPLEMENTED, "x"), push_refused(400, "x"));
}

TEST(AmqpRefusal, OfABrokerInAPassingStateIsTriedAgain) {
  for (const int code : {AMQP_CONNECTION_FORCED, AMQP_RESOURCE_ERROR, AMQP_RESOURCE_LOCKED,
                         AMQP_INTERNAL_ERROR, AMQP_CHANNEL_ERROR, 999}) {
    EXPECT_EQ(amqp_refusal(static_cast<std::uint16_t>(code), "x"), push_failed(503, "x")) << code;
  }
}

TEST(NatsFailure, OfAPermissionOrASizeIsFinal) {
  EXPECT_EQ(nats_failure(NATS_MAX_PAYLOAD, 0, "x"), push_refused(413, "x"));
  EXPECT_EQ(nats_failure(NATS_CONNECTION_AUTH_FAILED, 0, "x"), push_refused(401, "x"));
  EXPECT_EQ(nats_failure(NATS_NOT_PERMITTED, 0, "x"), push_refused(403, "x"));
  EXPECT_EQ(nats_failure(NATS_INVALID_SUBJECT, 0, "x"), push_refused(400, "x"));
  EXPECT_EQ(nats_failure(NATS_INVALID_ARG, 0, "x"), push_refused(400, "x"));
  EXPECT_EQ(nats_failure(NATS_ERR, JSStreamMessageExceedsMaximumErr, "x"), push_refused(413, "x"));
  EXPECT_EQ(nats_failure(NATS_ERR, JSStreamSealedErr, "x"), push_refused(403, "x"));
}

TEST(NatsFailure, WithoutAStreamIsTriedAgain) {
  EXPECT_EQ(nats_failure(NATS_NO_RESPONDERS, 0, "x"),
            push_failed(503, "x (no stream takes the subject)"));
}

TEST(NatsFailure, OfAServerInAPassingStateIsTriedAgain) {
  EXPECT_EQ(nats_failure(NATS_ERR, JSStreamStoreFailedErr, "x"), push_failed(503, "x"));
  EXPECT_EQ(nats_failure(NATS_ERR, JSInsufficientResourcesErr, "x"), push_failed(503, "x"));
  for (const int status : {NATS_TIMEOUT, NATS_NO_SERVER, NATS_IO_ERROR, NATS_CONNECTION_CLOSED,
                           NATS_STALE_CONNECTION, NATS_SSL_ERROR}) {
    EXPECT_EQ(nats_failure(status, 0, "x"), push_failed(0, "x")) << status;
  }
}

TEST(KafkaFailure, OfATopicAPermissionOrASizeIsFinal) {
  EXPECT_EQ(kafka_failure(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, "x"), push_refused(404, "x"));
  EXPECT_EQ(kafka_failure(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, "x"), push_refused(404, "x"));
  EXPECT_EQ(kafka_failure(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, "x"), push_refused(413, "x"));
  EXPECT_EQ(kafka_failure(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, "x"),
            push_refused(403, "x"));
  EXPECT_EQ(kafka_failure(RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, "x"),
            push_refused(403, "x"));
  EXPECT_EQ(kafka_failure(RD_KAFKA_RESP_ERR__AUTHENTICATION, "x"), push_refused(401, "x"));
  EXPECT_EQ(kafka_failure(RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, "x"),
            push_refused(401, "x"));
  EXPECT_EQ(kafka_failure(RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, "x"), push_refused(400, "x"));
}

TEST(KafkaFailure, OfAClusterInAPassingStateIsTriedAgain) {
  EXPECT_EQ(kafka_failure(RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED, "x"), push_failed(429, "x"));
  EXPECT_EQ(kafka_failure(RD_KAFKA_RESP_ERR__QUEUE_FULL, "x"), push_failed(429, "x"));
  EXPECT_EQ(kafka_failure(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, "x"), push_failed(0, "x"));
  EXPECT_EQ(kafka_failure(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "x"), push_failed(0, "x"));
  for (const int code :
       {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
        RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
        RD_KAFKA_RESP_ERR_UNKNOWN}) {
    EXPECT_EQ(kafka_failure(code, "x"), push_failed(503, "x")) << code;
  }
}

}  // namespace
}  // namespace ferry::dispatch
