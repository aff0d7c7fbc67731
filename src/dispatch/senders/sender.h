#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/errors.h"
#include "base/header_list.h"
#include "base/time.h"
#include "domain/delivery.h"
#include "domain/push_target.h"
#include "http/awaitable.h"
#include "http/client.h"

namespace ferry::dispatch {

// A named place that the operator configured: where the system is, and as whom to speak to it.
// Destinations name it; secrets are here alone and never logged.
struct Connection {
  std::string name;
  PushKind kind = PushKind::kHttp;
  std::string address;  // base URL, or "host:port[,host:port…]" of a broker
  std::string user;     // access key id, user name
  std::string secret;
  std::string token;  // of a temporary credential (STS), or empty
  bool tls = false;
  std::string ca_file;             // empty: the system's
  std::size_t body_bytes_max = 0;  // 0: push_bytes_max(kind)
  // What only one kind has, each documented by its sender; an unknown name is refused at start.
  std::map<std::string, std::string> options;

  friend bool operator==(const Connection&, const Connection&) = default;
};

// How a tenant wants its pushes over plain HTTP signed.
struct PushSigning {
  std::string key;        // the tenant's current one; empty: unsigned
  bool standard = false;  // the Standard Webhooks way as well

  friend bool operator==(const PushSigning&, const PushSigning&) = default;
};

// One push: a result record for one destination.
struct Push {
  PushTarget target;
  std::string event_id;      // stable over all attempts: what receivers may deduplicate by
  Bytes body;                // the record: UTF-8 JSON
  bool success = false;      // of an onSuccess destination
  std::string function_arn;  // the record's subject; empty for a published message
  std::string request_id;
  std::string lineage;   // value of the lineage header, or empty
  HeaderList trace;      // traceparent, tracestate, baggage of whoever started it
  PushSigning signing;   // for destinations over plain HTTP
  TimePoint created_at;  // of the push: the time in a CloudEvent
  TimePoint now;         // of this attempt: what signatures carry
  Duration timeout{0};   // from connect to answer
  http::Asker asker{};   // its cut makes the sender answer at once, whatever
};

// How one push ended, before it is judged.
struct PushResult {
  OutcomeKind kind = OutcomeKind::kFailed;  // kDelivered, kFailed: again, kNonRetryable: never
  std::int32_t status = 0;  // HTTP's, or the nearest one of a broker's own code (429 throttled, 404
                            // no such topic, 403 not allowed, 413 too large, 503 unavailable); 0:
                            // there was no answer
  std::string error;        // empty when delivered; fit for the event log, no secrets
  std::string answer;       // what was answered, cut to kPushAnswerBytesMax
  // What the server itself lacked (is_own_lack): nothing was sent, and the rest does not count.
  std::optional<ErrorCode> lack = std::nullopt;
};

inline constexpr std::size_t kPushAnswerBytesMax = 4096;

// Sends pushes to one connection, or to one kind of destination that has none (http). One object
// for each I/O thread, used on that thread; a blocking client library runs on a thread of its own
// behind it. A third virtual seam beside Store and http::Client: see docs/adr/0011.
class Sender {
 public:
  virtual ~Sender() = default;
  // Sends once and never retries. The size limit is checked by the caller with the same body; a
  // sender that wraps the body (base64, XML, an event around it) checks what goes on the wire and
  // answers kNonRetryable with 413 beyond it. Ends by itself within `push.timeout`.
  virtual Awaitable<PushResult> send(Push push) = 0;
};

}  // namespace ferry::dispatch
