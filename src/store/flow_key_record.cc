#include "store/record_parts.h"

// flow_key := version:u8=1 tenant:id key:text parallelism:svarint rate:svarint period:duration
//             flags(1: paused, 2: pinned parallelism, 4: pinned rate) window_start:time
//             reserved:svarint used_at:time

namespace ferry::store {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kPaused = 1;
constexpr std::uint8_t kPinnedParallelism = 2;
constexpr std::uint8_t kPinnedRate = 4;

}  // namespace

void write_flow_key(RecordWriter& out, const FlowKey& key) {
  out.u8(kVersion);
  out.id(key.tenant);
  out.text(key.key);
  out.svarint(key.parallelism);
  out.svarint(key.rate);
  out.duration(key.period);
  out.u8(static_cast<std::uint8_t>((key.paused ? kPaused : 0) |
                                   (key.pinned_parallelism ? kPinnedParallelism : 0) |
                                   (key.pinned_rate ? kPinnedRate : 0)));
  out.time(key.window_start);
  out.svarint(key.reserved);
  out.time(key.used_at);
}

FlowKey read_flow_key(RecordReader& in) {
  FlowKey key;
  in.version(kVersion);
  key.tenant = in.id<TenantId>();
  key.key = in.string();
  key.parallelism = in.int32();
  key.rate = in.int32();
  key.period = in.duration();
  const std::uint8_t flags = in.flags(kPaused | kPinnedParallelism | kPinnedRate);
  key.paused = (flags & kPaused) != 0;
  key.pinned_parallelism = (flags & kPinnedParallelism) != 0;
  key.pinned_rate = (flags & kPinnedRate) != 0;
  key.window_start = in.time();
  key.reserved = in.int32();
  key.used_at = in.time();
  return key;
}

}  // namespace ferry::store
