#include "base/check.h"
#include "store/record_parts.h"

// delivery    := version:u8 id message:id tenant:id destination not_before:time due_at:time
//                retried:svarint flags(1: cancel requested, 2: shares its message) lane:varint
//                sequence:varint slot:id [first_attempt_at:time? throttled:svarint]
// The part in brackets is of version 2, which only a delivery that needs it is written in.
// destination := kind:u8 url:text group:text endpoint:text queue:text schedule:text
//                ordering_key:text
// response    := status:svarint headers body:text truncated:flag

namespace ferry::store {
namespace {

constexpr std::uint8_t kPlain = 1;
constexpr std::uint8_t kWithBudget = 2;
constexpr std::uint8_t kCancelRequested = 1;
constexpr std::uint8_t kSharesMessage = 2;

void write_destination(RecordWriter& out, const Destination& to) {
  out.enumerator(to.target.kind);
  out.text(to.target.url);
  out.text(to.group_name);
  out.text(to.endpoint_name);
  out.text(to.queue_name);
  out.text(to.schedule_id);
  out.text(to.ordering_key);
}

DestinationPtr read_destination(RecordReader& in) {
  auto to = std::make_shared<Destination>();
  to->target.kind = in.enumerator(TargetKind::kHttp, TargetKind::kPush);
  to->target.url = in.string();
  to->group_name = in.string();
  to->endpoint_name = in.string();
  to->queue_name = in.string();
  to->schedule_id = in.string();
  to->ordering_key = in.string();
  return to;
}

}  // namespace

void write_delivery(RecordWriter& out, const Delivery& delivery) {
  CHECK(delivery.to != nullptr);
  const bool has_budget = delivery.first_attempt_at || delivery.throttled != 0;
  out.u8(has_budget ? kWithBudget : kPlain);
  out.id(delivery.id);
  out.id(delivery.message_id);
  out.id(delivery.tenant);
  write_destination(out, *delivery.to);
  out.time(delivery.not_before);
  out.time(delivery.due_at);
  out.svarint(delivery.retried);
  out.u8(static_cast<std::uint8_t>((delivery.cancel_requested ? kCancelRequested : 0) |
                                   (delivery.shares_message ? kSharesMessage : 0)));
  out.varint(delivery.lane);
  out.varint(delivery.sequence);
  out.id(delivery.slot);
  if (!has_budget) return;
  out.optional(delivery.first_attempt_at, [&](TimePoint time) { out.time(time); });
  out.svarint(delivery.throttled);
}

Delivery read_delivery(RecordReader& in) {
  Delivery delivery;
  const std::uint8_t version = in.version(kWithBudget);
  delivery.id = in.id<DeliveryId>();
  delivery.message_id = in.id<MessageId>();
  delivery.tenant = in.id<TenantId>();
  delivery.to = read_destination(in);
  delivery.not_before = in.time();
  delivery.due_at = in.time();
  delivery.retried = in.int32();
  const std::uint8_t flags = in.flags(kCancelRequested | kSharesMessage);
  delivery.cancel_requested = (flags & kCancelRequested) != 0;
  delivery.shares_message = (flags & kSharesMessage) != 0;
  delivery.lane = in.varint();
  delivery.sequence = in.varint();
  delivery.slot = in.id<DeliveryId>();
  if (version < kWithBudget) return delivery;
  delivery.first_attempt_at = in.optional([&] { return in.time(); });
  delivery.throttled = in.int32();
  return delivery;
}

void write_response(RecordWriter& out, const ResponsePtr& response) {
  out.flag(response != nullptr);
  if (response == nullptr) return;
  out.svarint(response->status);
  out.headers(response->headers);
  out.text(response->body.view());
  out.flag(response->truncated);
}

ResponsePtr read_response(RecordReader& in) {
  if (!in.flag()) return nullptr;
  auto response = std::make_shared<Response>();
  response->status = in.int32();
  response->headers = in.headers();
  response->body = Bytes::copy(in.text());
  response->truncated = in.flag();
  return response;
}

}  // namespace ferry::store
