#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/engine_link.h"
#include "api/qstash/destination.h"
#include "base/metrics.h"
#include "domain/function_call.h"
#include "domain/hook.h"
#include "domain/limits.h"
#include "domain/tenant.h"
#include "engine/protocol.h"
#include "http/blocking_pool.h"
#include "http/byte_budget.h"
#include "http/client.h"
#include "http/server.h"
#include "store/store.h"

namespace ferry::api {

namespace fc {
class NonceBook;
}

struct Options {
  std::size_t body_bytes_max = limits::kBodyBytesMaxDefault;
  std::size_t batch_bytes_max = limits::kBatchBytesMaxDefault;
  Duration delay_max = limits::kDelayMax;
  std::int32_t retries_max = limits::kRetriesMax;
  Duration finished_visible = limits::kFinishedVisibleDefault;
  std::vector<std::string> trusted_proxies;  // CIDRs whose X-Forwarded-For is believed
  bool allow_loopback_targets = false;       // development: literal private addresses are accepted
  std::vector<std::string> allowed_cidrs;    // as the address guard's
  std::int32_t default_retries = 3;          // of a schedule that sets none, for showing
  ApiDestinations api_destinations;          // what "api/<name>" stands for
  std::string metrics_token;                 // empty: /metrics is not served here
  // Function Compute.
  std::string function_region = "local";
  bool loop_reject = false;  // loop_guard=reject: a config that makes a loop is refused
  std::string lineage_key;   // of the signed lineage header
};

// kInvalidRequest names the network that is none. Asked before an Api is made of the options.
Result<void> check_options(const Options& options);

// Calls a function now and waits for it; set by app, because callers of functions are not of this
// layer. The outcome has the answer, the condition and the platform's status. An error says that
// the function was not called, for a lack of the server's own (is_own_lack) or because it stops.
using CallFunction =
    std::function<Awaitable<Result<Outcome>>(FunctionCall call, http::Asker asker)>;

// What the API is made of on one I/O thread. References outlive it.
struct Context {
  EngineLink& engine;
  store::Store& store;
  http::BlockingPool& readers;
  Metrics& metrics;
  std::function<TimePoint()> clock;
  std::function<bool()> ready;  // recovery is done, the engine runs
  std::shared_ptr<const IdCodec> ids;
  CallFunction call_function;
  Options options;
  // Of signed calls, shared by all I/O threads. Null: this API has one of its own.
  std::shared_ptr<fc::NonceBook> nonces = nullptr;
  // Memory for answers that are being sent, shared by all I/O threads. Null: as much as is wanted.
  std::shared_ptr<http::ByteBudget> answers = nullptr;
};

// The API of one I/O thread: what http::Server calls. All calls on that thread.
class Api {
 public:
  explicit Api(Context context);
  ~Api();

  void set_catalog(TenantCatalogPtr catalog);
  // Of a tenant with a daily quota; answers show what is left of it.
  void set_usage(TenantId tenant, engine::DailyUsage usage);

  // Whether others come through a peer, so that its connections are not its own.
  bool trusts_proxies() const;
  bool is_trusted_proxy(std::string_view ip) const;

  // Authenticates and sizes a request before its body is read: without a caller nothing but its
  // head is read.
  http::Admission admit(const http::RequestHead& head);
  Awaitable<http::ServerResponse> handle(http::Request request);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ferry::api
