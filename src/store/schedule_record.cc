#include "store/record_parts.h"

// schedule := version:u8=1 tenant:id id:text cron:text destination:text options body:text
//             caller_ip:text created_at:time paused:flag last_tick:time? next_tick:time?
//             last_delivery:id* error:text

namespace ferry::store {
namespace {

constexpr std::uint8_t kVersion = 1;

}  // namespace

void write_schedule(RecordWriter& out, const Schedule& schedule) {
  const auto time = [&](TimePoint t) { out.time(t); };
  out.u8(kVersion);
  out.id(schedule.tenant);
  out.text(schedule.id);
  out.text(schedule.cron);
  out.text(schedule.destination);
  out.options(schedule.options);
  out.text(schedule.body.view());
  out.text(schedule.caller_ip);
  out.time(schedule.created_at);
  out.flag(schedule.paused);
  out.optional(schedule.last_tick, time);
  out.optional(schedule.next_tick, time);
  out.varint(schedule.last_deliveries.size());
  for (const DeliveryId id : schedule.last_deliveries) out.id(id);
  out.text(schedule.error);
}

Schedule read_schedule(RecordReader& in) {
  const auto time = [&] { return in.time(); };
  Schedule schedule;
  in.version(kVersion);
  schedule.tenant = in.id<TenantId>();
  schedule.id = in.string();
  schedule.cron = in.string();
  schedule.destination = in.string();
  schedule.options = in.options();
  schedule.body = Bytes::copy(in.text());
  schedule.caller_ip = in.string();
  schedule.created_at = in.time();
  schedule.paused = in.flag();
  schedule.last_tick = in.optional(time);
  schedule.next_tick = in.optional(time);
  in.repeat([&] { schedule.last_deliveries.push_back(in.id<DeliveryId>()); });
  schedule.error = in.string();
  return schedule;
}

}  // namespace ferry::store
