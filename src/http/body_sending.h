#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "http/client.h"
#include "http/connection.h"
#include "http/one_shot.h"

namespace ferry::http {

// Sends a request whose body comes from a source, piece by piece, while its answer is read
// elsewhere. A piece is read only when the kernel has room for it and what the kernel did not take
// is forgotten and read again, so a receiver that takes nothing costs no memory (over TLS, at most
// one piece). It ends by itself when everything was sent or when the connection is closed; whoever
// began it awaits `ended()` before the connection goes.
class BodySending : public std::enable_shared_from_this<BodySending> {
 public:
  static std::shared_ptr<BodySending> begin(Executor executor,
                                            std::shared_ptr<Connection> connection, Bytes head,
                                            BodySource source);

  // The request is over. Closes the connection when the body was not sent whole, and waits until
  // nothing is under way any more.
  Awaitable<void> finish();

  bool complete() const { return complete_; }
  // What the source failed with; the connection was closed because of it.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  BodySending(std::shared_ptr<Connection> connection, BodySource source)
      : connection_(std::move(connection)), source_(std::move(source)) {}

  static Awaitable<void> run(std::shared_ptr<BodySending> self, Bytes head);
  Awaitable<bool> send_head(Bytes head);
  Awaitable<bool> send_body();

  std::shared_ptr<Connection> connection_;
  BodySource source_;
  OneShot ended_;
  bool over_ = false;
  bool complete_ = false;
  std::optional<Error> failure_;
};

}  // namespace ferry::http
