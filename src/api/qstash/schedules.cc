#include "api/qstash/schedules.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "api/list_answer.h"
#include "api/qstash/option_values.h"
#include "api/qstash/publish.h"
#include "api/qstash/resources.h"
#include "api/qstash/shown_schedule.h"
#include "api/scalars.h"
#include "base/encoding.h"
#include "base/random.h"

namespace ferry::api {
namespace {

constexpr std::size_t kIdRandomBytes = 18;
// A group has at most 100 endpoints, so a tick makes at most as many messages.
constexpr std::size_t kStatesMax = 100;

const Schedule& schedule_of(const engine::ResourceView& view) {
  return *std::get<SchedulePtr>(view.resource);
}

std::string make_schedule_id() {
  return "scd_" + base58_encode(secure_random_bytes(kIdRandomBytes));
}

Result<engine::SaveSchedule> save_command(const Call& call, WantedMessage wanted) {
  engine::SaveSchedule command;
  Schedule& schedule = command.schedule;
  // Without an expression it is the expression that is wrong, in the public service's words.
  if (!wanted.cron) {
    ASSIGN_OR_RETURN(wanted.cron, parse_cron(""));
  }
  schedule.cron = std::move(*wanted.cron);
  schedule.tenant = call.caller.tenant->id;
  schedule.id = wanted.schedule_id ? std::move(*wanted.schedule_id) : make_schedule_id();
  schedule.destination = std::move(wanted.destination);
  schedule.options = std::move(wanted.item.options);
  schedule.options.not_before.reset();  // ignored (contract section 9.1)
  schedule.body = std::move(wanted.item.body);
  schedule.caller_ip = call.services.proxies.caller_ip(call.request.head);
  schedule.created_at = call.now;
  return command;
}

// Where a delivery of the last tick stands; nothing when history has forgotten it.
std::optional<DeliveryState> state_of(const std::optional<store::MessageView>& view) {
  if (!view) return std::nullopt;
  if (!view->finished) return DeliveryState::kInProgress;
  return view->last_state == EventState::kDelivered ? DeliveryState::kSuccess
                                                    : DeliveryState::kFail;
}

// Runs on a reader thread.
Result<LastStates> read_states(store::Store& store, const std::vector<DeliveryId>& deliveries) {
  LastStates states;
  for (std::size_t i = 0; i < std::min(deliveries.size(), kStatesMax); ++i) {
    ASSIGN_OR_RETURN(const std::optional<store::MessageView> view,
                     store.message_view(deliveries[i], TimePoint()));
    if (const auto state = state_of(view)) states.emplace_back(deliveries[i], *state);
  }
  return states;
}

std::size_t body_bytes_of(const Schedule& schedule) {
  return schedule.body.size() + static_cast<std::size_t>(schedule.body_bytes);
}

// The schedule's body, which is a row of its own when it is large.
Result<Bytes> read_body(store::Store& store, const Schedule& schedule) {
  if (schedule.body_bytes == 0) return schedule.body;
  ASSIGN_OR_RETURN(const ScheduleBodyPtr row, store.schedule_body(schedule.tenant, schedule.id));
  return row ? row->body : schedule.body;  // else it was changed meanwhile
}

// Shows schedules with their bodies and the states of their last ticks; on reader threads. One
// with a large body is a part of its own.
ReadPart read_shown(const Context& context, std::vector<engine::ResourceView> schedules) {
  return
      [&context, schedules = std::move(schedules)](const PartRequest& request) -> Result<ListPart> {
        ListPart part;
        std::size_t at = request.from.empty() ? 0 : std::stoull(request.from);
        for (; at < schedules.size() && !is_full(part, request); ++at) {
          const Schedule& schedule = schedule_of(schedules[at]);
          if (!part.ends.empty() && part.json.size() + body_bytes_of(schedule) > kPartBytes) break;
          ASSIGN_OR_RETURN(const LastStates states,
                           read_states(context.store, schedule.last_deliveries));
          ASSIGN_OR_RETURN(const Bytes body, read_body(context.store, schedule));
          add_entry(part, [&](JsonWriter& json) {
            write_schedule(json, schedule, body, states, {context.options.default_retries},
                           *context.ids);
          });
        }
        if (at < schedules.size()) part.next = std::to_string(at);
        return part;
      };
}

Awaitable<Answered> set_paused(Call call, std::string id, bool paused) {
  engine::PauseSchedule command;
  command.tenant = call.caller.tenant->id;
  command.id = std::move(id);
  command.paused = paused;
  co_return co_await carry_out(call.services.context, std::move(command));
}

// "{id}/pause" or "{id}/resume" in place of a destination.
struct PauseCall {
  std::string id;
  bool paused = false;
};

std::optional<PauseCall> as_pause_call(std::string_view destination) {
  const std::size_t slash = destination.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view word = destination.substr(slash + 1);
  const bool paused = equals_ignore_case(word, "pause");
  if (!paused && !equals_ignore_case(word, "resume")) return std::nullopt;
  std::string id = percent_decode(destination.substr(0, slash));
  if (!is_name(id) || id == "api") return std::nullopt;
  return PauseCall{std::move(id), paused};
}

}  // namespace

Awaitable<Answered> create_schedule(Call call) {
  const std::string_view destination = call.parameter("destination");
  if (auto pause = as_pause_call(destination)) {
    co_return co_await set_paused(std::move(call), std::move(pause->id), pause->paused);
  }
  CO_ASSIGN_OR_RETURN(WantedMessage wanted, read_publish_call(call, destination, {}));
  co_return co_await save_schedule(std::move(call), std::move(wanted));
}

Awaitable<Answered> list_schedules(Call call) {
  const Context& context = call.services.context;
  CO_ASSIGN_OR_RETURN(
      std::vector<engine::ResourceView> schedules,
      co_await read_resources(context, call.caller.tenant->id, ResourceKind::kSchedule));
  co_return co_await answer_whole_list(context, call.caller.tenant->id,
                                       read_shown(context, std::move(schedules)));
}

Awaitable<Answered> get_schedule(Call call) {
  const Context& context = call.services.context;
  CO_ASSIGN_OR_RETURN(
      std::vector<engine::ResourceView> schedules,
      co_await read_resources(context, call.caller.tenant->id, ResourceKind::kSchedule,
                              std::string(call.parameter("id"))));
  co_return co_await answer_one(context, call.caller.tenant->id,
                                read_shown(context, std::move(schedules)));
}

Awaitable<Answered> delete_schedule(Call call) {
  co_return co_await carry_out(call.services.context, drop_command(call, ResourceKind::kSchedule,
                                                                   call.parameter("id"), true));
}

Awaitable<Answered> pause_schedule(Call call) {
  std::string id(call.parameter("id"));
  co_return co_await set_paused(std::move(call), std::move(id), true);
}

Awaitable<Answered> resume_schedule(Call call) {
  std::string id(call.parameter("id"));
  co_return co_await set_paused(std::move(call), std::move(id), false);
}

Awaitable<Answered> save_schedule(Call call, WantedMessage wanted) {
  CO_ASSIGN_OR_RETURN(engine::SaveSchedule command, save_command(call, std::move(wanted)));
  const std::string id = command.schedule.id;
  Answered saved = co_await carry_out(call.services.context, std::move(command));
  if (!saved) co_return saved;
  JsonWriter json;
  json.begin_object().field("scheduleId", id).end_object();
  co_return json_answer(std::move(json).take());
}

}  // namespace ferry::api
