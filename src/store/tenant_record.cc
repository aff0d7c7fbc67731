#include "store/record_parts.h"

// tenant := version:u8=1 id name:text created_at:time flags(1: suspended, 2: paused,
//           4: standard_webhooks) signing_key_current:text signing_key_next:text token* quotas
// token  := hash:digest scope:u8 created_at:time note:text
// quotas := max_retries:svarint? max_delay:duration? body_bytes_max:svarint?
//           messages_per_day:svarint? queues:svarint? queue_parallelism:svarint?
//           schedules:svarint? url_groups:svarint?

namespace ferry::store {
namespace {

constexpr std::uint8_t kVersion = 1;
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

}  // namespace

void write_tenant(RecordWriter& out, const Tenant& tenant) {
  out.u8(kVersion);
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
}

Tenant read_tenant(RecordReader& in) {
  Tenant tenant;
  in.version(kVersion);
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
  return tenant;
}

}  // namespace ferry::store
