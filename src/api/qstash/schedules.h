#pragma once

#include "api/call.h"
#include "api/qstash/publish_item.h"

// Schedules (contract section 9).

namespace ferry::api {

// POST /v2/schedules/{destination...}: the options of a publish with Upstash-Cron, answered with
// {"scheduleId":…}; one with an id in use is replaced as a whole. `{id}/pause` and `{id}/resume`
// are the calls below: no destination looks like that, unless an api destination is called so, and
// then it is that.
Awaitable<Answered> create_schedule(Call call);

Awaitable<Answered> list_schedules(Call call);
Awaitable<Answered> get_schedule(Call call);
Awaitable<Answered> delete_schedule(Call call);
Awaitable<Answered> pause_schedule(Call call);
Awaitable<Answered> resume_schedule(Call call);

// Creates what the call wants, for publish and enqueue with Upstash-Cron. `wanted.cron` is set.
Awaitable<Answered> save_schedule(Call call, WantedMessage wanted);

}  // namespace ferry::api
