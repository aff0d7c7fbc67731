#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "domain/dead_letter.h"
#include "domain/dedup.h"
#include "domain/event.h"
#include "domain/message.h"
#include "domain/queue.h"
#include "domain/resource.h"
#include "domain/tenant.h"

// Typed row operations. Each puts or deletes a whole row by its key and never increments, so replay
// after a crash may repeat any of them. One command makes one write-set; a write-set is atomic
// alone.

namespace ferry::store {

struct PutMessage {
  MessagePtr message;  // filed in history at once as well, on the day of its creation
};
struct DropMessage {  // from the state file; history keeps its copy
  MessageId id;
};
// From the state file once no delivery there refers to it: of the deliveries of a URL group, which
// share a message, the last one to end takes it along.
struct ReleaseMessage {
  MessageId id;
};
struct PutDelivery {
  Delivery delivery;
};
struct DropDelivery {
  DeliveryId id;
};
struct AppendEntry {  // history only, filed on the day of the entry's first event
  Entry entry;
};
struct PutDeadLetter {
  DeadLetterPtr letter;
};
struct DropDeadLetter {
  DeadLetterId id;
};
struct PruneDeadLetters {  // all made before
  TimePoint before;
};
struct PutDedup {
  DedupRecord record;
};
struct PruneDedup {  // all that expired before
  TimePoint before;
};
struct PutTenant {
  TenantPtr tenant;  // with its tokens
};
struct DropTenant {
  TenantId id;
};
struct PutSetting {  // server-wide facts: pause flag, usage counters, …
  std::string key;
  std::string value;  // empty: the row is deleted
};
struct PutResource {  // replaces the one of that kind, tenant and name
  Resource resource;
};
struct DropResource {
  ResourceKind kind = ResourceKind::kQueue;
  TenantId tenant;
  std::string name;
};
struct PutSequence {  // one without held slots is deleted
  Sequence sequence;
};

using RowOperation =
    std::variant<PutMessage, DropMessage, PutDelivery, DropDelivery, AppendEntry, PutDeadLetter,
                 DropDeadLetter, PruneDeadLetters, PutDedup, PruneDedup, PutTenant, DropTenant,
                 PutSetting, ReleaseMessage, PutResource, DropResource, PutSequence>;

struct WriteSet {
  std::vector<RowOperation> operations;

  bool empty() const { return operations.empty(); }
  template <class T>
  void add(T operation) {
    operations.emplace_back(std::move(operation));
  }
};

}  // namespace ferry::store
