// tenant create, list, suspend, resume, delete, add-token, rotate-token, rotate-keys, create-key,
// list-keys, delete-key, set-quota, standard-webhooks.

#include <cstdio>
#include <string>
#include <vector>

#include "app/cli/commands.h"
#include "app/cli/operator_call.h"
#include "app/cli/table.h"

namespace ferry::app::cli {
namespace {

using enum ArgumentKind;

const OperatorArgument kName{.flag = "name", .name = "name", .prose = "Name of the tenant"};
const OperatorArgument kReadOnly{.flag = "--read-only",
                                 .name = "read_only",
                                 .prose = "A token that may only read",
                                 .kind = kFlag};

void print_state(const JsonValue& tenant) {
  std::printf("Tenant %s: %s, deliveries %s.\n", member_text(tenant, "name").c_str(),
              member_text(tenant, "state").c_str(), member_text(tenant, "deliveries").c_str());
}

void print_deleted(const JsonValue& tenant) {
  std::printf("Tenant %s is deleted.\n", member_text(tenant, "name").c_str());
}

// As lines that a shell can read and a .env file can hold.
void print_secrets(const JsonValue& tenant) {
  std::printf("Tenant %s. Keep this, it is shown once:\n\n", member_text(tenant, "name").c_str());
  const std::pair<const char*, const char*> variables[] = {
      {"token", "QSTASH_TOKEN"},
      {"current_key", "QSTASH_CURRENT_SIGNING_KEY"},
      {"next_key", "QSTASH_NEXT_SIGNING_KEY"},
      {"access_key_id", "FC_ACCESS_KEY_ID"},
      {"access_key_secret", "FC_ACCESS_KEY_SECRET"}};
  for (const auto& [member, variable] : variables) {
    if (!tenant.find(member)) continue;
    std::printf("%s=\"%s\"\n", variable, member_text(tenant, member).c_str());
  }
}

std::string quotas_text(const JsonValue& tenant) {
  const auto quotas = tenant.find("quotas");
  if (!quotas || quotas->size() == 0) return "-";
  std::string text;
  for (std::size_t i = 0; i < quotas->size(); ++i) {
    const std::string name(quotas->member(i).name);
    text += (i == 0 ? "" : " ") + name + "=" + member_text(*quotas, name);
  }
  return text;
}

void print_quotas(const JsonValue& tenant) {
  std::printf("Tenant %s: %s\n", member_text(tenant, "name").c_str(), quotas_text(tenant).c_str());
}

void print_standard_webhooks(const JsonValue& tenant) {
  std::printf("Tenant %s: signatures %s.\n", member_text(tenant, "name").c_str(),
              member_text(tenant, "signatures").c_str());
  if (tenant.find("secret")) {
    std::printf("\nThe secret for its receivers:\n%s\n", member_text(tenant, "secret").c_str());
  }
}

void print_keys(const JsonValue& answer) {
  std::vector<std::vector<std::string>> rows{{"ACCESS KEY", "CREATED", "NOTE"}};
  const auto keys = answer.find("access_keys");
  for (std::size_t i = 0; keys && i < keys->size(); ++i) {
    const JsonValue key = keys->element(i);
    rows.push_back(
        {member_text(key, "id"), member_text(key, "created_at"), member_text(key, "note")});
  }
  std::fputs(format_table(rows).c_str(), stdout);
}

void print_list(const JsonValue& answer) {
  std::vector<std::vector<std::string>> rows{
      {"NAME", "ID", "STATE", "DELIVERIES", "TOKENS", "CREATED", "QUOTAS"}};
  const auto tenants = answer.find("tenants");
  for (std::size_t i = 0; tenants && i < tenants->size(); ++i) {
    const JsonValue tenant = tenants->element(i);
    const auto tokens = tenant.find("tokens");
    rows.push_back({member_text(tenant, "name"), member_text(tenant, "id"),
                    member_text(tenant, "state"), member_text(tenant, "deliveries"),
                    std::to_string(tokens ? tokens->size() : 0), member_text(tenant, "created_at"),
                    quotas_text(tenant)});
  }
  std::fputs(format_table(rows).c_str(), stdout);
}

std::vector<OperatorSubcommand> secret_subcommands() {
  return {
      {.word = "create",
       .command = "tenant create",
       .prose = "Make a tenant; prints its token and signing keys, once",
       .arguments = {kName,
                     {"--token", "token", "Take this token, such as the one clients have already"},
                     {"--password", "password", "Make the token of the name and this password"},
                     {"--current-key", "current_key", "Take this signing key"},
                     {"--next-key", "next_key", "Take this next signing key"}},
       .print = print_secrets,
       .makes_folder = true},
      {.word = "add-token",
       .command = "tenant add-token",
       .prose = "Give a tenant one more token",
       .arguments = {kName, kReadOnly, {"--note", "note", "What the token is for"}},
       .print = print_secrets},
      {.word = "rotate-token",
       .command = "tenant rotate-token",
       .prose = "Replace all full tokens by a new one (with --read-only: all read-only tokens)",
       .arguments = {kName, kReadOnly},
       .print = print_secrets},
      {.word = "rotate-keys",
       .command = "tenant rotate-keys",
       .prose = "Make the next signing key the current one, and a new next one",
       .arguments = {kName},
       .print = print_secrets},
      {.word = "create-key",
       .command = "tenant create-key",
       .prose = "Give a tenant an access key for the Function Compute API",
       .arguments = {kName, {"--note", "note", "What the key is for"}},
       .print = print_secrets},
  };
}

std::vector<OperatorSubcommand> key_subcommands() {
  return {
      {.word = "list-keys",
       .command = "tenant list-keys",
       .prose = "List the access keys of a tenant",
       .arguments = {kName},
       .print = print_keys},
      {.word = "delete-key",
       .command = "tenant delete-key",
       .prose = "Forget an access key",
       .arguments = {kName, {"id", "id", "Of the access key"}},
       .print = print_state},
  };
}

std::vector<OperatorSubcommand> state_subcommands() {
  return {
      {.word = "list",
       .command = "tenant list",
       .prose = "List the tenants",
       .arguments = {},
       .print = print_list},
      {.word = "suspend",
       .command = "tenant suspend",
       .prose = "Refuse the calls of a tenant",
       .arguments = {kName},
       .print = print_state},
      {.word = "resume",
       .command = "tenant resume",
       .prose = "Take the calls of a suspended tenant again",
       .arguments = {kName},
       .print = print_state},
      {.word = "delete",
       .command = "tenant delete",
       .prose = "Forget a tenant, its tokens and its keys",
       .arguments = {kName},
       .print = print_deleted},
      {.word = "set-quota",
       .command = "tenant set-quota",
       .prose = "Set limits of a tenant; \"none\" takes one away",
       .arguments = {kName,
                     {"--max-retries", "max_retries", "Most retries of a message"},
                     {"--max-delay", "max_delay", "Longest delay of a message, such as 7d"},
                     {"--body-bytes-max", "body_bytes_max", "Largest body, such as 1MB"},
                     {"--messages-per-day", "messages_per_day", "Most messages a UTC day"},
                     {"--queues", "queues", "Most queues"},
                     {"--queue-parallelism", "queue_parallelism", "Highest parallelism of a queue"},
                     {"--schedules", "schedules", "Most schedules"},
                     {"--url-groups", "url_groups", "Most URL groups"},
                     {"--functions", "functions", "Most functions"},
                     {"--services", "services", "Most services of functions"},
                     {"--flow-keys", "flow_keys", "Most flow control keys"},
                     {"--tokens", "tokens", "Most tokens"},
                     {"--resource-bytes", "resource_bytes",
                      "Most memory of all resources together, such as 32MB"},
                     {"--schedule-body-bytes", "schedule_body_bytes",
                      "Most bytes of large bodies of schedules, on disk"},
                     {"--timeout-max", "timeout_max", "Longest time of one attempt, such as 30s"}},
       .print = print_quotas},
      {.word = "standard-webhooks",
       .command = "tenant standard-webhooks",
       .prose = "Sign deliveries the Standard Webhooks way as well, or no longer",
       .arguments = {kName, {"enabled", "enabled", "true or false"}},
       .print = print_standard_webhooks},
  };
}

}  // namespace

void add_tenant_commands(Command ferry) {
  Command tenant = ferry.add_noun("tenant", "Owners of tokens, keys and messages");
  for (auto& subcommand : secret_subcommands()) {
    add_operator_subcommand(tenant, std::move(subcommand));
  }
  for (auto& subcommand : key_subcommands()) {
    add_operator_subcommand(tenant, std::move(subcommand));
  }
  for (auto& subcommand : state_subcommands()) {
    add_operator_subcommand(tenant, std::move(subcommand));
  }
}

}  // namespace ferry::app::cli
