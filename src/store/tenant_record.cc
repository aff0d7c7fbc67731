#include "store/record_parts.h"

// tenant := version:u8 id name:text created_at:time flags(1: suspended, 2: paused,
//           4: standard_webhooks) signing_key_current:text signing_key_next:text token* quotas
//           [access_key* [functions:svarint? services:svarint?]]
// token  := hash:digest scope:u8 created_at:time note:text
// quotas := max_retries:svarint? max_delay:duration? body_bytes_max:svarint?
//           messages_per_day:svarint? queues:svarint? queue_parallelism:svarint?
//           schedules:svarint? url_groups:svarint?
// access_key := id:text secret:text created_at:time note:text
// The part in brackets is of version 2, which only a tenant that has access keys is written in, the
// one in brackets within it of version 3, of a tenant that has one of these quotas.

namespace ferry::store {
namespace {

constexpr std::uint8_t kPlain = 1;
constexpr std::uint8_t kWithAccessKeys = 2;
constexpr std::uint8_t kWithFunctionQuotas = 3;
constexpr std::uint8_t kSuspended = 1;
constexpr std::uint8_t kPaused = 2;
constexpr std::uint8_t kStandardWebhooks = 4;

void write_token(RecordWriter& out, const Token& token) {
  out.digest(token.hash);
  out.enumerator(token.scope);
  out.time(token.created_at);
  out.text(token.note);
}

Token read_token(RecordReader& in) {
  Token token;
  token.hash = in.digest();
  token.scope = in.enumerator(TokenScope::kFull, TokenScope::kReadOnly);
  token.created_at = in.time();
  token.note = in.string();
  return token;
}

void write_access_key(RecordWriter& out, const AccessKey& key) {
  out.text(key.id);
  out.text(key.secret);
  out.time(key.created_at);
  out.text(key.note);
}

AccessKey read_access_key(RecordReader& in) {
  AccessKey key;
  key.id = in.string();
  key.secret = in.string();
  key.created_at = in.time();
  key.note = in.string();
  return key;
}

void write_quotas(RecordWriter& out, const Quotas& quotas) {
  const auto number = [&](std::int64_t value) { out.svarint(value); };
  out.optional(quotas.max_retries, number);
  out.optional(quotas.max_delay, [&](Duration value) { out.duration(value); });
  out.optional(quotas.body_bytes_max, number);
  out.optional(quotas.messages_per_day, number);
  out.optional(quotas.queues, number);
  out.optional(quotas.queue_parallelism, number);
  out.optional(quotas.schedules, number);
  out.optional(quotas.url_groups, number);
}

Quotas read_quotas(RecordReader& in) {
  const auto number = [&] { return in.svarint(); };
  Quotas quotas;
  quotas.max_retries = in.optional([&] { return in.int32(); });
  quotas.max_delay = in.optional([&] { return in.duration(); });
  quotas.body_bytes_max = in.optional(number);
  quotas.messages_per_day = in.optional(number);
  quotas.queues = in.optional(number);
  quotas.queue_parallelism = in.optional(number);
  quotas.schedules = in.optional(number);
  quotas.url_groups = in.optional(number);
  return quotas;
}

void write_function_quotas(RecordWriter& out, const Quotas& quotas) {
  const auto number = [&](std::int64_t value) { out.svarint(value); };
  out.optional(quotas.functions, number);
  out.optional(quotas.services, number);
}

void read_function_quotas(RecordReader& in, Quotas& quotas) {
  const auto number = [&] { return in.svarint(); };
  quotas.functions = in.optional(number);
  quotas.services = in.optional(number);
}

// The oldest version that holds all of the tenant.
std::uint8_t version_of(const Tenant& tenant) {
  if (tenant.quotas.functions || tenant.quotas.services) return kWithFunctionQuotas;
  return tenant.access_keys.empty() ? kPlain : kWithAccessKeys;
}

}  // namespace

void write_tenant(RecordWriter& out, const Tenant& tenant) {
  const std::uint8_t version = version_of(tenant);
  out.u8(version);
  out.id(tenant.id);
  out.text(tenant.name);
  out.time(tenant.created_at);
  out.u8(static_cast<std::uint8_t>((tenant.suspended ? kSuspended : 0) |
                                   (tenant.paused ? kPaused : 0) |
                                   (tenant.standard_webhooks ? kStandardWebhooks : 0)));
  out.text(tenant.signing_key_current);
  out.text(tenant.signing_key_next);
  out.varint(tenant.tokens.size());
  for (const Token& token : tenant.tokens) write_token(out, token);
  write_quotas(out, tenant.quotas);
  if (version < kWithAccessKeys) return;
  out.varint(tenant.access_keys.size());
  for (const AccessKey& key : tenant.access_keys) write_access_key(out, key);
  if (version >= kWithFunctionQuotas) write_function_quotas(out, tenant.quotas);
}

Tenant read_tenant(RecordReader& in) {
  Tenant tenant;
  const std::uint8_t version = in.version(kWithFunctionQuotas);
  tenant.id = in.id<TenantId>();
  tenant.name = in.string();
  tenant.created_at = in.time();
  const std::uint8_t flags = in.flags(kSuspended | kPaused | kStandardWebhooks);
  tenant.suspended = (flags & kSuspended) != 0;
  tenant.paused = (flags & kPaused) != 0;
  tenant.standard_webhooks = (flags & kStandardWebhooks) != 0;
  tenant.signing_key_current = in.string();
  tenant.signing_key_next = in.string();
  in.repeat([&] { tenant.tokens.push_back(read_token(in)); });
  tenant.quotas = read_quotas(in);
  if (version < kWithAccessKeys) return tenant;
  in.repeat([&] { tenant.access_keys.push_back(read_access_key(in)); });
  if (version >= kWithFunctionQuotas) read_function_quotas(in, tenant.quotas);
  return tenant;
}

}  // namespace ferry::store
