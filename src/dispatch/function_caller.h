#pragma once

#include <functional>
#include <memory>
#include <string>

#include "domain/delivery.h"
#include "domain/function_call.h"
#include "http/client.h"

namespace ferry::dispatch {

struct FunctionCallerOptions {
  std::string region = "local";
  std::string lineage_key;  // of the signed lineage header
  std::size_t response_bytes_max = 1u << 20;
};

// Calls functions by the custom-runtime contract (Function Compute contract section 3): one request
// to {endpoint}/invoke, or for an HTTP function the caller's own; before the first of them one to
// {endpoint}/initialize when the function has an initializer. Whether an endpoint was initialized
// is known to this object alone, and forgotten when it could not be reached, for then it may be a
// new one, or was not called for long (initializations.h). One object for each I/O thread, used on
// that thread; it may go once no call runs.
class FunctionCaller {
 public:
  using Clock = std::function<TimePoint()>;

  FunctionCaller(asio::io_context& io, http::Client& client, FunctionCallerOptions options,
                 Clock clock);
  ~FunctionCaller();

  // An error says that there was no call to judge: the server lacked something of its own
  // (is_own_lack), the asker cut it, or the server stops.
  Awaitable<Result<Outcome>> call(FunctionCall call, http::Asker asker);

 private:
  struct State;
  static Awaitable<Result<Outcome>> run(std::shared_ptr<State> state, FunctionCall call,
                                        http::Asker asker);

  std::shared_ptr<State> state_;
};

// What an answer of /invoke, or its absence, means: success is a 2xx answer whose x-fc-status, if
// there is one, is a 2xx as well; 429 and 503 without x-fc-status say that there is no room; all
// else is an error of the function, whose answer is the result. Of an HTTP function any answer that
// was read to its end is a success: it is its caller's to judge.
Outcome classify_function(Result<http::ClientResponse> answer, const FunctionCall& call,
                          TimePoint started_at, TimePoint ended_at);

// An event that is older than its function wants to see: not called at all.
Outcome expired_outcome(const Invocation& invocation, TimePoint now);

}  // namespace ferry::dispatch
