#include "store/record_parts.h"

// queue    := version:u8=1 tenant:id name:text created_at:time updated_at:time parallelism:svarint
//             paused:flag
// sequence := version:u8=1 lane:varint tenant:id held*
// held     := root:id left:svarint

namespace ferry::store {
namespace {

constexpr std::uint8_t kQueueVersion = 1;
constexpr std::uint8_t kSequenceVersion = 1;

}  // namespace

void write_queue(RecordWriter& out, const Queue& queue) {
  out.u8(kQueueVersion);
  out.id(queue.tenant);
  out.text(queue.name);
  out.time(queue.created_at);
  out.time(queue.updated_at);
  out.svarint(queue.parallelism);
  out.flag(queue.paused);
}

Queue read_queue(RecordReader& in) {
  Queue queue;
  in.version(kQueueVersion);
  queue.tenant = in.id<TenantId>();
  queue.name = in.string();
  queue.created_at = in.time();
  queue.updated_at = in.time();
  queue.parallelism = in.int32();
  queue.paused = in.flag();
  return queue;
}

void write_sequence(RecordWriter& out, const Sequence& sequence) {
  out.u8(kSequenceVersion);
  out.varint(sequence.lane);
  out.id(sequence.tenant);
  out.varint(sequence.held.size());
  for (const HeldSlot& slot : sequence.held) {
    out.id(slot.root);
    out.svarint(slot.left);
  }
}

Sequence read_sequence(RecordReader& in) {
  Sequence sequence;
  in.version(kSequenceVersion);
  sequence.lane = in.varint();
  sequence.tenant = in.id<TenantId>();
  in.repeat([&] {
    HeldSlot& slot = sequence.held.emplace_back();
    slot.root = in.id<DeliveryId>();
    slot.left = in.int32();
  });
  return sequence;
}

}  // namespace ferry::store
