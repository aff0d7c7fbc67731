#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "domain/dead_letter.h"
#include "domain/dedup.h"
#include "domain/message.h"
#include "domain/resource.h"
#include "domain/tenant.h"
#include "engine/attempts.h"
#include "store/store.h"

// What goes into the engine and what comes out: plain values. Commands are made on I/O threads
// (api, dispatch), reader threads (loads) and the control socket; effects are carried out there.
// Those about attempts are in engine/attempts.h.

namespace ferry::engine {

// Whom to answer: a waiting call of one I/O thread. Slot 0: nobody waits.
struct ReplyTo {
  std::uint32_t io_thread = 0;
  std::uint64_t slot = 0;
};

// ---- Commands
// -------------------------------------------------------------------------------------

// One message of a publish or batch call, every syntax error already ruled out.
struct PublishItem {
  Target target;           // without a URL: the group is the destination
  std::string group_name;  // a URL group, or empty
  // Of a call to a group: what its own headers would add if the group asks to forward all of them.
  HeaderList incoming;
  PublishOptions options;
  Bytes body;
  std::optional<Sha256Digest> body_sha256;  // of a large body, hashed where it arrived
  std::optional<DedupKey> dedup_key;
};

// All items or none (a batch is stored atomically).
struct Publish {
  ReplyTo reply;
  TenantId tenant;
  std::vector<PublishItem> items;
  std::string caller_ip;
  std::string trace_context;
};

// Ids of another tenant count as unknown.
struct Cancel {
  ReplyTo reply;
  TenantId tenant;
  std::vector<DeliveryId> deliveries;
};

struct DeleteDeadLetters {
  ReplyTo reply;
  TenantId tenant;
  std::vector<DeadLetterId> letters;
};

struct RetryDeadLetters {
  ReplyTo reply;
  TenantId tenant;
  std::vector<DeadLetterId> letters;
  PublishOptions overrides;
  std::string caller_ip;
  std::vector<DeliveryId> retried = {};  // of letters that came before, with bodies too large to
                                         // be read together
};

// The next key becomes the current one. The caller brings the new key: the engine makes no secrets.
struct RotateKeys {
  ReplyTo reply;
  TenantId tenant;
  std::string new_key;
};

// Creates a tenant (tenant.id 0) or replaces one as a whole; kInvalidRequest for a name in use.
struct SaveTenant {
  ReplyTo reply;
  Tenant tenant;
  // What the change was made from: kInvalidRequest if the tenant is another one by now, so that a
  // change does not undo the one before it. Null: whatever it is.
  TenantPtr base = nullptr;
};

struct DeleteTenant {
  ReplyTo reply;
  TenantId tenant;
};

// Pauses or resumes all deliveries of one tenant, or of the whole server (tenant 0).
struct SetPaused {
  ReplyTo reply;
  TenantId tenant;
  bool paused = false;
};

// Creates a queue, or changes what is given of one that exists.
struct SaveQueue {
  ReplyTo reply;
  TenantId tenant;
  std::string name;
  std::optional<std::int32_t> parallelism;
  std::optional<bool> paused;
  bool must_exist = false;  // else kNotFound
};

// Adds endpoints to a URL group, which is created if there is none; or removes them, and the group
// with its last one.
struct SaveEndpoints {
  ReplyTo reply;
  TenantId tenant;
  std::string group;
  std::vector<Endpoint> endpoints;
};
struct RemoveEndpoints {
  ReplyTo reply;
  TenantId tenant;
  std::string group;
  std::vector<Endpoint> endpoints;  // each by name, by URL, or by both
};
struct SaveGroupDefaults {
  ReplyTo reply;
  TenantId tenant;
  std::string group;
  HeaderList headers;
  PublishOptions defaults;
  bool forward_all_headers = false;
};

// Creates a schedule or replaces all of one with the same id, which keeps its creation time and
// its pause. Times of ticks are the engine's.
struct SaveSchedule {
  ReplyTo reply;
  Schedule schedule;
};
struct PauseSchedule {
  ReplyTo reply;
  TenantId tenant;
  std::string id;
  bool paused = false;
};

// Removes a queue, a URL group or a schedule; a queue's deliveries are the caller's to cancel.
struct DropNamed {
  ReplyTo reply;
  TenantId tenant;
  ResourceKind kind = ResourceKind::kQueue;
  std::string name;
  bool must_exist = false;  // else kNotFound
};

// Creates the key if it is unknown (contract section 12).
struct ChangeFlowKey {
  ReplyTo reply;
  TenantId tenant;
  std::string key;
  enum class Change : std::uint8_t {
    kPause,
    kResume,
    kPin,
    kUnpin,
    kReset
  } change = Change::kPause;
  // kPin: what to pin; kUnpin: whose value is present (whatever it is).
  std::optional<std::int32_t> parallelism, rate;
  Duration period = std::chrono::seconds(1);  // kPin with a rate
};

// An event for a function, to be run later (Function Compute contract sections 1.2 and 2). Errors:
// kNotFound (function), kConflict (a task of that id exists; the text is the first one's request
// id), kRecursionDetected, kTooLarge.
struct Invoke {
  ReplyTo reply;
  TenantId tenant;
  std::string function;   // its resource name: "f" or "s$f"
  std::string qualifier;  // kLatest when none was given
  Bytes event;
  std::string request_id;
  std::string task_id;       // empty: the request id
  bool task_given = false;   // the task id is the caller's: a second one with it is refused
  bool task_forced = false;  // task mode for this call, whatever the config says
  Duration delay{0};
  Lineage lineage;  // of whoever invokes; empty: a new chain
  std::string caller_ip;
  std::string trace_context;
};

// Puts a function or a service as a whole in the place of `base`, which it was made from. Null
// base: there must be none of that name. kConflict when the one there is not `base`.
struct SaveFunction {
  ReplyTo reply;
  FunctionPtr function;
  FunctionPtr base;
};
struct SaveService {
  ReplyTo reply;
  ServicePtr service;
  ServicePtr base;
};

// Looks at resources: all of a kind, or the one of that name (kNotFound).
struct ReadResources {
  ReplyTo reply;
  TenantId tenant;
  ResourceKind kind = ResourceKind::kQueue;
  std::optional<std::string> name;
};

// Attempts of the tenant that run, and how many may.
struct ReadParallelism {
  ReplyTo reply;
  TenantId tenant;
};

// Marks the loads of one engine, so that one recovered in its place within the same process does
// not take the answers to its predecessor's questions for its own.
using LifeMark = std::shared_ptr<const int>;

struct LoadedLetters {
  std::vector<DeadLetterPtr> letters;  // those that exist
  std::size_t looked_up = 0;           // of the ids asked for; the others wait for their turn
};

// The answer to a Load effect.
struct Loaded {
  std::uint64_t load = 0;        // as the effect numbered it
  store::Position position = 0;  // of the store before the read began
  std::variant<std::monostate, store::LaneSlice, std::vector<store::LoadedDelivery>,
               std::optional<DedupRecord>, LoadedLetters, ScheduleBodyPtr, store::Totals>
      rows;       // monostate: the read failed; the engine asks again
  LifeMark life;  // as the effect had it
};

using Command =
    std::variant<Publish, RecordOutcome, Cancel, DeleteDeadLetters, RetryDeadLetters, RotateKeys,
                 SaveTenant, DeleteTenant, SetPaused, Loaded, SaveQueue, SaveEndpoints,
                 RemoveEndpoints, SaveGroupDefaults, SaveSchedule, PauseSchedule, DropNamed,
                 ChangeFlowKey, ReadResources, ReadParallelism, Invoke, SaveFunction, SaveService,
                 NotStarted, AttemptAddress>;

// Bytes that a command keeps in memory; what the inbox budgets with.
std::size_t memory_of(const Command& command);

// ---- Effects
// --------------------------------------------------------------------------------------

struct PublishedDelivery {
  DeliveryId id;
  std::string url;
  bool deduplicated = false;
};

// One list for each item of the publish, in order: one element for a URL, one for each endpoint of
// a URL group.
struct Published {
  struct Item {
    std::vector<PublishedDelivery> deliveries;
    bool to_group = false;
  };
  std::vector<Item> items;
};

struct Cancelled {
  std::int64_t count = 0;
};

struct Deleted {
  std::int64_t count = 0;
};

struct Retried {
  std::vector<DeliveryId> deliveries;  // unknown letters are skipped
};

struct TenantSaved {
  TenantPtr tenant;
};

struct Done {};

// A resource as it is at this moment.
struct ResourceView {
  Resource resource;
  LaneId lane =
      kTimeLane;  // where its deliveries wait: a queue's, which is its sequence, or a key's
  // Of a flow key: attempts that run, those of them whose row stands in the lane, starts in the
  // window, and deliveries that wait for it without a row in its lane.
  std::int32_t running = 0;
  std::int32_t running_in_lane = 0;
  std::int32_t started = 0;
  std::int32_t waiting_elsewhere = 0;
};

struct ResourceList {
  std::vector<ResourceView> resources;  // ascending by name
};

struct Parallelism {
  std::int64_t most = 0;
  std::int64_t count = 0;
};

struct Invoked {
  DeliveryId id;
  bool task_mode = false;
};

using Answer = std::variant<Error, Published, Cancelled, Deleted, Retried, TenantSaved, Done,
                            ResourceList, Parallelism, Invoked>;

struct Reply {
  ReplyTo to;
  Answer answer;
};

// A read for a reader thread; its answer is the command Loaded with the same number.
struct Load {
  std::uint64_t load = 0;
  struct Lane {
    store::LaneQuery query;
  };
  struct Deliveries {
    std::vector<DeliveryId> ids;
  };
  struct Dedup {
    TenantId tenant;
    DedupKey key;
  };
  struct DeadLetters {
    std::vector<DeadLetterId> ids;
    store::LargeBodies bodies = store::LargeBodies::kLeftOut;
  };
  struct ScheduleBody {
    TenantId tenant;
    std::string schedule;
  };
  struct Totals {};
  std::variant<Lane, Deliveries, Dedup, DeadLetters, ScheduleBody, Totals> what;
  LifeMark life;
};

// The tenants changed: every I/O thread takes the new catalogue before later effects.
struct CatalogChanged {
  TenantCatalogPtr catalog;
};

// Messages that a tenant with a daily quota published on one UTC day.
struct DailyUsage {
  std::int64_t day = 0;
  std::int64_t messages = 0;
};

// A tenant's usage changed, or is recovered: every I/O thread shows it from the replies of the same
// step on.
struct UsageChanged {
  TenantId tenant;
  DailyUsage usage;
};

using Effect = std::variant<Reply, StartAttempt, CutAttempt, Load, CatalogChanged, UsageChanged>;

// Carries out a load on the calling thread: what reader threads run.
Loaded perform(store::Store& store, const Load& load);

}  // namespace ferry::engine
