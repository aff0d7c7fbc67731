// Dead letters: deleted, or retried as new messages that replace them.

#include <set>
#include <utility>

#include "engine/admission.h"
#include "engine/deliveries.h"
#include "engine/families.h"

namespace ferry::engine {
namespace {

// The letters of the tenant that are still there, each once, in the order asked for. Some may
// have been pruned since they were read.
std::vector<DeadLetterPtr> current(const Engine::State& state, TenantId tenant,
                                   const std::vector<DeadLetterId>& wanted, std::uint64_t load,
                                   const LoadedLetters& loaded) {
  std::map<DeadLetterId, DeadLetterPtr> read;
  for (const DeadLetterPtr& letter : loaded.letters) read.emplace(letter->id, letter);
  std::vector<DeadLetterPtr> kept;
  const std::int64_t oldest = first_id_at(state.letters_pruned);
  for (const DeadLetterId id : wanted) {
    const auto it = read.find(id);
    if (it == read.end() || id.value < oldest) continue;
    const bool gone = state.loads.touched(id, load);  // a letter is written once and dropped once
    if (!gone && it->second->delivery.tenant == tenant) kept.push_back(it->second);
    read.erase(it);
  }
  return kept;
}

void drop(Engine::State& state, store::WriteSet& set, DeadLetterId id) {
  set.add(store::DropDeadLetter{id});
  state.loads.touch(id);
  state.totals.change_dead_letters(-1);
}

template <class T>
void override_with(T& value, const std::optional<T>& option) {
  if (option) value = *option;
}

// The letter's message with the call's options over its own (contract section 11.3).
Message message_again(const Message& original, const PublishOptions& over,
                      const std::string& caller_ip) {
  Message message = original;
  override_with(message.method, over.method);
  override_with(message.max_retries, over.max_retries);
  override_with(message.retry_delay_expression, over.retry_delay_expression);
  override_with(message.timeout, over.timeout);
  override_with(message.labels, over.labels);
  override_with(message.redaction, over.redaction);
  if (over.callback) message.callback = over.callback;
  if (over.failure_callback) message.failure_callback = over.failure_callback;
  std::set<std::string_view> replaced;
  for (const HeaderField& field : over.forward_headers) {
    if (replaced.insert(field.name).second) message.headers.remove(field.name);
    message.headers.add(field.name, field.value);
  }
  if (message.caller_ip.empty()) message.caller_ip = caller_ip;
  return message;
}

// With their bodies, which the new messages take over; as many at once as fit into memory.
void load_letters(Engine::State& state, Turn& turn, RetryDeadLetters command) {
  std::vector<DeadLetterId> ids = command.letters;
  turn.load(state.loads.begin(std::move(command)),
            Load::DeadLetters{std::move(ids), store::LargeBodies::kRead});
}

}  // namespace

void apply(Engine::State& state, Turn& turn, DeleteDeadLetters command) {
  std::vector<DeadLetterId> ids = command.letters;
  turn.load(state.loads.begin(std::move(command)), Load::DeadLetters{std::move(ids)});
}

void apply(Engine::State& state, Turn& turn, RetryDeadLetters command) {
  const auto tenant = admit(state, command.tenant);
  if (!tenant) return turn.reply(command.reply, tenant.error());
  const auto allowed = check_quotas(state, **tenant, command.overrides, turn.now);
  if (!allowed) return turn.reply(command.reply, allowed.error());
  load_letters(state, turn, std::move(command));
}

void delete_loaded(Engine::State& state, Turn& turn, const DeleteDeadLetters& command,
                   std::uint64_t load, const LoadedLetters& loaded) {
  const auto found = current(state, command.tenant, command.letters, load, loaded);
  store::WriteSet set;
  for (const DeadLetterPtr& letter : found) drop(state, set, letter->id);
  if (!set.empty()) turn.sets.push_back(std::move(set));
  turn.reply(command.reply, Deleted{static_cast<std::int64_t>(found.size())});
}

void retry_loaded(Engine::State& state, Turn& turn, const RetryDeadLetters& command,
                  std::uint64_t load, const LoadedLetters& loaded) {
  const auto found = current(state, command.tenant, command.letters, load, loaded);
  store::WriteSet set;
  Retried retried{.deliveries = command.retried};
  for (const DeadLetterPtr& letter : found) {
    drop(state, set, letter->id);
    retried.deliveries.push_back(create_delivery(
        state, turn, set, message_again(*letter->message, command.overrides, command.caller_ip),
        *letter->delivery.to, first_due(command.overrides, turn.now)));
  }
  if (!set.empty()) turn.sets.push_back(std::move(set));
  if (loaded.looked_up < command.letters.size()) {
    RetryDeadLetters rest = command;
    rest.retried = std::move(retried.deliveries);
    rest.letters.erase(rest.letters.begin(),
                       rest.letters.begin() + static_cast<std::ptrdiff_t>(loaded.looked_up));
    return load_letters(state, turn, std::move(rest));
  }
  turn.reply(command.reply, std::move(retried));
}

}  // namespace ferry::engine
