#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dispatch/senders/sender.h"
#include "engine/protocol.h"

namespace ferry::dispatch {

// Makes the sender of a connection; of kind kHttp the one of all URLs.
using MakeSender = std::function<Result<std::unique_ptr<Sender>>(const Connection& connection)>;
// Puts an invocation into this server's own engine and waits until it is durable.
using InvokeHere = std::function<Awaitable<engine::Answer>(engine::Invoke invoke)>;

struct PushOptions {
  std::vector<Connection> connections;
  std::string lineage_key;
  Duration timeout = std::chrono::seconds(30);  // of one push
};

// Sends results to their destinations: finds the connection, makes its sender when it is first
// used, minds the size limits, and puts invocations of functions into the engine. One object for
// each I/O thread, used on that thread; it may go once no push runs.
class Pushes {
 public:
  Pushes(PushOptions options, IdCodec ids, MakeSender make_sender, InvokeHere invoke_here,
         std::uint64_t seed);
  ~Pushes();

  // The attempt of a delivery of kind kPush: kDelivered, kFailed (to be tried again) or
  // kNonRetryable. An error says that nothing was sent, as the server lacked something of its own.
  // `signing` is the tenant's; `now` is the start of the attempt; the caller sets the times of the
  // outcome. What the asker cuts may still be carried out by a broker's library.
  Awaitable<Result<Outcome>> send(engine::StartAttempt attempt, PushSigning signing,
                                  http::Asker asker, TimePoint now);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace ferry::dispatch
