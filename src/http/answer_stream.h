#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "http/awaitable.h"

namespace ferry::http {

// The rest of an answer that is made while it is sent: the connection asks for a piece when the
// peer has taken the one before, so a peer that reads slowly holds no more than a piece.
struct AnswerStream {
  // The next piece; empty: that was all. After an error, or an empty piece, it is not called again.
  // An error cuts the connection, for the head of the answer is sent.
  std::function<Awaitable<Result<std::string>>()> next;
  // The peer has taken nothing for a while: what can be made again is to be let go of. Called
  // between two calls of `next`, on the connection's thread.
  std::function<void()> let_go;
};

}  // namespace ferry::http
