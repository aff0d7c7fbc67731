// Functions and services: so many of them at most, saved as wholes, each in the place of the very
// value it was made from.

#include <utility>

#include "engine/admission.h"
#include "engine/families.h"

namespace ferry::engine {
namespace {

// What is stored is one object of its kind, so the same pointer is the same value.
template <class Pointer>
Result<void> check_base(const Engine::State& state, const Pointer& row, const Pointer& base) {
  const std::string name = name_of(row);
  const auto known = state.resources.find<Pointer>(row->tenant, name);
  if (known == base) return {};
  if (base == nullptr) return fail(ErrorCode::kConflict, name + " exists already");
  if (known == nullptr) return fail(ErrorCode::kNotFound, name + " not found");
  return fail(ErrorCode::kConflict, name + " was changed by another call");
}

Result<void> check_timeouts(const Tenant& tenant, const FunctionPtr& function) {
  RETURN_IF_ERROR(check_timeout(tenant, function->timeout));
  if (function->initializer.empty()) return {};
  return check_timeout(tenant, function->initialization_timeout);
}

Result<void> check_timeouts(const Tenant&, const ServicePtr&) { return {}; }

template <class Pointer>
Result<void> check_save(const Engine::State& state, ResourceKind kind, const Pointer& row,
                        const Pointer& base) {
  ASSIGN_OR_RETURN(const TenantPtr tenant, admit(state, row->tenant));
  RETURN_IF_ERROR(check_base(state, row, base));
  RETURN_IF_ERROR(check_timeouts(*tenant, row));
  const Resource known = base;
  RETURN_IF_ERROR(check_memory(state, *tenant, row, base == nullptr ? nullptr : &known));
  return base == nullptr ? check_count(state, *tenant, kind, 1) : Result<void>();
}

template <class Command, class Pointer>
void save(Engine::State& state, Turn& turn, const Command& command, ResourceKind kind,
          const Pointer& row) {
  if (auto checked = check_save(state, kind, row, command.base); !checked) {
    return turn.reply(command.reply, checked.error());
  }
  state.resources.put(row);
  turn.open_set().add(store::PutResource{row});
  turn.reply(command.reply, Done{});
}

}  // namespace

void apply(Engine::State& state, Turn& turn, SaveFunction command) {
  save(state, turn, command, ResourceKind::kFunction, command.function);
}

void apply(Engine::State& state, Turn& turn, SaveService command) {
  save(state, turn, command, ResourceKind::kService, command.service);
}

}  // namespace ferry::engine
