#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "http/awaitable.h"
#include "http/chunked_decoder.h"
#include "http/head_parser.h"
#include "http/input_buffer.h"
#include "http/response_writer.h"
#include "http/server_core.h"
#include "http/server_stream.h"

namespace ferry::http {

// One connection of a server from its handshake to its lingering close: one coroutine that reads,
// admits, calls `handle` and answers, one request after the other. It owns itself and ends by
// its peer, by an error, by a deadline or by stop; the server's sweep enforces the deadlines, so
// that no read costs a timer. A 256 B POST takes 6.0-6.7 us of CPU where a bare epoll loop that
// parses nothing takes 3.0-3.3 us (one run, 2026-11-22, 16 connections, no line in the log).
class ServerConnection : public ConnectionBook::Entry {
 public:
  // One that came when all places were taken serves a vital request, or a caller that holds less
  // than its share of the connections; others are told that the server is full.
  enum class Place : std::uint8_t { kRegular, kReserve };

  struct Peer {
    std::string ip;
    Party party;  // that the connection counts to
  };

  static void start(asio::io_context& io, std::shared_ptr<ServerCore> core, Socket socket,
                    Peer peer, Place place);
  ~ServerConnection();
  ServerConnection(const ServerConnection&) = delete;
  ServerConnection& operator=(const ServerConnection&) = delete;

  // By the sweep: what waits beyond its deadline ends, with an answer where one is due; and what is
  // done for a peer that has gone, where that is of interest.
  void expire_if_due(SteadyTime now);
  // By the sweep, when all places are taken: a request that has run for a second, and whose peer
  // has ended its side, may be given up for a new connection.
  void offer_if_abandoned(SteadyTime now);
  // By stop: a connection between two requests ends now, another after its answer.
  void close_if_idle();
  // Ends it at once, whatever it does.
  void cut();
  // Ends one that waits for a request or was abandoned, and gives its place away.
  void dispense();

 private:
  // What the connection waits for; each has its own deadline, and its own way to miss it. In
  // kAdmission the line has the deadline.
  enum class Phase : std::uint8_t {
    kRunning,
    kHandshake,
    kIdle,
    kHead,
    kAdmission,
    kBody,
    kWrite,
    kLinger
  };
  // Status 0: the connection ends without a word.
  template <class T>
  using Read = std::expected<T, Refusal>;
  using ClaimPtr = std::shared_ptr<ByteBudget::Claim>;

  ServerConnection(std::shared_ptr<ServerCore> core, Socket socket, Peer peer, Place place);

  static Awaitable<void> live(std::unique_ptr<ServerConnection> self);
  Awaitable<void> run();
  Awaitable<void> serve_one();
  bool may_be_served(const Admission& admission);
  void charge(const Party& party);
  Party charged_party() const { return is_in_book() ? party() : Party(); }
  void give_place_back();
  void leave_party();
  Awaitable<ServerResponse> call_handle(Request request);
  void begin_request(RequestHead& head, const Framing& framing);
  bool drop_buffered_body(const Framing& framing);
  Refusal explain(const boost::system::error_code& error) const;
  void arm(Phase phase);
  Duration patience(Phase phase) const;
  void note_progress(std::size_t bytes);

  // server_reading.cc
  Awaitable<Read<void>> read_head(HeadParser& parser);
  Awaitable<Read<Bytes>> read_body(const Framing& framing, std::size_t body_bytes_max);
  Awaitable<Read<Bytes>> refuse_body(Refusal refusal);
  Awaitable<Read<Bytes>> read_sized_body(const Framing& framing);
  Awaitable<Read<Bytes>> read_chunked_body(const Framing& framing, std::size_t body_bytes_max);
  Awaitable<Read<void>> claim_memory(ByteBudget& budget, std::size_t bytes);
  Awaitable<Read<void>> claim_nothing();
  Awaitable<Read<void>> claim_for_chunks(const std::string& body, std::size_t body_bytes_max);
  Awaitable<Read<void>> fill(Phase phase);
  void begin_body(std::size_t bytes);
  void note_body_progress(std::size_t bytes);
  void invite_body(const Framing& framing);

  // server_writing.cc
  void answer(const ServerResponse& response);
  void refuse(const Refusal& refusal);
  Awaitable<void> send_stream(AnswerStream stream);
  Awaitable<Result<std::string>> next_piece(AnswerStream& stream);
  Awaitable<bool> flush();
  Awaitable<boost::system::error_code> write_slowly(std::string_view rest);
  Awaitable<void> part();

  std::shared_ptr<ServerCore> core_;
  std::size_t index_;  // in core_->connections
  ServerStream stream_;
  Place place_;
  std::string peer_ip_;
  InputBuffer input_;
  std::string output_;  // answers not yet written

  Cut peer_gone_;

  Phase phase_ = Phase::kRunning;
  SteadyTime deadline_;
  SteadyTime body_end_;    // whatever progress its body makes
  bool expired_ = false;   // the deadline of this phase passed
  bool recalled_ = false;  // its body was too slow while others waited
  bool closing_ = false;   // no further request is read
  bool lingers_ = false;   // the last answer may meet bytes that were not read
  std::size_t body_read_ = 0;
  ClaimPtr reading_;                            // of the body being read
  std::unique_ptr<ByteBudget::Claim> writing_;  // of an answer that is not read

  AnswerStream* stream_sent_ = nullptr;  // the rest of the answer being sent

  RequestRecord record_;  // of the request being served
  ResponseFrame frame_;
  SteadyTime started_at_;
};

}  // namespace ferry::http
