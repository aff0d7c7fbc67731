#include "store/record_parts.h"

// dedup := version:u8=1 tenant:id key:digest expires_at:time delivery:id*

namespace ferry::store {
namespace {

constexpr std::uint8_t kVersion = 1;

}  // namespace

void write_dedup(RecordWriter& out, const DedupRecord& record) {
  out.u8(kVersion);
  out.id(record.tenant);
  out.digest(record.key.digest);
  out.time(record.expires_at);
  out.varint(record.deliveries.size());
  for (const DeliveryId id : record.deliveries) out.id(id);
}

DedupRecord read_dedup(RecordReader& in) {
  DedupRecord record;
  in.version(kVersion);
  record.tenant = in.id<TenantId>();
  record.key.digest = in.digest();
  record.expires_at = in.time();
  in.repeat([&] { record.deliveries.push_back(in.id<DeliveryId>()); });
  return record;
}

}  // namespace ferry::store
