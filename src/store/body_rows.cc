#include "store/body_rows.h"

#include <algorithm>
#include <string>

#include "store/statements.h"

namespace ferry::store {
namespace {

std::string_view table_of_bodies(BodyOwner owner) {
  return owner == BodyOwner::kMessage ? "message_bodies" : "letter_bodies";
}

std::unexpected<Error> no_body(std::int64_t id, std::uint64_t offset) {
  return fail(ErrorCode::kNotFound, "no body of " + std::to_string(id) + " at byte " +
                                        std::to_string(offset) + " is in the state file");
}

}  // namespace

Result<void> write_body(Database& database, BodyOwner owner, std::int64_t id,
                        std::string_view body) {
  ASSIGN_OR_RETURN(Statement put, database.statement(put_state_row_sql(table_of_bodies(owner))));
  for (std::size_t part = 0; part * kBodyPieceBytes < body.size(); ++part) {
    const std::string_view piece = body.substr(part * kBodyPieceBytes, kBodyPieceBytes);
    put.bind(1, id).bind(2, static_cast<std::int64_t>(part));
    RETURN_IF_ERROR(put.bind_blob(3, piece).run());
  }
  return {};
}

Result<void> copy_body_to_letter(Database& database, MessageId from, DeadLetterId to) {
  ASSIGN_OR_RETURN(Statement copy, database.statement(sql::kCopyBodyToLetter));
  return copy.bind(1, from.value).bind(2, to.value).run();
}

Result<void> drop_body(Database& database, BodyOwner owner, std::int64_t id) {
  ASSIGN_OR_RETURN(Statement drop,
                   database.statement(owner == BodyOwner::kMessage ? sql::kDropMessageBody
                                                                   : sql::kDropLetterBody));
  return drop.bind(1, id).run();
}

Result<void> drop_body_without_message(Database& database, MessageId id) {
  ASSIGN_OR_RETURN(Statement drop, database.statement(sql::kReleaseMessageBody));
  return drop.bind(1, id.value).run();
}

Result<bool> has_bodies(Database& database, BodyOwner owner) {
  ASSIGN_OR_RETURN(Statement first,
                   database.statement(owner == BodyOwner::kMessage ? sql::kAnyMessageBody
                                                                   : sql::kAnyLetterBody));
  return first.step();
}

Result<Bytes> read_body_piece(Database& reader, BodyOwner owner, std::int64_t id,
                              std::uint64_t offset, std::size_t bytes_max) {
  ASSIGN_OR_RETURN(Statement select,
                   reader.statement(owner == BodyOwner::kMessage ? sql::kMessageBodyPiece
                                                                 : sql::kLetterBodyPiece));
  select.bind(1, id).bind(2, static_cast<std::int64_t>(offset / kBodyPieceBytes));
  ASSIGN_OR_RETURN(const bool found, select.step());
  if (!found) return no_body(id, offset);
  const std::string_view row = select.bytes(0);
  const std::size_t begin = static_cast<std::size_t>(offset % kBodyPieceBytes);
  if (begin >= row.size()) return no_body(id, offset);
  return Bytes::copy(row.substr(begin, bytes_max));
}

Result<Bytes> read_whole_body(Database& reader, BodyOwner owner, std::int64_t id,
                              std::uint64_t bytes) {
  std::string body;
  body.reserve(bytes);
  while (body.size() < bytes) {
    ASSIGN_OR_RETURN(const Bytes piece,
                     read_body_piece(reader, owner, id, body.size(), kBodyPieceBytes));
    body.append(piece.view());
  }
  return Bytes::take(std::move(body));
}

Result<MessagePtr> with_body(Database& reader, BodyOwner owner, std::int64_t id,
                             MessagePtr message) {
  if (message == nullptr || !is_body_stored(*message)) return message;
  auto whole = std::make_shared<Message>(*message);
  ASSIGN_OR_RETURN(whole->body, read_whole_body(reader, owner, id, message->large_body->bytes));
  return whole;
}

}  // namespace ferry::store
