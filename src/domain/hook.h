#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/api_names.h"
#include "domain/delivery.h"
#include "domain/message.h"
#include "domain/result_record.h"
#include "domain/retry_policy.h"

namespace ferry {

// What an outcome sets off: callbacks (QStash contract section 7), results that are pushed to a
// destination (Function Compute contract section 4).
enum class HookKind : std::uint8_t {
  kCallback = 1,
  kFailureCallback = 2,
  kSuccessPush = 3,
  kFailurePush = 4,
};

// The hooks that fire for this verdict: the callback after every attempt, the failure callback once
// when the delivery is dead, a push once at the end. A push sets off another one only when the
// guard against loops stopped it. Pure; dispatcher and engine agree by asking the same function.
std::vector<HookKind> hooks_for(const Message& message, const Verdict& verdict);

// The body of a hook message, rendered by the dispatcher on its I/O thread so that base64 of
// megabytes never stalls the engine. A failure callback carries the dead letter's id, which only
// the engine knows: the body leaves a gap of kDeadLetterIdTextMax + 2 blanks at `gap`, which the
// engine fills with the quoted id (blanks between JSON tokens are legal).
struct RenderedHook {
  HookKind kind = HookKind::kCallback;
  std::string body;
  std::optional<std::size_t> gap;
};

// Puts the quoted id into the gap, which must be there.
void fill_gap(RenderedHook& hook, DeadLetterId id);

struct HookSettings {
  bool misspelled_source_id = true;  // also send `sourceMessasgeId` (seed 000)
  bool seed_forms = false;           // compat.seed: times as strings, sourceHeader as plain strings
  RecordSettings records;
  ApiNames api_names;                      // what `api` shows
  std::size_t body_bytes_max = 10u << 20;  // the response part is cut so that the body fits
};

// The body for one attempt that ended in `outcome`: the result record of an invocation, or of a
// push that the guard stopped, else the JSON of QStash contract section 7.3.
RenderedHook render_hook(HookKind kind, const Message& message, const Delivery& delivery,
                         const Outcome& outcome, const IdCodec& ids, const HookSettings& settings);

struct MessageDefaults {
  std::int32_t max_retries = 3;
};

// Fills the defaults: the message that `options` describe. Redaction, labels and the rest are taken
// from the options; `id`, `tenant` and the publisher's facts are the caller's.
Message make_message(const PublishOptions& options, const MessageDefaults& defaults);

// The follow-up message of a hook: new, with the options given for it, the source's max_retries
// when it has none of its own, and Content-Type application/json (section 7.2). Its id and creation
// time are the caller's.
Message make_hook_message(HookKind kind, const Message& source, const Delivery& source_delivery,
                          RenderedHook rendered);

// The push of a result: new, to be sent to source.on_success or source.on_failure. Its id, creation
// time and target are the caller's. That of a success takes the function's on_failure with it, in
// case the guard against loops stops it; what then goes there goes on in the same chain.
Message make_push_message(const Message& source, const Delivery& source_delivery,
                          RenderedHook rendered);

// not_before, else now + delay, else now; never before now.
TimePoint first_due(const PublishOptions& options, TimePoint now);

}  // namespace ferry
