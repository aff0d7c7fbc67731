#include "store/test_rows.h"

namespace ferry::store::test {
namespace {

template <class Owner>
void add_belongings(Owner& owner) {
  owner.id = "6a6b3f0e-0000-4000-8000-000000000001";
  owner.attributes = R"({"description":"d"})";
  owner.created_at = at(1);
  owner.modified_at = at(2);
  owner.last_version = 3;
  owner.versions = {{.id = 3, .description = "v", .created_at = at(3), .modified_at = at(4)}};
  owner.aliases = {{.name = "prod",
                    .version_id = "3",
                    .description = "a",
                    .attributes = R"({"additionalVersionWeight":{"2":0.1}})",
                    .created_at = at(5),
                    .modified_at = at(6)}};
}

}  // namespace

FunctionPtr make_function(std::string name, TenantId tenant) {
  Function function;
  function.tenant = tenant;
  function.function = std::move(name);
  function.endpoint = "http://127.0.0.1:9000";
  function.handler = "index.handler";
  function.runtime = "custom";
  function.timeout = Duration(30'000);
  function.memory_mb = 256;
  function.concurrency_max = 7;
  function.initializer = "index.init";
  function.initialization_timeout = Duration(5'000);
  function.log_project = "project";
  function.log_store = "store";
  function.disabled = true;
  function.recursion_allowed = true;
  add_belongings(function);
  function.triggers = {
      {.name = "t", .type = "http", .attributes = "{}", .created_at = at(7), .modified_at = at(8)}};
  function.configs = {{.qualifier = "LATEST",
                       .task_mode = true,
                       .on_success = "kafka://orders/done",
                       .on_failure = "acs:mns:::/queues/failed/messages",
                       .max_retries = 8,
                       .event_age_max = Duration(60'000),
                       .created_at = at(9),
                       .modified_at = at(10)}};
  return std::make_shared<const Function>(std::move(function));
}

ServicePtr make_service(std::string name, TenantId tenant) {
  Service service;
  service.tenant = tenant;
  service.name = std::move(name);
  add_belongings(service);
  return std::make_shared<const Service>(std::move(service));
}

}  // namespace ferry::store::test
