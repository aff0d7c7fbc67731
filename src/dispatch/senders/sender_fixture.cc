#include "dispatch/senders/sender_fixture.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <iterator>
#include <utility>

namespace ferry::dispatch {

namespace {

Awaitable<void> keep(Awaitable<PushResult> push, PushResult* result) {
  *result = co_await std::move(push);
}

}  // namespace

Push example_push(PushKind kind, const std::string& name, Duration timeout) {
  Push push;
  push.target.kind = kind;
  push.target.name = name;
  push.event_id = "1-67a59f35-150c1267-f381ba1c085c:s";
  push.body = Bytes::copy(R"({"timestamp":1660120276975,"requestContext":{}})");
  push.success = true;
  push.request_id = "1-67a59f35-150c1267-f381ba1c085c";
  push.lineage = "v1;root=r;hops=1;path=01234567:1;sig=s";
  push.trace.add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  push.created_at = from_unix_ms(1'660'120'276'975);
  push.now = push.created_at;
  push.timeout = timeout;
  return push;
}

bool operator==(const PushResult& a, const PushResult& b) {
  return a.kind == b.kind && a.status == b.status && a.error == b.error && a.answer == b.answer;
}

std::ostream& operator<<(std::ostream& out, const PushResult& result) {
  return out << "{kind " << static_cast<int>(result.kind) << ", status " << result.status
             << ", error '" << result.error << "', answer '" << result.answer << "'}";
}

struct SenderBed::State {
  asio::io_context io;
  std::deque<PushResult> results;  // places stay where they are
};

SenderBed::SenderBed() : state_(std::make_unique<State>()) {}

SenderBed::~SenderBed() = default;

void SenderBed::start(Sender& sender, Push push) {
  PushResult& result = state_->results.emplace_back();
  asio::co_spawn(state_->io.get_executor(), keep(sender.send(std::move(push)), &result),
                 asio::detached);
}

void SenderBed::start(BrokerThread& thread, BrokerThread::Limits limits, BrokerThread::Call call) {
  PushResult& result = state_->results.emplace_back();
  asio::co_spawn(state_->io.get_executor(), keep(thread.run(limits, std::move(call)), &result),
                 asio::detached);
}

std::vector<PushResult> SenderBed::run() {
  state_->io.restart();
  state_->io.run();
  auto results = std::exchange(state_->results, {});
  return {std::make_move_iterator(results.begin()), std::make_move_iterator(results.end())};
}

void SenderBed::run_ready() {
  state_->io.restart();
  state_->io.poll();
}

PushResult SenderBed::send(Sender& sender, Push push) {
  start(sender, std::move(push));
  return run().front();
}

}  // namespace ferry::dispatch
