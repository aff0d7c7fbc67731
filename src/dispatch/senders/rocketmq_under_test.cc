#include "dispatch/senders/rocketmq_under_test.h"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace ferry::dispatch {
namespace {

using Tcp = asio::ip::tcp;
using Socket = asio::basic_stream_socket<Tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<Tcp, Executor>;

constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> kAwait;
constexpr std::int32_t kGetRoute = 105;

}  // namespace

struct FakeRocketMq::State {
  explicit State(asio::io_context& io)
      : acceptor(io, Tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {}

  Acceptor acceptor;
  std::function<Reply(const RocketMqFrame&)> reply;
  std::vector<RocketMqFrame> requests;
  std::vector<std::shared_ptr<Socket>> sockets;
};

namespace {

using StatePtr = std::shared_ptr<FakeRocketMq::State>;

// The next request; nothing once the peer has closed.
Awaitable<std::optional<RocketMqFrame>> next_request(std::shared_ptr<Socket> socket,
                                                     std::string& received) {
  for (;;) {
    const auto bytes = rocketmq_frame_bytes(received);
    if (bytes && *bytes && received.size() >= **bytes) {
      auto frame = read_rocketmq_frame(std::string_view(received).substr(0, **bytes));
      received.erase(0, **bytes);
      if (!frame) co_return std::nullopt;
      co_return std::move(*frame);
    }
    std::array<char, 65'536> buffer;
    const auto [error, count] = co_await socket->async_read_some(asio::buffer(buffer), kAwait);
    if (error) co_return std::nullopt;
    received.append(buffer.data(), count);
  }
}

Awaitable<void> serve(StatePtr state, std::shared_ptr<Socket> socket) {
  std::string received;
  while (auto request = co_await next_request(socket, received)) {
    state->requests.push_back(*request);
    const FakeRocketMq::Reply reply = state->reply(*request);
    co_await asio::async_write(*socket, asio::buffer(reply.bytes), kAwait);
    if (reply.then_close) break;
  }
  boost::system::error_code ignored;
  socket->close(ignored);
}

Awaitable<void> accept_all(StatePtr state) {
  for (;;) {
    auto [error, socket] = co_await state->acceptor.async_accept(kAwait);
    if (error) co_return;
    auto shared = std::make_shared<Socket>(std::move(socket));
    state->sockets.push_back(shared);
    asio::co_spawn(state->acceptor.get_executor(), serve(state, shared), asio::detached);
  }
}

}  // namespace

FakeRocketMq::FakeRocketMq(asio::io_context& io) : state_(std::make_shared<State>(io)) {
  state_->reply = [this](const RocketMqFrame& request) { return Reply{good_answer(request)}; };
  asio::co_spawn(io.get_executor(), accept_all(state_), asio::detached);
}

FakeRocketMq::~FakeRocketMq() {
  boost::system::error_code ignored;
  state_->acceptor.close(ignored);
  for (const auto& socket : state_->sockets) socket->close(ignored);
}

std::string FakeRocketMq::address() const {
  return "127.0.0.1:" + std::to_string(state_->acceptor.local_endpoint().port());
}

std::size_t FakeRocketMq::connections() const { return state_->sockets.size(); }

const std::vector<RocketMqFrame>& FakeRocketMq::requests() const { return state_->requests; }

std::vector<RocketMqFrame> FakeRocketMq::requests(std::int32_t code) const {
  std::vector<RocketMqFrame> found;
  for (const RocketMqFrame& request : state_->requests) {
    if (request.code == code) found.push_back(request);
  }
  return found;
}

void FakeRocketMq::reply_with(std::function<Reply(const RocketMqFrame&)> reply) {
  state_->reply = std::move(reply);
}

std::string FakeRocketMq::good_answer(const RocketMqFrame& request) const {
  if (request.code != kGetRoute) return rocketmq_answer(request, 0);
  return rocketmq_answer(request, 0, "",
                         R"({"brokerDatas":[{"brokerName":"a","brokerAddrs":{"0":")" + address() +
                             R"("}}],"queueDatas":[{"brokerName":"a","perm":6,)"
                             R"("readQueueNums":2,"writeQueueNums":2}]})");
}

std::string rocketmq_answer(const RocketMqFrame& request, std::int32_t code, std::string remark,
                            std::string body) {
  const RocketMqFrame answer{.code = code,
                             .opaque = request.opaque,
                             .is_answer = true,
                             .remark = std::move(remark),
                             .fields = {{"msgId", "7F000001"}},
                             .body = Bytes::take(std::move(body))};
  return write_rocketmq_head(answer) + std::string(answer.body.view());
}

}  // namespace ferry::dispatch
