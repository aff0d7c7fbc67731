#pragma once

#include <memory>

#include "base/metrics.h"
#include "base/result.h"
#include "dispatch/senders/sender.h"
#include "http/pooled_client.h"

namespace ferry::dispatch {

// Sends to topics of RocketMQ 4.x and 5.x over the remoting protocol (contract section 5.4). The
// connection's address lists the name servers, "host:port[,host:port…]"; user, secret and token are
// those of the ACL, if it is on. Options:
//
//   group                the producer group. Default "ferry".
//   instance_namespace   "true": the topic of an ARN is "{instance}%{topic}", as in instances that
//                        have a namespace. Default "false".
//
// The record is the message's body; KEYS is the event id, TAGS onSuccess or onFailure, UNIQ_KEY
// the same in every attempt, and lineage and trace are properties of their names. With TLS, brokers
// must have certificates for the addresses that the name server tells.
//
// A topic that does not exist, a refused key and a message that is too large end a push; a busy or
// unreachable broker does not. A topic counts as missing while other brokers are there and it never
// had a route: name servers forget the topics of brokers that have gone. A message stored on the
// master whose copies are late counts as delivered: a repetition would be a second message.
// kInvalidRequest for a bad option, address or CA file.
Result<std::unique_ptr<Sender>> make_rocketmq_sender(asio::io_context& io, Connection connection,
                                                     Metrics& metrics,
                                                     http::NameOptions names = {});

// What a broker's or name server's answer to a message means.
PushResult rocketmq_result(std::int32_t code, const std::string& remark);

}  // namespace ferry::dispatch
