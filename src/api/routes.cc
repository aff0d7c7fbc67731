#include "api/routes.h"

#include "api/not_supported.h"
#include "api/ops/health.h"
#include "api/ops/metrics_page.h"
#include "api/qstash/batch.h"
#include "api/qstash/dead_letters.h"
#include "api/qstash/events.h"
#include "api/qstash/keys.h"
#include "api/qstash/messages.h"
#include "api/qstash/publish.h"

namespace ferry::api {
namespace {

using enum Access;
using enum BodyLimit;

// Order matters where two patterns fit one path: fixed segments stand before open ones.
constexpr RouteRow kRoutes[] = {
    {"POST", "/v2/publish/{destination...}", kFull, kMessage, publish, {}},
    {"PUT", "/v2/publish/{destination...}", kFull, kMessage, publish, {}},
    {"POST", "/v2/batch", kFull, kBatch, batch, {}},

    {"GET", "/v2/messages/{id}", kRead, kSmall, get_message, {}},
    {"DELETE", "/v2/messages/{id}", kFull, kSmall, cancel_message, {}},
    {"DELETE", "/v2/messages", kFull, kSmall, cancel_messages, {}},

    {"POST", "/v2/dlq/retry", kFull, kSmall, retry_dead_letters, {}},
    {"POST", "/v2/dlq/retry/{id}", kFull, kSmall, retry_dead_letter, {}},
    {"GET", "/v2/dlq", kRead, kSmall, list_dead_letters, {}},
    {"DELETE", "/v2/dlq", kFull, kSmall, delete_dead_letters, {}},
    {"GET", "/v2/dlq/{id}", kRead, kSmall, get_dead_letter, {}},
    {"DELETE", "/v2/dlq/{id}", kFull, kSmall, delete_dead_letter, {}},

    {"GET", "/v2/events", kRead, kSmall, list_events, {}},
    {"GET", "/v2/logs", kRead, kSmall, list_logs, {}},

    // Whoever holds the signing keys can forge signatures: not for read-only tokens.
    {"GET", "/v2/keys", kFull, kSmall, get_keys, {}},
    {"POST", "/v2/keys/rotate", kFull, kSmall, rotate_keys, {}},
    {"GET", "/v2/keys/rotate", kFull, kSmall, rotate_keys, {}},

    {"POST", "/v2/enqueue/{rest...}", kFull, kMessage, not_supported_yet, kNoQueuesYet},
    {"GET", "/v2/queues", kRead, kSmall, empty_list, {}},
    {"POST", "/v2/queues", kFull, kSmall, not_supported_yet, kNoQueuesYet},
    {"GET", "/v2/queues/{rest...}", kRead, kSmall, not_supported_yet, kNoQueuesYet},
    {"POST", "/v2/queues/{rest...}", kFull, kSmall, not_supported_yet, kNoQueuesYet},
    {"DELETE", "/v2/queues/{rest...}", kFull, kSmall, not_supported_yet, kNoQueuesYet},

    {"GET", "/v2/topics", kRead, kSmall, empty_list, {}},
    {"GET", "/v2/topics/{rest...}", kRead, kSmall, not_supported_yet, kNoGroupsYet},
    {"POST", "/v2/topics/{rest...}", kFull, kSmall, not_supported_yet, kNoGroupsYet},
    {"PATCH", "/v2/topics/{rest...}", kFull, kSmall, not_supported_yet, kNoGroupsYet},
    {"DELETE", "/v2/topics/{rest...}", kFull, kSmall, not_supported_yet, kNoGroupsYet},

    {"GET", "/v2/schedules", kRead, kSmall, empty_list, {}},
    {"GET", "/v2/schedules/{rest...}", kRead, kSmall, not_supported_yet, kNoSchedulesYet},
    {"POST", "/v2/schedules/{rest...}", kFull, kMessage, not_supported_yet, kNoSchedulesYet},
    {"PUT", "/v2/schedules/{rest...}", kFull, kSmall, not_supported_yet, kNoSchedulesYet},
    {"PATCH", "/v2/schedules/{rest...}", kFull, kSmall, not_supported_yet, kNoSchedulesYet},
    {"DELETE", "/v2/schedules/{rest...}", kFull, kSmall, not_supported_yet, kNoSchedulesYet},

    {"GET", "/v2/flowControl", kRead, kSmall, empty_list, {}},
    {"GET", "/v2/flowControl/{rest...}", kRead, kSmall, not_supported_yet, kNoFlowControlYet},
    {"POST", "/v2/flowControl/{rest...}", kFull, kSmall, not_supported_yet, kNoFlowControlYet},
    {"GET", "/v2/globalParallelism", kRead, kSmall, not_supported_yet, kNoFlowControlYet},

    {"GET", "/healthz", kOpen, kSmall, health, {}},
    {"GET", "/readyz", kOpen, kSmall, readiness, {}},
    {"GET", "/version", kOpen, kSmall, version, {}},
    {"GET", "/metrics", kOpen, kSmall, metrics_page, {}},
};

}  // namespace

std::span<const RouteRow> routes() { return kRoutes; }

}  // namespace ferry::api
