#include "app/operator_tenants.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "app/setting_values.h"
#include "base/encoding.h"
#include "base/json_writer.h"
#include "base/random.h"
#include "domain/limits.h"

namespace ferry::app {
namespace {

constexpr std::size_t kPasswordRandomBytes = 24;
constexpr std::size_t kTokenBytesMax = 4096;
constexpr std::size_t kAccessKeysMax = 100;
constexpr std::string_view kNoLimit = "none";

std::string new_password() { return base58_encode(secure_random_bytes(kPasswordRandomBytes)); }

std::optional<std::string> optional_text(const OperatorArguments& arguments,
                                         std::string_view name) {
  const auto found = arguments.find(name);
  if (found == arguments.end()) return std::nullopt;
  return found->second;
}

// Names stand in tokens, in log lines and on command lines.
Result<void> check_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._-@").contains(c);
  };
  if (name.empty() || name.size() > limits::kNameBytesMax || !std::ranges::all_of(name, allowed)) {
    return fail(ErrorCode::kInvalidRequest,
                "name: expected 1 to " + std::to_string(limits::kNameBytesMax) +
                    " letters, digits, dots, dashes, underscores or at signs");
  }
  return {};
}

bool is_visible_text(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

Result<std::string> signing_key(const OperatorArguments& arguments, std::string_view name) {
  const auto given = optional_text(arguments, name);
  if (!given) return make_signing_key();
  if (!is_visible_text(*given)) {
    return fail(ErrorCode::kInvalidRequest, std::string(name) + ": expected a key without blanks");
  }
  return *given;
}

// A bearer token is found by its hash alone, so one text can belong to one tenant only.
Result<Token> new_token(const Operator& server, std::string_view text, TokenScope scope,
                        std::string note) {
  if (!is_visible_text(text) || text.size() > kTokenBytesMax) {
    return fail(ErrorCode::kInvalidRequest, "token: expected up to " +
                                                std::to_string(kTokenBytesMax) +
                                                " visible characters without blanks");
  }
  if (server.catalog()->authenticate(text)) {
    return fail(ErrorCode::kInvalidRequest, "token: it is in use already");
  }
  return Token{sha256(text), scope, server.clock(), std::move(note)};
}

Result<TokenScope> scope_of(const OperatorArguments& arguments) {
  const auto text = optional_text(arguments, "read_only");
  if (!text) return TokenScope::kFull;
  ASSIGN_OR_RETURN(const bool read_only, read_flag({*text}));
  return read_only ? TokenScope::kReadOnly : TokenScope::kFull;
}

Result<TenantPtr> save(const Operator& server, Tenant tenant, TenantPtr base = nullptr) {
  engine::Answer answer = server.change(
      engine::SaveTenant{.reply = {}, .tenant = std::move(tenant), .base = std::move(base)});
  if (const Error* error = std::get_if<Error>(&answer)) return std::unexpected(*error);
  return std::get<engine::TenantSaved>(answer).tenant;
}

template <class T>
void write_limit(JsonWriter& json, std::string_view name, const std::optional<T>& limit) {
  if (limit) json.field(name, static_cast<std::int64_t>(*limit));
}

void write_quotas(JsonWriter& json, const Quotas& quotas) {
  json.key("quotas").begin_object();
  write_limit(json, "max_retries", quotas.max_retries);
  if (quotas.max_delay) json.field("max_delay", format_duration(*quotas.max_delay));
  write_limit(json, "body_bytes_max", quotas.body_bytes_max);
  write_limit(json, "messages_per_day", quotas.messages_per_day);
  write_limit(json, "queues", quotas.queues);
  write_limit(json, "queue_parallelism", quotas.queue_parallelism);
  write_limit(json, "schedules", quotas.schedules);
  write_limit(json, "url_groups", quotas.url_groups);
  write_limit(json, "functions", quotas.functions);
  write_limit(json, "services", quotas.services);
  write_limit(json, "flow_keys", quotas.flow_keys);
  write_limit(json, "tokens", quotas.tokens);
  write_limit(json, "resource_bytes", quotas.resource_bytes);
  write_limit(json, "schedule_body_bytes", quotas.schedule_body_bytes);
  if (quotas.timeout_max) json.field("timeout_max", format_duration(*quotas.timeout_max));
  json.end_object();
}

void write_tenant(JsonWriter& json, const Tenant& tenant) {
  json.field("name", tenant.name)
      .field("id", tenant.id.value)
      .field("created_at", format_rfc3339(tenant.created_at))
      .field("state", tenant.suspended ? "suspended" : "active")
      .field("deliveries", tenant.paused ? "paused" : "running")
      .field("signatures", tenant.standard_webhooks ? "qstash and standard-webhooks" : "qstash");
  json.key("tokens").begin_array();
  for (const Token& token : tenant.tokens) {
    json.begin_object()
        .field("scope", token.scope == TokenScope::kReadOnly ? "read-only" : "full")
        .field("created_at", format_rfc3339(token.created_at))
        .field_if("note", token.note)
        .end_object();
  }
  json.end_array();
  write_quotas(json, tenant.quotas);
}

// What a command made and tells this once.
struct Secrets {
  std::string token;
  std::string current_key;
  std::string next_key;
  std::string access_key_id;
  std::string access_key_secret;
};

std::string describe(const Tenant& tenant, const Secrets& secrets = {}) {
  JsonWriter json;
  json.begin_object();
  write_tenant(json, tenant);
  json.field_if("token", secrets.token)
      .field_if("current_key", secrets.current_key)
      .field_if("next_key", secrets.next_key)
      .field_if("access_key_id", secrets.access_key_id)
      .field_if("access_key_secret", secrets.access_key_secret)
      .end_object();
  return std::move(json).take();
}

Result<TenantPtr> named_tenant(const Operator& server, const OperatorArguments& arguments) {
  ASSIGN_OR_RETURN(const std::string name, required(arguments, "name"));
  return find_tenant(server, name);
}

Result<std::string> set_suspended(const Operator& server, const OperatorArguments& arguments,
                                  bool suspended) {
  ASSIGN_OR_RETURN(const TenantPtr tenant, named_tenant(server, arguments));
  Tenant changed = *tenant;
  changed.suspended = suspended;
  ASSIGN_OR_RETURN(const TenantPtr saved, save(server, std::move(changed), tenant));
  return describe(*saved);
}

template <class T, class Read>
Result<void> take_limit(const OperatorArguments& arguments, std::string_view name,
                        std::optional<T>& limit, Read read) {
  const auto text = optional_text(arguments, name);
  if (!text) return {};
  if (*text == kNoLimit) {
    limit.reset();
    return {};
  }
  const auto value = read(SettingTexts{*text});
  if (!value) {
    return fail(value.error().code, std::string(name) + ": " + value.error().text + " or none");
  }
  limit = static_cast<T>(*value);
  return {};
}

}  // namespace

Result<TenantPtr> find_tenant(const Operator& server, std::string_view name) {
  TenantPtr tenant = server.catalog()->find(name);
  if (!tenant) return fail(ErrorCode::kNotFound, "there is no tenant '" + std::string(name) + "'");
  return tenant;
}

Result<std::string> create_tenant(const Operator& server, const OperatorArguments& arguments) {
  Tenant tenant;
  ASSIGN_OR_RETURN(tenant.name, required(arguments, "name"));
  RETURN_IF_ERROR(check_name(tenant.name));
  const auto password = optional_text(arguments, "password");
  auto token = optional_text(arguments, "token");
  if (token && password) {
    return fail(ErrorCode::kInvalidRequest, "token and password exclude each other");
  }
  if (!token) token = make_token(tenant.name, password ? *password : new_password());
  ASSIGN_OR_RETURN(tenant.signing_key_current, signing_key(arguments, "current_key"));
  ASSIGN_OR_RETURN(tenant.signing_key_next, signing_key(arguments, "next_key"));
  // Asked first: a second `create` should hear of its name, not of its token.
  if (server.catalog()->find(tenant.name)) {
    return fail(ErrorCode::kInvalidRequest, "a tenant named " + tenant.name + " exists");
  }
  ASSIGN_OR_RETURN(tenant.tokens.emplace_back(),
                   new_token(server, *token, TokenScope::kFull, "first token"));
  ASSIGN_OR_RETURN(const TenantPtr saved, save(server, std::move(tenant)));
  return describe(*saved, {.token = *token,
                           .current_key = saved->signing_key_current,
                           .next_key = saved->signing_key_next});
}

Result<std::string> list_tenants(const Operator& server, const OperatorArguments&) {
  JsonWriter json;
  json.begin_object().key("tenants").begin_array();
  for (const TenantPtr& tenant : server.catalog()->all()) {
    json.begin_object();
    write_tenant(json, *tenant);
    json.end_object();
  }
  json.end_array().end_object();
  return std::move(json).take();
}

Result<std::string> suspend_tenant(const Operator& server, const OperatorArguments& arguments) {
  return set_suspended(server, arguments, true);
}

Result<std::string> resume_tenant(const Operator& server, const OperatorArguments& arguments) {
  return set_suspended(server, arguments, false);
}

Result<std::string> delete_tenant(const Operator& server, const OperatorArguments& arguments) {
  ASSIGN_OR_RETURN(const TenantPtr tenant, named_tenant(server, arguments));
  const engine::Answer answer =
      server.change(engine::DeleteTenant{.reply = {}, .tenant = tenant->id});
  if (const Error* error = std::get_if<Error>(&answer)) return std::unexpected(*error);
  JsonWriter json;
  json.begin_object().field("name", tenant->name).field("state", "deleted").end_object();
  return std::move(json).take();
}

Result<std::string> add_token(const Operator& server, const OperatorArguments& arguments) {
  ASSIGN_OR_RETURN(const TenantPtr tenant, named_tenant(server, arguments));
  ASSIGN_OR_RETURN(const TokenScope scope, scope_of(arguments));
  const std::int64_t most = tenant->quotas.tokens.value_or(limits::kTokensMaxDefault);
  if (std::ssize(tenant->tokens) >= most) {
    return fail(ErrorCode::kQuotaExceeded,
                "quota maxTokens exceeded, current limit: " + std::to_string(most));
  }
  const std::string text = make_token(tenant->name, new_password());
  Tenant changed = *tenant;
  ASSIGN_OR_RETURN(changed.tokens.emplace_back(),
                   new_token(server, text, scope, optional_text(arguments, "note").value_or("")));
  ASSIGN_OR_RETURN(const TenantPtr saved, save(server, std::move(changed), tenant));
  return describe(*saved, {.token = text});
}

Result<std::string> rotate_token(const Operator& server, const OperatorArguments& arguments) {
  ASSIGN_OR_RETURN(const TenantPtr tenant, named_tenant(server, arguments));
  ASSIGN_OR_RETURN(const TokenScope scope, scope_of(arguments));
  const std::string text = make_token(tenant->name, new_password());
  Tenant changed = *tenant;
  std::erase_if(changed.tokens, [scope](const Token& token) { return token.scope == scope; });
  ASSIGN_OR_RETURN(changed.tokens.emplace_back(), new_token(server, text, scope, "rotated"));
  ASSIGN_OR_RETURN(const TenantPtr saved, save(server, std::move(changed), tenant));
  return describe(*saved, {.token = text});
}

Result<std::string> rotate_keys(const Operator& server, const OperatorArguments& arguments) {
  ASSIGN_OR_RETURN(const TenantPtr tenant, named_tenant(server, arguments));
  const engine::Answer answer = server.change(
      engine::RotateKeys{.reply = {}, .tenant = tenant->id, .new_key = make_signing_key()});
  if (const Error* error = std::get_if<Error>(&answer)) return std::unexpected(*error);
  const TenantPtr saved = std::get<engine::TenantSaved>(answer).tenant;
  return describe(*saved, {.token = "",
                           .current_key = saved->signing_key_current,
                           .next_key = saved->signing_key_next});
}

Result<std::string> create_key(const Operator& server, const OperatorArguments& arguments) {
  ASSIGN_OR_RETURN(const TenantPtr tenant, named_tenant(server, arguments));
  if (tenant->access_keys.size() >= kAccessKeysMax) {
    return fail(ErrorCode::kInvalidRequest, "tenant " + tenant->name + " has " +
                                                std::to_string(kAccessKeysMax) +
                                                " access keys already");
  }
  const AccessKey key =
      make_access_key(server.clock(), optional_text(arguments, "note").value_or(""));
  Tenant changed = *tenant;
  changed.access_keys.push_back(key);
  ASSIGN_OR_RETURN(const TenantPtr saved, save(server, std::move(changed), tenant));
  return describe(*saved, {.access_key_id = key.id, .access_key_secret = key.secret});
}

Result<std::string> list_keys(const Operator& server, const OperatorArguments& arguments) {
  ASSIGN_OR_RETURN(const TenantPtr tenant, named_tenant(server, arguments));
  JsonWriter json;
  json.begin_object().field("name", tenant->name).key("access_keys").begin_array();
  for (const AccessKey& key : tenant->access_keys) {
    json.begin_object()
        .field("id", key.id)
        .field("created_at", format_rfc3339(key.created_at))
        .field_if("note", key.note)
        .end_object();
  }
  json.end_array().end_object();
  return std::move(json).take();
}

Result<std::string> delete_key(const Operator& server, const OperatorArguments& arguments) {
  ASSIGN_OR_RETURN(const TenantPtr tenant, named_tenant(server, arguments));
  ASSIGN_OR_RETURN(const std::string id, required(arguments, "id"));
  Tenant changed = *tenant;
  if (std::erase_if(changed.access_keys, [&id](const AccessKey& key) { return key.id == id; }) ==
      0) {
    return fail(ErrorCode::kNotFound, "tenant " + tenant->name + " has no access key '" + id + "'");
  }
  ASSIGN_OR_RETURN(const TenantPtr saved, save(server, std::move(changed), tenant));
  return describe(*saved);
}

Result<std::string> set_quota(const Operator& server, const OperatorArguments& arguments) {
  ASSIGN_OR_RETURN(const TenantPtr tenant, named_tenant(server, arguments));
  const auto retries = [](const SettingTexts& texts) {
    return read_integer(texts, {0, limits::kRetriesMax});
  };
  const auto delay = [](const SettingTexts& texts) {
    return read_duration(texts, Duration{0}, limits::kDelayMax);
  };
  const auto body = [](const SettingTexts& texts) { return read_bytes(texts, 1, 1ull << 30); };
  const auto count = [](const SettingTexts& texts) { return read_integer(texts, {}); };
  const auto bytes = [](const SettingTexts& texts) { return read_bytes(texts, 0, 1ull << 50); };
  const auto timeout = [](const SettingTexts& texts) {
    return read_duration(texts, std::chrono::seconds(1), limits::kDelayMax);
  };
  Tenant changed = *tenant;
  Quotas& quotas = changed.quotas;
  RETURN_IF_ERROR(take_limit(arguments, "max_retries", quotas.max_retries, retries));
  RETURN_IF_ERROR(take_limit(arguments, "max_delay", quotas.max_delay, delay));
  RETURN_IF_ERROR(take_limit(arguments, "body_bytes_max", quotas.body_bytes_max, body));
  RETURN_IF_ERROR(take_limit(arguments, "messages_per_day", quotas.messages_per_day, count));
  RETURN_IF_ERROR(take_limit(arguments, "queues", quotas.queues, count));
  RETURN_IF_ERROR(take_limit(arguments, "queue_parallelism", quotas.queue_parallelism, count));
  RETURN_IF_ERROR(take_limit(arguments, "schedules", quotas.schedules, count));
  RETURN_IF_ERROR(take_limit(arguments, "url_groups", quotas.url_groups, count));
  RETURN_IF_ERROR(take_limit(arguments, "functions", quotas.functions, count));
  RETURN_IF_ERROR(take_limit(arguments, "services", quotas.services, count));
  RETURN_IF_ERROR(take_limit(arguments, "flow_keys", quotas.flow_keys, count));
  RETURN_IF_ERROR(take_limit(arguments, "tokens", quotas.tokens, count));
  RETURN_IF_ERROR(take_limit(arguments, "resource_bytes", quotas.resource_bytes, bytes));
  RETURN_IF_ERROR(take_limit(arguments, "schedule_body_bytes", quotas.schedule_body_bytes, bytes));
  RETURN_IF_ERROR(take_limit(arguments, "timeout_max", quotas.timeout_max, timeout));
  ASSIGN_OR_RETURN(const TenantPtr saved, save(server, std::move(changed), tenant));
  return describe(*saved);
}

// The secret is the signing key in the form that the specification's libraries take.
Result<std::string> set_standard_webhooks(const Operator& server,
                                          const OperatorArguments& arguments) {
  ASSIGN_OR_RETURN(const TenantPtr tenant, named_tenant(server, arguments));
  ASSIGN_OR_RETURN(const std::string text, required(arguments, "enabled"));
  const auto enabled = read_flag({text});
  if (!enabled) return fail(enabled.error().code, "enabled: " + enabled.error().text);
  Tenant changed = *tenant;
  changed.standard_webhooks = *enabled;
  ASSIGN_OR_RETURN(const TenantPtr saved, save(server, std::move(changed), tenant));
  JsonWriter json;
  json.begin_object();
  write_tenant(json, *saved);
  if (*enabled) json.field("secret", "whsec_" + base64_encode(saved->signing_key_current));
  json.end_object();
  return std::move(json).take();
}

}  // namespace ferry::app
