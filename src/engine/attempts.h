#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "domain/delivery.h"
#include "domain/hook.h"
#include "domain/message.h"

// What the engine and the dispatchers tell each other about attempts: part of engine/protocol.h.

namespace ferry::engine {

// ---- Effects
// --------------------------------------------------------------------------------------

struct StartAttempt {
  Delivery delivery;  // delivery.retried is the attempt's number
  MessagePtr message;
  std::uint64_t start = 0;  // never the same within one process; what answers it carries it
};

// The connection of a running attempt is to be closed at once, without any outcome; the engine has
// freed all that the attempt held. Every dispatcher gets it, and those that do not run it ignore
// it.
struct CutAttempt {
  DeliveryId delivery;
  std::int32_t attempt = 0;
  std::uint64_t start = 0;  // of StartAttempt
};

// ---- Commands
// -------------------------------------------------------------------------------------

// How an attempt ended, with the hook bodies that hooks_for() asks for, already rendered.
struct RecordOutcome {
  DeliveryId delivery;
  std::int32_t attempt = 0;  // the number it was started with; another one is stale and dropped
  // The `start` of its StartAttempt: tells two attempts of one number apart, of which the first was
  // cut or did not start. 0, for tests: whichever runs.
  std::uint64_t start = 0;
  Outcome outcome;
  std::vector<RenderedHook> hooks;
  // Memory that was set aside for the hooks: free again once the command was carried out.
  std::shared_ptr<const void> memory = {};
};

// What the server itself lacked when an attempt should have started.
enum class NotStartedReason : std::uint8_t {
  kDescriptors,  // file descriptors or ports
  kMemory,
  kResolver,  // lookups in flight, or a resolver that does not answer
  kAddress,   // connections to one address
  kTenant,    // what one tenant may use of something
  kBusy,      // anything else
};
inline constexpr std::size_t kNotStartedReasons = 6;

// An attempt did not start because the server lacked something; nothing was sent. The delivery
// goes back to its place and gives all back that it held: no event, no attempt. It and the others
// to its host do not start before `not_before`, which the engine bounds to a minute from now.
struct NotStarted {
  DeliveryId delivery;
  std::int32_t attempt = 0;
  std::uint64_t start = 0;  // of StartAttempt
  NotStartedReason reason = NotStartedReason::kBusy;
  TimePoint not_before;
};

// The IP address that a running attempt is connected to or connecting to, as text. Sent when the
// address of that host is new or changed for the I/O thread; not for a proxy or a shared address.
struct AttemptAddress {
  DeliveryId delivery;
  std::int32_t attempt = 0;
  std::uint64_t start = 0;  // of StartAttempt
  std::string address;
};

}  // namespace ferry::engine
