#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/api.h"
#include "engine/inbox.h"
#include "http/blocking_pool.h"
#include "http/byte_budget.h"
#include "store/store.h"

// An Api over a memory store and an engine that is a script: for the tests of this layer.

namespace ferry::api::test {

inline constexpr std::size_t kAnswerMemory = 8u << 20;
inline constexpr TenantId kTenant{1};
inline constexpr TenantId kOtherTenant{2};
inline constexpr std::string_view kToken = "full-token";
inline constexpr std::string_view kReadOnlyToken = "read-only-token";
inline constexpr std::string_view kOtherToken = "token-of-another-tenant";
inline constexpr std::string_view kSuspendedToken = "token-of-a-suspended-tenant";
inline constexpr TimePoint kNow = from_unix_ms(1'795'262'400'000);

http::Request make_request(std::string_view method, std::string_view target,
                           HeaderList headers = {}, std::string_view body = {});

class ApiUnderTest {
 public:
  explicit ApiUnderTest(Options options = {});
  ~ApiUnderTest();

  // As http::Server does: admits the head, then has the request handled, and an answer that comes
  // in pieces sent. Commands that come up are given to `engine`, recorded in `commands` before.
  http::ServerResponse send_raw(http::Request request);

  // What http::Server is told before the body is read.
  http::Admission admit(const http::RequestHead& head);

  // With the full token.
  http::ServerResponse send(std::string_view method, std::string_view target,
                            HeaderList headers = {}, std::string_view body = {});

  // The only command so far; it must be a C.
  template <class C>
  const C& command() const {
    return std::get<C>(commands.at(0));
  }

  // What the engine is asked to do, and what it says: by default that it is overloaded.
  std::function<engine::Answer(const engine::Command&)> engine;
  std::vector<engine::Command> commands;

  // What a function that is called synchronously does; its calls are recorded before.
  std::function<Result<Outcome>(const FunctionCall&)> function;
  std::vector<FunctionCall> function_calls;

  Tenant tenant;  // of kToken; changes are seen after publish_catalog()
  void publish_catalog();
  void use(std::int64_t messages);  // of `tenant`'s daily quota, today

  std::string wire(std::int64_t delivery) const { return ids->wire(DeliveryId{delivery}); }

  // The bytes of each piece of the last answer, and whether its reader is so slow that what can be
  // made again is let go of after each.
  std::vector<std::size_t> pieces;
  bool reader_is_slow = false;
  // Called after each piece. An answer whose making fails then has the status 0.
  std::function<void(std::size_t piece)> after_piece;

  std::unique_ptr<store::Store> store;
  std::shared_ptr<const IdCodec> ids;
  std::shared_ptr<http::ByteBudget> answers;
  Metrics metrics;
  TimePoint now = kNow;
  bool ready = true;
  bool engine_is_full = false;  // the inbox refuses everything

 private:
  struct Machinery;
  std::unique_ptr<Machinery> machinery_;
};

// An engine for calls that are about what they answer: it accepts every message under ids from 1 on
// (a group has the endpoints https://one.test and https://two.test), counts every id it is given,
// finds the resources by kind and name, and does the rest without a word.
std::function<engine::Answer(const engine::Command&)> obliging_engine(
    std::vector<engine::ResourceView> resources = {});

// How often `part` stands in `text`.
std::size_t occurrences(std::string_view text, std::string_view part);

// Rows to read: a delivery of `tenant` with a message of its own, and its CREATED event.
struct Row {
  std::int64_t id = 0;
  TenantId tenant = kTenant;
  std::string url = "https://example.com/path";
  std::string body = "hello";
  HeaderList headers = {{"Content-Type", "text/plain"}};
  std::vector<std::string> labels = {};
  Redaction redaction = {};
  TimePoint created_at = kNow;
  std::string group = {}, endpoint = {}, queue = {}, schedule = {};
  std::optional<FlowControl> flow_control = {};
};
Message message_of(const Row& row);
Delivery delivery_of(const Row& row);
void add_delivery(store::Store& store, const Row& row);
void add_event(store::Store& store, const Row& row, EventState state, TimePoint time);
void add_dead_letter(store::Store& store, const Row& row, DeadLetterId id, ResponsePtr response);

}  // namespace ferry::api::test
