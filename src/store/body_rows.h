#pragma once

#include <cstdint>
#include <string_view>

#include "domain/message.h"
#include "store/sqlite_database.h"

// Large bodies in the state file: rows of at most kBodyPieceBytes beside the row they belong to, so
// that any piece is one look-up and nothing else of the body is read for it.

namespace ferry::store {

inline constexpr std::size_t kBodyPieceBytes = 64u << 10;

// Whose body: that of a pending message by the message's id, that of a dead letter by the letter's.
enum class BodyOwner : std::uint8_t { kMessage, kLetter };

// Writers: inside the caller's transaction.
Result<void> write_body(Database& database, BodyOwner owner, std::int64_t id,
                        std::string_view body);
// A message that gave up leaves its body to the dead letter.
Result<void> copy_body_to_letter(Database& database, MessageId from, DeadLetterId to);
Result<void> drop_body(Database& database, BodyOwner owner, std::int64_t id);
// That of a message that is gone by now; nothing while it is there.
Result<void> drop_body_without_message(Database& database, MessageId id);
Result<bool> has_bodies(Database& database, BodyOwner owner);

// From `offset` on to the end of that row, at most `bytes_max`. kNotFound: it is not there, or does
// not reach so far.
Result<Bytes> read_body_piece(Database& reader, BodyOwner owner, std::int64_t id,
                              std::uint64_t offset, std::size_t bytes_max);
// The whole, when all of it is there; kNotFound else.
Result<Bytes> read_whole_body(Database& reader, BodyOwner owner, std::int64_t id,
                              std::uint64_t bytes);

// The message with its body, which may stand beside it.
Result<MessagePtr> with_body(Database& reader, BodyOwner owner, std::int64_t id,
                             MessagePtr message);

}  // namespace ferry::store
