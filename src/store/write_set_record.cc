#include "base/check.h"
#include "store/record_parts.h"

// write_set := version:u8=1 operation*
// operation :=  1 message        put message
//            |  2 id             drop message
//            |  3 delivery       put delivery
//            |  4 id             drop delivery
//            |  5 entry          append entry
//            |  6 dead_letter    put dead letter
//            |  7 id             drop dead letter
//            |  8 time           prune dead letters
//            |  9 dedup          put deduplication record
//            | 10 time           prune deduplication records
//            | 11 tenant         put tenant
//            | 12 id             drop tenant
//            | 13 key:text value:text   put setting
//            | 14 id             release message
//            | 15 resource       put resource
//            | 16 kind:u8 tenant:id name:text   drop resource
//            | 17 sequence       put sequence
// resource  := kind:u8 (queue | url_group | schedule | flow_key | function | service)

namespace ferry::store {
namespace {

constexpr std::uint8_t kVersion = 1;

// These numbers are stored: never change or re-use one.
enum class Number : std::uint8_t {
  kPutMessage = 1,
  kDropMessage = 2,
  kPutDelivery = 3,
  kDropDelivery = 4,
  kAppendEntry = 5,
  kPutDeadLetter = 6,
  kDropDeadLetter = 7,
  kPruneDeadLetters = 8,
  kPutDedup = 9,
  kPruneDedup = 10,
  kPutTenant = 11,
  kDropTenant = 12,
  kPutSetting = 13,
  kReleaseMessage = 14,
  kPutResource = 15,
  kDropResource = 16,
  kPutSequence = 17,
};

class OperationWriter {
 public:
  explicit OperationWriter(RecordWriter& out) : out_(out) {}

  void operator()(const PutMessage& op) {
    CHECK(op.message != nullptr);
    out_.enumerator(Number::kPutMessage);
    write_message(out_, *op.message);
  }
  void operator()(const DropMessage& op) { write_id(Number::kDropMessage, op.id); }
  void operator()(const PutDelivery& op) {
    out_.enumerator(Number::kPutDelivery);
    write_delivery(out_, op.delivery);
  }
  void operator()(const DropDelivery& op) { write_id(Number::kDropDelivery, op.id); }
  void operator()(const AppendEntry& op) {
    out_.enumerator(Number::kAppendEntry);
    write_entry(out_, op.entry);
  }
  void operator()(const PutDeadLetter& op) {
    CHECK(op.letter != nullptr);
    out_.enumerator(Number::kPutDeadLetter);
    write_dead_letter(out_, *op.letter);
  }
  void operator()(const DropDeadLetter& op) { write_id(Number::kDropDeadLetter, op.id); }
  void operator()(const PruneDeadLetters& op) { write_time(Number::kPruneDeadLetters, op.before); }
  void operator()(const PutDedup& op) {
    out_.enumerator(Number::kPutDedup);
    write_dedup(out_, op.record);
  }
  void operator()(const PruneDedup& op) { write_time(Number::kPruneDedup, op.before); }
  void operator()(const PutTenant& op) {
    CHECK(op.tenant != nullptr);
    out_.enumerator(Number::kPutTenant);
    write_tenant(out_, *op.tenant);
  }
  void operator()(const DropTenant& op) { write_id(Number::kDropTenant, op.id); }
  void operator()(const PutSetting& op) {
    out_.enumerator(Number::kPutSetting);
    out_.text(op.key);
    out_.text(op.value);
  }
  void operator()(const ReleaseMessage& op) { write_id(Number::kReleaseMessage, op.id); }
  void operator()(const PutResource& op) {
    out_.enumerator(Number::kPutResource);
    write_resource(out_, op.resource);
  }
  void operator()(const DropResource& op) {
    out_.enumerator(Number::kDropResource);
    out_.enumerator(op.kind);
    out_.id(op.tenant);
    out_.text(op.name);
  }
  void operator()(const PutSequence& op) {
    out_.enumerator(Number::kPutSequence);
    write_sequence(out_, op.sequence);
  }

 private:
  template <class Tag>
  void write_id(Number number, Id<Tag> id) {
    out_.enumerator(number);
    out_.id(id);
  }
  void write_time(Number number, TimePoint t) {
    out_.enumerator(number);
    out_.time(t);
  }

  RecordWriter& out_;
};

PutSetting read_setting(RecordReader& in) {
  std::string key = in.string();
  std::string value = in.string();
  return PutSetting{std::move(key), std::move(value)};
}

ResourceKind read_kind(RecordReader& in) {
  return in.enumerator(ResourceKind::kQueue, ResourceKind::kService);
}

DropResource read_dropped_resource(RecordReader& in) {
  DropResource drop;
  drop.kind = read_kind(in);
  drop.tenant = in.id<TenantId>();
  drop.name = in.string();
  return drop;
}

RowOperation read_operation(RecordReader& in) {
  switch (in.enumerator(Number::kPutMessage, Number::kPutSequence)) {
    case Number::kPutMessage:
      return PutMessage{std::make_shared<const Message>(read_message(in))};
    case Number::kDropMessage:
      return DropMessage{in.id<MessageId>()};
    case Number::kPutDelivery:
      return PutDelivery{read_delivery(in)};
    case Number::kDropDelivery:
      return DropDelivery{in.id<DeliveryId>()};
    case Number::kAppendEntry:
      return AppendEntry{read_entry(in)};
    case Number::kPutDeadLetter:
      return PutDeadLetter{std::make_shared<const DeadLetter>(read_dead_letter(in))};
    case Number::kDropDeadLetter:
      return DropDeadLetter{in.id<DeadLetterId>()};
    case Number::kPruneDeadLetters:
      return PruneDeadLetters{in.time()};
    case Number::kPutDedup:
      return PutDedup{read_dedup(in)};
    case Number::kPruneDedup:
      return PruneDedup{in.time()};
    case Number::kPutTenant:
      return PutTenant{std::make_shared<const Tenant>(read_tenant(in))};
    case Number::kDropTenant:
      return DropTenant{in.id<TenantId>()};
    case Number::kPutSetting:
      return read_setting(in);
    case Number::kReleaseMessage:
      return ReleaseMessage{in.id<MessageId>()};
    case Number::kPutResource:
      return PutResource{read_resource(in)};
    case Number::kDropResource:
      return read_dropped_resource(in);
    case Number::kPutSequence:
      break;
  }
  return PutSequence{read_sequence(in)};
}

}  // namespace

void write_resource(RecordWriter& out, const Resource& resource) {
  struct Write {
    RecordWriter& out;
    void operator()(const QueuePtr& queue) const { write_queue(out, *queue); }
    void operator()(const UrlGroupPtr& group) const { write_url_group(out, *group); }
    void operator()(const SchedulePtr& schedule) const { write_schedule(out, *schedule); }
    void operator()(const FlowKeyPtr& key) const { write_flow_key(out, *key); }
    void operator()(const FunctionPtr& function) const { write_function(out, *function); }
    void operator()(const ServicePtr& service) const { write_service(out, *service); }
  };
  out.enumerator(kind_of(resource));
  std::visit(Write{out}, resource);
}

Resource read_resource(RecordReader& in) {
  switch (read_kind(in)) {
    case ResourceKind::kQueue:
      return std::make_shared<const Queue>(read_queue(in));
    case ResourceKind::kUrlGroup:
      return std::make_shared<const UrlGroup>(read_url_group(in));
    case ResourceKind::kSchedule:
      return std::make_shared<const Schedule>(read_schedule(in));
    case ResourceKind::kFlowKey:
      return std::make_shared<const FlowKey>(read_flow_key(in));
    case ResourceKind::kFunction:
      return std::make_shared<const Function>(read_function(in));
    case ResourceKind::kService:
      break;
  }
  return std::make_shared<const Service>(read_service(in));
}

void write_write_set(RecordWriter& out, const WriteSet& set) {
  out.u8(kVersion);
  out.varint(set.operations.size());
  for (const RowOperation& operation : set.operations) std::visit(OperationWriter(out), operation);
}

WriteSet read_write_set(RecordReader& in) {
  WriteSet set;
  in.version(kVersion);
  in.repeat([&] { set.operations.push_back(read_operation(in)); });
  return set;
}

}  // namespace ferry::store
