#pragma once

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "dispatch/senders/broker_thread.h"
#include "dispatch/senders/sender.h"

namespace ferry::dispatch {

// A push as a test wants it, with everything that a receiver may see filled in.
Push example_push(PushKind kind, const std::string& name, Duration timeout);

bool operator==(const PushResult& a, const PushResult& b);
std::ostream& operator<<(std::ostream& out, const PushResult& result);

// The loop of one I/O thread, run by the test itself. It outlives the senders under test.
class SenderBed {
 public:
  SenderBed();
  ~SenderBed();

  // Starts a push; its result is in the list that `run` returns, at the place of its start.
  void start(Sender& sender, Push push);
  void start(BrokerThread& thread, BrokerThread::Limits limits, BrokerThread::Call call);
  // Runs until all that was started has ended.
  std::vector<PushResult> run();
  // Runs what can go on now, without waiting for anything.
  void run_ready();

  PushResult send(Sender& sender, Push push);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ferry::dispatch
