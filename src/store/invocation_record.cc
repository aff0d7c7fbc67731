#include "store/record_parts.h"

// invocation := request_id:text service:text function:text qualifier:text arn:text handler:text
//               memory_mb:svarint initializer:text initialization_timeout:duration
//               log_project:text log_store:text event_age_max:duration task_mode:flag task_id:text
//               lineage
// push       := event_id:text success:flag request_id:text service:text function:text
//               qualifier:text arn:text lineage
// lineage    := root:text hops:svarint visit*
// visit      := function:text count:svarint
// Parts of a message's record, whose version is theirs.

namespace ferry::store {
namespace {

void write_lineage(RecordWriter& out, const Lineage& lineage) {
  out.text(lineage.root);
  out.svarint(lineage.hops);
  out.varint(lineage.visits.size());
  for (const Lineage::Visit& visit : lineage.visits) {
    out.text(visit.function);
    out.svarint(visit.count);
  }
}

Lineage read_lineage(RecordReader& in) {
  Lineage lineage;
  lineage.root = in.string();
  lineage.hops = in.int32();
  in.repeat([&] {
    Lineage::Visit& visit = lineage.visits.emplace_back();
    visit.function = in.string();
    visit.count = in.int32();
  });
  return lineage;
}

}  // namespace

void write_invocation(RecordWriter& out, const Invocation& invocation) {
  out.text(invocation.request_id);
  out.text(invocation.service);
  out.text(invocation.function);
  out.text(invocation.qualifier);
  out.text(invocation.arn);
  out.text(invocation.handler);
  out.svarint(invocation.memory_mb);
  out.text(invocation.initializer);
  out.duration(invocation.initialization_timeout);
  out.text(invocation.log_project);
  out.text(invocation.log_store);
  out.duration(invocation.event_age_max);
  out.flag(invocation.task_mode);
  out.text(invocation.task_id);
  write_lineage(out, invocation.lineage);
}

Invocation read_invocation(RecordReader& in) {
  Invocation invocation;
  invocation.request_id = in.string();
  invocation.service = in.string();
  invocation.function = in.string();
  invocation.qualifier = in.string();
  invocation.arn = in.string();
  invocation.handler = in.string();
  invocation.memory_mb = in.int32();
  invocation.initializer = in.string();
  invocation.initialization_timeout = in.duration();
  invocation.log_project = in.string();
  invocation.log_store = in.string();
  invocation.event_age_max = in.duration();
  invocation.task_mode = in.flag();
  invocation.task_id = in.string();
  invocation.lineage = read_lineage(in);
  return invocation;
}

void write_push_origin(RecordWriter& out, const PushOrigin& push) {
  out.text(push.event_id);
  out.flag(push.success);
  out.text(push.request_id);
  out.text(push.service);
  out.text(push.function);
  out.text(push.qualifier);
  out.text(push.arn);
  write_lineage(out, push.lineage);
}

PushOrigin read_push_origin(RecordReader& in) {
  PushOrigin push;
  push.event_id = in.string();
  push.success = in.flag();
  push.request_id = in.string();
  push.service = in.string();
  push.function = in.string();
  push.qualifier = in.string();
  push.arn = in.string();
  push.lineage = read_lineage(in);
  return push;
}

}  // namespace ferry::store
