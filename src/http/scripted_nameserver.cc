#include "http/scripted_nameserver.h"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <utility>

namespace ferry::http {

namespace {

using Udp = asio::ip::udp;
using Tcp = asio::ip::tcp;
using UdpSocket = asio::basic_datagram_socket<Udp, Executor>;
using TcpSocket = asio::basic_stream_socket<Tcp, Executor>;
using TcpAcceptor = asio::basic_socket_acceptor<Tcp, Executor>;

constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> kAwait;

constexpr std::size_t kHeaderBytes = 12;
constexpr unsigned kTypeA = 1;

struct Question {
  std::string name;
  std::string bytes;  // as it was asked
  unsigned type = 0;
};

unsigned byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes.at(at));
}

std::string two_bytes(std::size_t number) {
  return {static_cast<char>(number >> 8), static_cast<char>(number & 0xff)};
}

Question question_of(std::string_view query) {
  Question question;
  std::size_t at = kHeaderBytes;
  while (byte_at(query, at) != 0) {
    const std::size_t length = byte_at(query, at);
    if (!question.name.empty()) question.name += '.';
    question.name += query.substr(at + 1, length);
    at += 1 + length;
  }
  question.bytes = query.substr(kHeaderBytes, at + 5 - kHeaderBytes);
  question.type = byte_at(query, at + 1) << 8 | byte_at(query, at + 2);
  return question;
}

// RFC 1035 section 4.1.
std::string answer_to(std::string_view query, const Question& question,
                      const ScriptedNameserver::Name* name, bool over_udp) {
  const bool truncated = over_udp && name != nullptr && name->only_over_tcp;
  const bool has_answers = name != nullptr && !name->fails && !truncated && question.type == kTypeA;
  const int status = name == nullptr ? 3 : name->fails ? 2 : 0;
  std::string answer(query.substr(0, 2));
  answer += static_cast<char>(truncated ? 0x87 : 0x85);  // an answer, authoritative
  answer += static_cast<char>(0x80 | status);
  answer += two_bytes(1) + two_bytes(has_answers ? name->addresses.size() : 0);
  answer += two_bytes(0) + two_bytes(0) + question.bytes;
  if (!has_answers) return answer;
  for (const std::string& address : name->addresses) {
    const auto bytes = asio::ip::make_address_v4(address).to_bytes();
    answer += two_bytes(0xc000 | kHeaderBytes) + two_bytes(kTypeA) + two_bytes(1) +
              std::string(2, '\0') + two_bytes(60) + two_bytes(bytes.size());
    answer.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  return answer;
}

}  // namespace

struct ScriptedNameserver::State {
  State(asio::io_context& io, ScriptedNameserver& of) : owner(&of), udp(io), acceptor(io) {
    while (!open_ports()) {
    }
  }

  // One free port for both; false when the other protocol's is taken.
  bool open_ports() {
    boost::system::error_code error;
    acceptor =
        TcpAcceptor(acceptor.get_executor(), Tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    const Udp::endpoint same(asio::ip::address_v4::loopback(), acceptor.local_endpoint().port());
    udp = UdpSocket(udp.get_executor(), same.protocol());
    udp.bind(same, error);
    return !error;
  }

  std::optional<std::string> answer(std::string_view query, bool over_udp);
  static Awaitable<void> serve_udp(std::shared_ptr<State> self);
  static Awaitable<void> serve_tcp(std::shared_ptr<State> self);

  ScriptedNameserver* owner;  // null after its end
  UdpSocket udp;
  TcpAcceptor acceptor;
};

std::optional<std::string> ScriptedNameserver::State::answer(std::string_view query,
                                                             bool over_udp) {
  const Question question = question_of(query);
  if (question.type == kTypeA) owner->asked.push_back(question.name);
  const auto found = owner->names.find(question.name);
  const Name* name = found == owner->names.end() ? nullptr : &found->second;
  if (name != nullptr && name->silent) return std::nullopt;
  return answer_to(query, question, name, over_udp);
}

Awaitable<void> ScriptedNameserver::State::serve_udp(std::shared_ptr<State> self) {
  for (;;) {
    std::array<char, 2048> query{};
    Udp::endpoint from;
    const auto [error, size] =
        co_await self->udp.async_receive_from(asio::buffer(query), from, kAwait);
    if (error || self->owner == nullptr) co_return;
    self->owner->askers.push_back(from.port());
    const auto answer = self->answer({query.data(), size}, true);
    if (answer) co_await self->udp.async_send_to(asio::buffer(*answer), from, kAwait);
  }
}

Awaitable<void> ScriptedNameserver::State::serve_tcp(std::shared_ptr<State> self) {
  for (;;) {
    auto [error, socket] = co_await self->acceptor.async_accept(kAwait);
    if (error || self->owner == nullptr) co_return;
    for (;;) {
      std::array<unsigned char, 2> size{};
      if (std::get<0>(co_await asio::async_read(socket, asio::buffer(size), kAwait))) break;
      std::string query(static_cast<std::size_t>(size[0] << 8 | size[1]), '\0');
      if (std::get<0>(co_await asio::async_read(socket, asio::buffer(query), kAwait))) break;
      if (self->owner == nullptr) co_return;
      ++self->owner->over_tcp;
      const auto answer = self->answer(query, false);
      if (!answer) continue;
      const std::string framed = two_bytes(answer->size()) + *answer;
      co_await asio::async_write(socket, asio::buffer(framed), kAwait);
    }
  }
}

ScriptedNameserver::ScriptedNameserver(asio::io_context& io)
    : state_(std::make_shared<State>(io, *this)) {
  asio::co_spawn(io.get_executor(), State::serve_udp(state_), asio::detached);
  asio::co_spawn(io.get_executor(), State::serve_tcp(state_), asio::detached);
}

ScriptedNameserver::~ScriptedNameserver() {
  state_->owner = nullptr;
  boost::system::error_code ignored;
  state_->udp.close(ignored);
  state_->acceptor.close(ignored);
}

std::string ScriptedNameserver::address() const {
  return "127.0.0.1:" + std::to_string(state_->udp.local_endpoint().port());
}

}  // namespace ferry::http
