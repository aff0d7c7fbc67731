#include "api/fc/routes.h"

#include "api/fc/async_config.h"
#include "api/fc/functions.h"
#include "api/fc/invocations.h"
#include "api/fc/metric_query.h"
#include "api/fc/services.h"
#include "api/fc/tasks.h"
#include "api/fc/triggers.h"
#include "api/fc/versions.h"

namespace ferry::api::fc {
namespace {

using enum Generation;
using enum BodyKind;

constexpr Route kRoutes[] = {
    {k3, "POST", "/functions/{function}/invocations", invoke_function, kEvent},
    {k3, "POST", "/functions", create_function},
    {k3, "GET", "/functions", list_functions},
    {k3, "GET", "/functions/{function}", get_function},
    {k3, "PUT", "/functions/{function}", update_function},
    {k3, "DELETE", "/functions/{function}", delete_function},
    {k3, "POST", "/functions/{function}/invoke/disable", disable_function},
    {k3, "POST", "/functions/{function}/invoke/enable", enable_function},
    {k3, "PUT", "/functions/{function}/concurrency", put_concurrency},
    {k3, "GET", "/functions/{function}/concurrency", get_concurrency},
    {k3, "DELETE", "/functions/{function}/concurrency", delete_concurrency},
    {k3, "PUT", "/functions/{function}/async-invoke-config", put_async_config},
    {k3, "GET", "/functions/{function}/async-invoke-config", get_async_config},
    {k3, "DELETE", "/functions/{function}/async-invoke-config", delete_async_config},
    {k3, "GET", "/async-invoke-configs", list_async_configs},
    {k3, "POST", "/functions/{function}/versions", publish_version},
    {k3, "GET", "/functions/{function}/versions", list_versions},
    {k3, "DELETE", "/functions/{function}/versions/{version}", delete_version},
    {k3, "POST", "/functions/{function}/aliases", create_alias},
    {k3, "GET", "/functions/{function}/aliases", list_aliases},
    {k3, "GET", "/functions/{function}/aliases/{alias}", get_alias},
    {k3, "PUT", "/functions/{function}/aliases/{alias}", update_alias},
    {k3, "DELETE", "/functions/{function}/aliases/{alias}", delete_alias},
    {k3, "POST", "/functions/{function}/triggers", create_trigger},
    {k3, "GET", "/functions/{function}/triggers", list_triggers},
    {k3, "GET", "/functions/{function}/triggers/{trigger}", get_trigger},
    {k3, "PUT", "/functions/{function}/triggers/{trigger}", update_trigger},
    {k3, "DELETE", "/functions/{function}/triggers/{trigger}", delete_trigger},
    {k3, "GET", "/functions/{function}/async-tasks", list_tasks},
    {k3, "GET", "/functions/{function}/async-tasks/{id}", get_task},
    {k3, "PUT", "/functions/{function}/async-tasks/{id}/stop", stop_task},
    {k3, "GET", "/metrics", query_metrics},

    {k2, "POST", "/services/{service}/functions/{function}/invocations", invoke_function, kEvent},
    {k2, "GET", "/proxy/{service}/{function}/{path...}", call_http_function, kEvent},
    {k2, "POST", "/proxy/{service}/{function}/{path...}", call_http_function, kEvent},
    {k2, "PUT", "/proxy/{service}/{function}/{path...}", call_http_function, kEvent},
    {k2, "PATCH", "/proxy/{service}/{function}/{path...}", call_http_function, kEvent},
    {k2, "DELETE", "/proxy/{service}/{function}/{path...}", call_http_function, kEvent},
    {k2, "POST", "/services", create_service},
    {k2, "GET", "/services", list_services},
    {k2, "GET", "/services/{service}", get_service},
    {k2, "PUT", "/services/{service}", update_service},
    {k2, "DELETE", "/services/{service}", delete_service},
    {k2, "POST", "/services/{service}/functions", create_function},
    {k2, "GET", "/services/{service}/functions", list_functions},
    {k2, "GET", "/services/{service}/functions/{function}", get_function},
    {k2, "PUT", "/services/{service}/functions/{function}", update_function},
    {k2, "DELETE", "/services/{service}/functions/{function}", delete_function},
    {k2, "PUT", "/services/{service}/functions/{function}/async-invoke-config", put_async_config},
    {k2, "GET", "/services/{service}/functions/{function}/async-invoke-config", get_async_config},
    {k2, "DELETE", "/services/{service}/functions/{function}/async-invoke-config",
     delete_async_config},
    {k2, "GET", "/services/{service}/functions/{function}/async-invoke-configs",
     list_async_configs},
    {k2, "POST", "/services/{service}/versions", publish_version},
    {k2, "GET", "/services/{service}/versions", list_versions},
    {k2, "DELETE", "/services/{service}/versions/{version}", delete_version},
    {k2, "POST", "/services/{service}/aliases", create_alias},
    {k2, "GET", "/services/{service}/aliases", list_aliases},
    {k2, "GET", "/services/{service}/aliases/{alias}", get_alias},
    {k2, "PUT", "/services/{service}/aliases/{alias}", update_alias},
    {k2, "DELETE", "/services/{service}/aliases/{alias}", delete_alias},
    {k2, "POST", "/services/{service}/functions/{function}/triggers", create_trigger},
    {k2, "GET", "/services/{service}/functions/{function}/triggers", list_triggers},
    {k2, "GET", "/services/{service}/functions/{function}/triggers/{trigger}", get_trigger},
    {k2, "PUT", "/services/{service}/functions/{function}/triggers/{trigger}", update_trigger},
    {k2, "DELETE", "/services/{service}/functions/{function}/triggers/{trigger}", delete_trigger},
    {k2, "GET", "/services/{service}/functions/{function}/stateful-async-invocations", list_tasks},
    {k2, "GET", "/services/{service}/functions/{function}/stateful-async-invocations/{id}",
     get_task},
    {k2, "PUT", "/services/{service}/functions/{function}/stateful-async-invocations/{id}",
     stop_task},
    {k2, "GET", "/stateful-async-invocation-functions", list_task_functions},
};

}  // namespace

std::span<const Route> routes() { return kRoutes; }

}  // namespace ferry::api::fc
