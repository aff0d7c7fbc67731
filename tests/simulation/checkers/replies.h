#pragma once

#include "simulation/checkers/checker.h"

namespace ferry::simulation {

// No reply before what it says is in the store; every call is answered once, unless its process
// ended.
class ReplyChecker : Checker {
 public:
  ReplyChecker(const Facts& facts, Findings& findings) : Checker("replies", facts, findings) {}

  void on(const CallAnswered& answered);
  void on(const SetStored& stored);
  void on(const RunEnded& ended);

 private:
  void note_changes(const SetStored& stored);
  void check(const CallAnswered& answered, const engine::Published& published);
  void check(const CallAnswered& answered, const engine::Retried& retried);
  void check(const CallAnswered& answered, const engine::TenantSaved& saved);
  void check(const CallAnswered& answered, const engine::Done& done);
  void check(const CallAnswered& answered, const Error& error);
  void check(const CallAnswered& answered, const engine::Deleted& deleted);
  void check(const CallAnswered&, const engine::Cancelled&) {}  // see cancels.h
  void check_published(ItemId item, const engine::Publish& call,
                       const engine::PublishedDelivery& delivery);
  void check_resource(const CallAnswered& answered);
  void check(const CallAnswered&, const engine::ResourceList&) {}
  void check(const CallAnswered&, const engine::Parallelism&) {}
  void check(const CallAnswered&, const engine::Invoked&) {}  // see functions.h

  // What the last moment with a write changed of tenants: several calls may do so in one step, and
  // each is answered with what it stored itself.
  struct Changes {
    TimePoint at;
    std::vector<TenantPtr> saved;
    std::set<TenantId> deleted;
    std::set<ResourceName> resources;  // that were put
    std::set<bool> paused;  // values that the server's own pause took
  };

  std::set<CallId> answered_;
  std::set<CallId> stored_;  // publishes with messages in the store
  Changes changes_;
};

}  // namespace ferry::simulation
