#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/call.h"
#include "api/qstash/publish_parser.h"
#include "base/bytes.h"
#include "domain/schedule.h"
#include "engine/protocol.h"

// One message as a publish, an enqueue, an item of a batch or a schedule asks for it.

namespace ferry::api {

struct MessageCall {
  std::string_view destination;  // as rebuilt, or as the JSON has it
  std::string_view queue;        // of an enqueue: wins over Upstash-Queue-Name; or empty
  OptionSource source;
  Bytes body;
};

// What it comes to: an item to be published, or with Upstash-Cron to be published time and again.
struct WantedMessage {
  engine::PublishItem item;
  std::string destination;  // as a schedule keeps it: the URL, or the name of the group
  std::optional<std::string> cron, schedule_id;
  // Set in place of the item's key when that is made of a body too large to be hashed at once; the
  // caller completes it with `hash_large_body`.
  std::optional<UnhashedContent> unhashed;
};

// Every error of the call's syntax and of its quotas.
Result<WantedMessage> read_message(const Services& services, const OptionRules& rules,
                                   MessageCall call);

// Hashes a large body in slices, once for its signature, its history and the key of a content that
// was left unhashed. Does nothing to other items.
Awaitable<void> hash_large_body(std::optional<UnhashedContent> unhashed, engine::PublishItem& item);

}  // namespace ferry::api
