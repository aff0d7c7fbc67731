#include "domain/limits.h"
#include "store/store_conformance.h"
#include "store/test_rows.h"

// Bodies over limits::kBodyHeldMax: the rows that the engine loads come without them, and pieces
// are read by the message's id.

namespace ferry::store {

using namespace test;

namespace {

constexpr std::size_t kLimit = limits::kBodyHeldMax;

std::string body_of(std::size_t bytes) {
  std::string body(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) body[i] = static_cast<char>((i * 7 + i / 8191) % 251);
  return body;
}

MessagePtr message_of(std::int64_t id, const std::string& body) {
  return make_message({.id = MessageId{id}, .body = body});
}

Delivery delivery_of(std::int64_t id) { return make_delivery({.id = DeliveryId{id}}); }

std::string read_whole(Store& store, MessageId id, std::size_t bytes, std::size_t piece_max) {
  std::string body;
  while (body.size() < bytes) {
    const Result<Bytes> piece = store.read_body(id, body.size(), piece_max);
    if (!piece) return piece.error().text;
    if (piece->empty() || piece->size() > piece_max) return "a piece of a wrong size";
    body += piece->view();
  }
  return body;
}

ErrorCode code_of(const Result<Bytes>& read) {
  return read ? ErrorCode::kCount : read.error().code;
}

// As the engine ends a delivery that gave up: the letter's message comes without its large body.
WriteSet give_up(const Delivery& delivery, DeadLetterId letter, const MessagePtr& message) {
  WriteSet set;
  set.add(PutDeadLetter{make_dead_letter(letter, delivery, without_large_body(message), 500)});
  WriteSet end = finish(delivery, {make_event(at(1), EventState::kFailed)});
  for (RowOperation& operation : end.operations) set.operations.push_back(std::move(operation));
  return set;
}

WriteSet drop_letter(DeadLetterId id) {
  WriteSet set;
  set.add(DropDeadLetter{id});
  return set;
}

PageRequest first_page() {
  PageRequest page;
  page.filter.tenant = kTenant;
  page.count = 10;
  return page;
}

}  // namespace

TEST_P(StoreConformance, ALargeBodyIsReadInPieces) {
  const std::vector<std::size_t> sizes = {kLimit + 1, 2 * kLimit, 2 * kLimit + 1, 1'000'003};
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const auto id = static_cast<std::int64_t>(i + 1);
    commit(publish(message_of(id, body_of(sizes[i])), delivery_of(id), at(0)));
  }
  in_every_life([&] {
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const MessageId id{static_cast<std::int64_t>(i + 1)};
      const auto loaded = get(store().delivery(DeliveryId{id.value}));
      ASSERT_TRUE(loaded);
      EXPECT_TRUE(is_body_stored(*loaded->message));
      EXPECT_EQ(body_bytes(*loaded->message), sizes[i]);
      for (const std::size_t piece_max : {std::size_t{50'000}, kLimit, std::size_t{3} << 20}) {
        EXPECT_TRUE(read_whole(store(), id, sizes[i], piece_max) == body_of(sizes[i])) << sizes[i];
      }
      EXPECT_EQ(code_of(store().read_body(id, sizes[i], 1)), ErrorCode::kNotFound);
    }
  });
  EXPECT_EQ(code_of(store().read_body(MessageId{99}, 0, 1)), ErrorCode::kNotFound);
}

TEST_P(StoreConformance, ABodyAtTheLimitComesWithItsRow) {
  const std::string body = body_of(kLimit);
  commit(publish(message_of(1, body), delivery_of(1), at(0)));
  in_every_life([&] {
    const auto loaded = get(store().delivery(DeliveryId{1}));
    ASSERT_TRUE(loaded);
    EXPECT_FALSE(loaded->message->large_body);
    EXPECT_TRUE(loaded->message->body.view() == body);
  });
}

TEST_P(StoreConformance, TheHashOfALargeBodyIsStoredWithTheMessage) {
  const std::string body = body_of(kLimit + 1);
  Message message = *message_of(1, body);
  message.large_body->sha256 = sha256(body);
  commit(publish(std::make_shared<const Message>(message), delivery_of(1), at(0)));
  in_every_life([&] {
    const auto loaded = get(store().delivery(DeliveryId{1}));
    ASSERT_TRUE(loaded && loaded->message->large_body);
    EXPECT_EQ(loaded->message->large_body->sha256, sha256(body));
  });
}

TEST_P(StoreConformance, ALaneBringsNoLargeBodies) {
  for (std::int64_t id = 1; id <= 3; ++id) {
    commit(publish(message_of(id, body_of(200'000)), delivery_of(id), at(0)));
  }
  in_every_life([&] {
    const LaneSlice slice = get(store().lane(
        {.lane = kTimeLane, .after = {}, .until = at(10), .rows_max = 10, .bytes_max = 1000}));
    ASSERT_EQ(slice.rows.size(), 3u);
    EXPECT_TRUE(slice.complete);
    for (const LoadedDelivery& row : slice.rows) EXPECT_TRUE(is_body_stored(*row.message));
  });
}

TEST_P(StoreConformance, ListsAndViewsBringLargeBodies) {
  const std::string body = body_of(200'000);
  const std::int64_t id = id_at(at(0));
  commit(publish(message_of(id, body), delivery_of(id), at(0)));
  in_every_life([&] {
    const auto view = get(store().message_view(DeliveryId{id}, at(-1000)));
    ASSERT_TRUE(view);
    EXPECT_TRUE(view->message->body.view() == body);
    const MessagePage messages = get(store().messages(first_page()));
    ASSERT_EQ(messages.rows.size(), 1u);
    EXPECT_TRUE(messages.rows[0].message->body.view() == body);
    const EventPage events = get(store().events(first_page()));
    ASSERT_EQ(events.events.size(), 1u);
    EXPECT_TRUE(events.events[0].message->body.view() == body);
  });
  commit(finish(delivery_of(id), {make_event(at(1), EventState::kDelivered)}));
  in_every_life([&] {
    const auto view = get(store().message_view(DeliveryId{id}, at(0)));
    ASSERT_TRUE(view && view->finished);
    EXPECT_TRUE(view->message->body.view() == body);
  });
}

TEST_P(StoreConformance, ALargeBodyLeavesWithItsMessage) {
  commit(publish(message_of(1, body_of(200'000)), delivery_of(1), at(0)));
  ASSERT_TRUE(store().barrier());
  commit(finish(delivery_of(1), {make_event(at(1), EventState::kDelivered)}));
  ASSERT_TRUE(store().barrier());
  in_every_life(
      [&] { EXPECT_EQ(code_of(store().read_body(MessageId{1}, 0, 1)), ErrorCode::kNotFound); });
}

TEST_P(StoreConformance, ASharedLargeBodyLeavesWithTheLastDelivery) {
  const std::string body = body_of(200'000);
  const MessagePtr message = message_of(1, body);
  const Delivery first = delivery_of(1);
  const Delivery second = make_delivery({.id = DeliveryId{2}, .message_id = message->id});
  WriteSet set = publish(message, first, at(0));
  set.add(PutDelivery{second});
  commit(std::move(set));
  ASSERT_TRUE(store().barrier());
  commit(finish_sharing(first, {make_event(at(1), EventState::kDelivered)}));
  in_every_life(
      [&] { EXPECT_TRUE(read_whole(store(), message->id, body.size(), kLimit) == body); });
  commit(finish_sharing(second, {make_event(at(1), EventState::kDelivered)}));
  ASSERT_TRUE(store().barrier());
  in_every_life(
      [&] { EXPECT_EQ(code_of(store().read_body(message->id, 0, 1)), ErrorCode::kNotFound); });
}

TEST_P(StoreConformance, ADeadLetterTakesTheLargeBodyOver) {
  const std::string body = body_of(200'000);
  // One whose message is in the tables by then, and one that comes and goes at once.
  for (const bool apart : {true, false}) {
    const std::int64_t id = id_at(at(0), apart ? 0 : 1);
    const DeadLetterId letter{id_at(at(1), apart ? 0 : 1)};
    const MessagePtr message = message_of(id, body);
    commit(publish(message, delivery_of(id), at(0)));
    if (apart) ASSERT_TRUE(store().barrier());
    commit(give_up(delivery_of(id), letter, message));
    in_every_life([&] {
      const DeadLetterPtr whole = get(store().dead_letter(letter, LargeBodies::kRead));
      ASSERT_NE(whole, nullptr);
      EXPECT_TRUE(whole->message->body.view() == body) << apart;
      EXPECT_EQ(body_bytes(*whole->message), body.size());
      const DeadLetterPtr bare = get(store().dead_letter(letter, LargeBodies::kLeftOut));
      ASSERT_NE(bare, nullptr);
      EXPECT_TRUE(is_body_stored(*bare->message));
      const DeadLetterPage page = get(store().dead_letters(first_page()));
      ASSERT_EQ(page.letters.size(), 1u);
      EXPECT_TRUE(page.letters[0]->message->body.view() == body) << apart;
    });
    commit(drop_letter(letter));
    in_every_life(
        [&] { EXPECT_EQ(get(store().dead_letter(letter, LargeBodies::kRead)), nullptr); });
  }
}

TEST_P(StoreConformance, EveryDeadLetterOfASharedMessageHasTheLargeBody) {
  const std::string body = body_of(100'000);
  const MessagePtr message = message_of(id_at(at(0)), body);
  const Delivery first = delivery_of(id_at(at(0)));
  const Delivery second =
      make_delivery({.id = DeliveryId{id_at(at(0), 1)}, .message_id = message->id});
  WriteSet set = publish(message, first, at(0));
  set.add(PutDelivery{second});
  commit(std::move(set));
  ASSERT_TRUE(store().barrier());
  std::vector<DeadLetterId> letters;
  for (const Delivery& delivery : {first, second}) {
    letters.push_back(DeadLetterId{id_at(at(1), std::ssize(letters))});
    WriteSet gave_up;
    gave_up.add(PutDeadLetter{
        make_dead_letter(letters.back(), delivery, without_large_body(message), 500)});
    WriteSet end = finish_sharing(delivery, {make_event(at(1), EventState::kFailed)});
    for (RowOperation& operation : end.operations)
      gave_up.operations.push_back(std::move(operation));
    commit(std::move(gave_up));
    ASSERT_TRUE(store().barrier());
  }
  commit(drop_letter(letters[0]));
  in_every_life([&] {
    EXPECT_EQ(get(store().dead_letter(letters[0], LargeBodies::kRead)), nullptr);
    const DeadLetterPtr kept = get(store().dead_letter(letters[1], LargeBodies::kRead));
    ASSERT_NE(kept, nullptr);
    EXPECT_TRUE(kept->message->body.view() == body);
  });
}

}  // namespace ferry::store
