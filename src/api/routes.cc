#include "api/routes.h"

#include "api/openapi.h"
#include "api/ops/health.h"
#include "api/ops/metrics_page.h"
#include "api/qstash/batch.h"
#include "api/qstash/dead_letters.h"
#include "api/qstash/events.h"
#include "api/qstash/flow_keys.h"
#include "api/qstash/keys.h"
#include "api/qstash/messages.h"
#include "api/qstash/publish.h"
#include "api/qstash/queues.h"
#include "api/qstash/schedules.h"
#include "api/qstash/url_groups.h"

namespace ferry::api {
namespace {

using enum Access;
using enum BodyLimit;

// Order matters where two patterns fit one path: fixed segments stand before open ones.
constexpr RouteRow kRoutes[] = {
    {"POST", "/v2/publish/{destination...}", kFull, kMessage, publish},
    {"PUT", "/v2/publish/{destination...}", kFull, kMessage, publish},
    {"POST", "/v2/enqueue/{queue}/{destination...}", kFull, kMessage, enqueue},
    {"PUT", "/v2/enqueue/{queue}/{destination...}", kFull, kMessage, enqueue},
    {"POST", "/v2/batch", kFull, kBatch, batch},

    {"GET", "/v2/messages/{id}", kRead, kSmall, get_message},
    {"DELETE", "/v2/messages/{id}", kFull, kSmall, cancel_message},
    {"GET", "/v2/messages", kRead, kSmall, list_messages},
    {"DELETE", "/v2/messages", kFull, kSmall, cancel_messages},

    {"POST", "/v2/dlq/retry", kFull, kSmall, retry_dead_letters},
    {"POST", "/v2/dlq/retry/{id}", kFull, kSmall, retry_dead_letter},
    {"GET", "/v2/dlq", kRead, kSmall, list_dead_letters},
    {"DELETE", "/v2/dlq", kFull, kSmall, delete_dead_letters},
    {"GET", "/v2/dlq/{id}", kRead, kSmall, get_dead_letter},
    {"DELETE", "/v2/dlq/{id}", kFull, kSmall, delete_dead_letter},

    {"GET", "/v2/events", kRead, kSmall, list_events},
    {"GET", "/v2/logs", kRead, kSmall, list_logs},

    // Whoever holds the signing keys can forge signatures: not for read-only tokens.
    {"GET", "/v2/keys", kFull, kSmall, get_keys},
    {"POST", "/v2/keys/rotate", kFull, kSmall, rotate_keys},
    {"GET", "/v2/keys/rotate", kFull, kSmall, rotate_keys},

    {"GET", "/v2/queues", kRead, kSmall, list_queues},
    {"POST", "/v2/queues", kFull, kSmall, save_queue},
    {"GET", "/v2/queues/{name}", kRead, kSmall, get_queue},
    {"DELETE", "/v2/queues/{name}", kFull, kSmall, delete_queue},
    {"POST", "/v2/queues/{name}/pause", kFull, kSmall, pause_queue},
    {"POST", "/v2/queues/{name}/resume", kFull, kSmall, resume_queue},

    {"GET", "/v2/topics", kRead, kSmall, list_url_groups},
    {"GET", "/v2/topics/{group}", kRead, kSmall, get_url_group},
    {"DELETE", "/v2/topics/{group}", kFull, kSmall, delete_url_group},
    {"PATCH", "/v2/topics/{group}", kFull, kSmall, save_group_defaults},
    {"POST", "/v2/topics/{group}/endpoints", kFull, kSmall, save_endpoints},
    {"DELETE", "/v2/topics/{group}/endpoints", kFull, kSmall, delete_endpoints},

    // Of POST, what follows is a destination with slashes of its own; the method tells it apart.
    {"GET", "/v2/schedules", kRead, kSmall, list_schedules},
    {"POST", "/v2/schedules/{destination...}", kFull, kMessage, create_schedule},
    {"GET", "/v2/schedules/{id}", kRead, kSmall, get_schedule},
    {"DELETE", "/v2/schedules/{id}", kFull, kSmall, delete_schedule},
    {"PATCH", "/v2/schedules/{id}/pause", kFull, kSmall, pause_schedule},
    {"PATCH", "/v2/schedules/{id}/resume", kFull, kSmall, resume_schedule},
    {"PUT", "/v2/schedules/{id}/pause", kFull, kSmall, pause_schedule},
    {"PUT", "/v2/schedules/{id}/resume", kFull, kSmall, resume_schedule},

    {"GET", "/v2/flowControl", kRead, kSmall, list_flow_keys},
    {"GET", "/v2/flowControl/{rest...}", kRead, kSmall, get_flow_key},
    {"POST", "/v2/flowControl/{rest...}", kFull, kSmall, change_flow_key},
    {"GET", "/v2/globalParallelism", kRead, kSmall, get_global_parallelism},

    {"GET", "/healthz", kOpen, kSmall, health},
    {"GET", "/readyz", kOpen, kSmall, readiness},
    {"GET", "/version", kOpen, kSmall, version},
    {"GET", "/openapi.json", kOpen, kSmall, openapi},
    {"GET", "/metrics", kOpen, kSmall, metrics_page},
};

}  // namespace

std::span<const RouteRow> routes() { return kRoutes; }

}  // namespace ferry::api
