#include "http/connection.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <string>

namespace ferry::http {
namespace {

using Tcp = asio::ip::tcp;

// A connection and its peer, a plain socket that the test moves by hand.
class ConnectionTest : public testing::Test {
 protected:
  ConnectionTest() {
    Tcp::acceptor acceptor(io, Tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    run(connect(acceptor.local_endpoint().port()));
    acceptor.accept(peer);
  }

  void run(Awaitable<void> work) {
    asio::co_spawn(io, std::move(work), asio::detached);
    io.restart();
    io.run();
  }

  Awaitable<void> connect(std::uint16_t port) {
    EXPECT_FALSE(co_await connection->connect("127.0.0.1", port));
  }

  Awaitable<void> read_once() {
    const auto [error, count] = co_await connection->read();
    connection->accept(count);
    end = error;
  }

  // What a client knows of its last write once the stream has ended.
  bool nothing_reached_peer() {
    run(read_once());
    EXPECT_TRUE(end.failed());
    return connection->nothing_reached_peer(end);
  }

  void send(const std::string& text) { connection->write(Bytes::copy(text), Bytes()); }
  Awaitable<void> send_piece(std::string text) {
    const auto [error, sent] = co_await connection->write_piece(Bytes::copy(text));
    EXPECT_FALSE(error);
    EXPECT_EQ(sent, text.size());
  }
  void let_peer_read(std::size_t count) {
    std::string text(count, '\0');
    asio::read(peer, asio::buffer(text));
  }
  void reset_peer() {
    peer.set_option(asio::socket_base::linger(true, 0));
    peer.close();
  }

  asio::io_context io;
  std::shared_ptr<Connection> connection = Connection::make(io);
  Tcp::socket peer{io};
  Connection::IoError end;
};

TEST_F(ConnectionTest, NothingReachesAPeerThatHadClosed) {
  peer.close();
  send("request");
  EXPECT_TRUE(nothing_reached_peer());
}

TEST_F(ConnectionTest, NothingReachesAPeerThatHadReset) {
  reset_peer();
  send("request");  // fails at once
  EXPECT_TRUE(nothing_reached_peer());
}

TEST_F(ConnectionTest, NothingOfPiecesReachesAPeerThatHadClosed) {
  peer.close();
  connection->begin_pieces();
  run(send_piece("request"));
  EXPECT_TRUE(nothing_reached_peer());
}

TEST_F(ConnectionTest, APieceThatAPeerReadHasReachedIt) {
  connection->begin_pieces();
  run(send_piece("request"));
  let_peer_read(7);
  peer.close();
  EXPECT_FALSE(nothing_reached_peer());
}

TEST_F(ConnectionTest, WhatAPeerReadBeforeItsEndHasReachedIt) {
  send("request");
  let_peer_read(7);
  peer.close();
  EXPECT_FALSE(nothing_reached_peer());
}

TEST_F(ConnectionTest, WhatAPeerReadBeforeItsHalfCloseHasReachedIt) {
  send("request");
  let_peer_read(7);
  peer.shutdown(Tcp::socket::shutdown_send);
  EXPECT_FALSE(nothing_reached_peer());
}

TEST_F(ConnectionTest, AResetProvesNothing) {
  send("request");
  let_peer_read(7);
  reset_peer();
  EXPECT_FALSE(nothing_reached_peer());
}

TEST_F(ConnectionTest, WhatAPeerDidNotReadCountsAsReached) {
  send("request");
  let_peer_read(1);
  peer.close();  // with bytes unread, which is a reset
  EXPECT_FALSE(nothing_reached_peer());
}

TEST_F(ConnectionTest, AnAnsweredRequestHasReachedThePeer) {
  send("request");
  asio::write(peer, asio::buffer(std::string("HTTP")));
  run(read_once());
  peer.close();
  EXPECT_FALSE(nothing_reached_peer());
}

}  // namespace
}  // namespace ferry::http
