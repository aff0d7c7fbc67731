#include "dispatch/senders/senders.h"

#include <utility>

#include "dispatch/senders/eventbridge_sender.h"
#include "dispatch/senders/http_sender.h"
#include "dispatch/senders/kafka_sender.h"
#include "dispatch/senders/mns_sender.h"
#include "dispatch/senders/nats_sender.h"
#include "dispatch/senders/rabbitmq_sender.h"
#include "dispatch/senders/redis_sender.h"
#include "dispatch/senders/rocketmq_sender.h"
#include "dispatch/senders/sqs_sender.h"

namespace ferry::dispatch {

Result<std::unique_ptr<Sender>> make_sender(const SenderParts& parts, Connection connection) {
  switch (connection.kind) {
    case PushKind::kHttp:
      return make_http_sender(parts.client, std::move(connection), parts.seed);
    case PushKind::kMns:
      return make_mns_sender(parts.operator_client, std::move(connection));
    case PushKind::kEventBridge:
      return make_eventbridge_sender(parts.operator_client, std::move(connection), parts.seed);
    case PushKind::kRocketMq:
      return make_rocketmq_sender(parts.io, std::move(connection), parts.metrics, parts.names);
    case PushKind::kSqs:
      return make_sqs_sender(parts.operator_client, std::move(connection));
    case PushKind::kKafka:
      return std::make_unique<KafkaSender>(std::move(connection));
    case PushKind::kRabbitMq:
      return std::make_unique<RabbitMqSender>(std::move(connection));
    case PushKind::kNats:
      return std::make_unique<NatsSender>(std::move(connection));
    case PushKind::kRedis:
      return std::make_unique<RedisSender>(std::move(connection));
    case PushKind::kFunction:
      break;
  }
  return fail(ErrorCode::kInvalidRequest, "a function is invoked, it has no connection");
}

}  // namespace ferry::dispatch
