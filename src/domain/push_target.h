#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ferry {

// The systems that a result can be pushed to (Function Compute contract, sections 5 and 6). Stored:
// never change these numbers.
enum class PushKind : std::uint8_t {
  kHttp = 1,
  kFunction = 2,
  kMns = 3,
  kEventBridge = 4,
  kRocketMq = 5,
  kKafka = 6,
  kRabbitMq = 7,
  kNats = 8,
  kRedis = 9,
  kSqs = 10,
};

std::string_view push_kind_name(PushKind kind);  // "http" … "sqs", as in connection URLs

// A destination of results, read from its text. Two families of texts:
//
//   ARNs (contract section 4.4), region and account may be empty, meaning "mine":
//     acs:mns:{region}:{uid}:/queues/{q}/messages          queue of the connection "mns"
//     acs:mns:{region}:{uid}:/topics/{t}/messages
//     acs:fc:{region}:{uid}:services/{s}[.{qualifier}]/functions/{f}
//     acs:fc:{region}:{uid}:functions/{f}[/{qualifier}]
//     acs:eventbridge:{region}:{uid}:eventbus/{bus}
//     acs:mq:{region}:{uid}:/instances/{instance}/topic/{topic}
//   URLs, whose host names a connection, never an address or a credential:
//     kafka://{connection}/{topic}      amqp://{connection}/{exchange}/{routing key}
//     nats://{connection}/{subject}     redis://{connection}/{stream key}
//     sqs://{connection}/{queue}        rocketmq://{connection}/{topic}
//     mns://{connection}/queues/{q}     mns://{connection}/topics/{t}
//     eventbridge://{connection}/{bus}
//     http://…, https://… with an optional fragment #plain, #ce-structured or #ce-binary
//
// An ARN uses the connection named after its kind: "mns", "eventbridge", "rocketmq".
struct PushTarget {
  PushKind kind = PushKind::kHttp;
  std::string text;        // verbatim as given: shown, stored, the key of everything
  std::string connection;  // name of the connection; empty for http and function
  std::string region;      // of an ARN, may be empty
  std::string account;     // of an ARN, may be empty
  // What is addressed there: queue, topic, bus, subject, stream key, URL (without the fragment), a
  // function's name as functions are named (domain/function.h).
  std::string name;
  std::string qualifier;    // of a function, may be empty
  std::string instance;     // of RocketMQ, may be empty
  std::string routing_key;  // of RabbitMQ, may be empty
  bool is_topic = false;    // of MNS: a topic, not a queue
  enum class Mode : std::uint8_t { kPlain, kStructured, kBinary } mode = Mode::kPlain;  // of http
};

// kInvalidRequest with a text that says what is wrong with it: unknown scheme, credentials in it,
// an empty name, an ARN of another form, more than limits::kPushTargetBytesMax bytes; `rediss` is
// refused with its own text.
Result<PushTarget> parse_push_target(std::string_view text);

// Bytes that one push may have on the wire (seed 003, contract sections 4.3 and 6).
std::size_t push_bytes_max(PushKind kind);

}  // namespace ferry
