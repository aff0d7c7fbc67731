#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulation/observations.h"

namespace ferry::simulation {

// An item of a publish call.
struct ItemId {
  CallId call = 0;
  std::size_t item = 0;
  friend auto operator<=>(const ItemId&, const ItemId&) = default;
};

// The header that names the item in its message, so that even a message whose call was lost is
// known to be its own.
inline constexpr std::string_view kItemHeader = "X-Item";
std::string item_text(ItemId id);

// Begins the request id of an invocation that a push made; the id of the push follows.
inline constexpr std::string_view kPushRequest = "push-";

// A delivery as the store has it, or last had it.
struct DeliveryFact {
  Delivery row;
  MessagePtr message;
  bool pending = true;
  TimePoint stored_at;
  std::optional<ItemId> item;  // of a publish
  DeadLetterId retry_of;       // of a retried dead letter
};

struct ResourceName {
  ResourceKind kind = ResourceKind::kQueue;
  TenantId tenant;
  std::string name;
  friend auto operator<=>(const ResourceName&, const ResourceName&) = default;
};

ResourceName name_of_row(const Resource& resource);

// A call and what became of it.
struct CallFact {
  TimePoint made_at;
  engine::Command command;
  bool answered = false;
  bool lost = false;
};

// What is true, told by the write-sets that became durable and by the calls that were made: the
// model that the checkers share. It believes the engine's rows, not its reasons.
class Facts {
 public:
  void on(const CallMade& made);
  void on(const CallAnswered& answered);
  void on(const CallLost& lost);
  void on(const SetStored& stored);

  std::map<DeliveryId, DeliveryFact> deliveries;  // ended ones included
  std::map<DeadLetterId, DeadLetterPtr> letters;
  std::set<DeadLetterId> letters_ever;
  std::map<std::pair<TenantId, DedupKey>, DedupRecord> dedup;
  std::map<TenantId, TenantPtr> tenants;
  std::set<TenantId> tenants_ever;
  std::set<TenantId> tenants_deleted;
  std::map<ResourceName, Resource> resources;
  bool paused = false;
  std::map<CallId, CallFact> calls;
  std::size_t pending = 0;

  const DeliveryFact* find(DeliveryId id) const;
  // Null: there is none of that name.
  template <class Pointer>
  Pointer resource(TenantId tenant, const std::string& name) const {
    const auto it = resources.find({kind_of(Resource(Pointer())), tenant, name});
    return it == resources.end() ? nullptr : std::get<Pointer>(it->second);
  }
  template <class T>
  const T* command(CallId call) const {
    const auto it = calls.find(call);
    return it == calls.end() ? nullptr : std::get_if<T>(&it->second.command);
  }

 private:
  void put(const store::PutDelivery& op, const SetStored& stored);
  void drop(DeliveryId id);
};

}  // namespace ferry::simulation
