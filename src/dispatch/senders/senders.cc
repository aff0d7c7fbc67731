#include "dispatch/senders/senders.h"

#include "base/random.h"
#include "dispatch/senders/eventbridge_sender.h"
#include "dispatch/senders/http_sender.h"
#include "dispatch/senders/kafka_sender.h"
#include "dispatch/senders/mns_sender.h"
#include "dispatch/senders/nats_sender.h"
#include "dispatch/senders/rabbitmq_sender.h"
#include "dispatch/senders/redis_sender.h"
#include "dispatch/senders/sqs_sender.h"

namespace ferry::dispatch {

Result<std::unique_ptr<Sender>> make_sender([[maybe_unused]] asio::io_context& io,
                                            http::Client& client, const Connection& connection,
                                            std::uint64_t seed) {
  switch (connection.kind) {
    case PushKind::kHttp:
      return make_http_sender(client, connection, seed);
    case PushKind::kFunction:
      break;
    case PushKind::kMns:
      return make_mns_sender(client, connection);
    case PushKind::kEventBridge:
      return make_eventbridge_sender(client, connection, seed);
    case PushKind::kRocketMq:
      break;
    case PushKind::kKafka:
      return std::make_unique<KafkaSender>(connection);
    case PushKind::kRabbitMq:
      return std::make_unique<RabbitMqSender>(connection);
    case PushKind::kNats:
      return std::make_unique<NatsSender>(connection);
    case PushKind::kRedis:
      return std::make_unique<RedisSender>(connection);
    case PushKind::kSqs:
      return make_sqs_sender(client, connection);
  }
  return fail(ErrorCode::kInvalidRequest, "connection \"" + connection.name +
                                              "\": a push to its kind needs no connection");
}

MakeSender sender_maker(asio::io_context& io, http::Client& client) {
  return [&io, &client](const Connection& connection) {
    return make_sender(io, client, connection, random_seed());
  };
}

}  // namespace ferry::dispatch
