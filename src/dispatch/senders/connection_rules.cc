#include "dispatch/senders/connection_rules.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <span>

#include "base/check.h"
#include "dispatch/senders/broker_address.h"

namespace ferry::dispatch {

namespace {

struct Option {
  std::string_view name;
  std::string_view expected;
  bool (*accepts)(std::string_view value);
};

enum class AddressForm : std::uint8_t { kBrokers, kUrl };

// What a kind of connection may say.
struct KindRules {
  PushKind kind;
  AddressForm address;
  bool has_tls;  // of its own; a URL says it by its scheme
  std::span<const Option> options;
};

bool is_text(std::string_view value) { return !value.empty(); }

bool is_flag(std::string_view value) { return value == "true" || value == "false"; }

template <std::int64_t kMin>
bool is_count(std::string_view value) {
  std::int64_t count = 0;
  const char* const last = value.data() + value.size();
  const auto [end, error] = std::from_chars(value.data(), last, count);
  return error == std::errc() && end == last && count >= kMin;
}

bool is_sasl_mechanism(std::string_view value) {
  return value == "PLAIN" || value == "SCRAM-SHA-256" || value == "SCRAM-SHA-512";
}

constexpr std::array<Option, 2> kRocketMqOptions{
    {{"group", "a producer group", is_text}, {"instance_namespace", "true or false", is_flag}}};
constexpr std::array<Option, 1> kKafkaOptions{
    {{"sasl_mechanism", "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512", is_sasl_mechanism}}};
constexpr std::array<Option, 1> kRabbitMqOptions{{{"vhost", "a name", is_text}}};
constexpr std::array<Option, 2> kRedisOptions{
    {{"maxlen", "a number of entries", is_count<1>}, {"db", "a number", is_count<0>}}};

constexpr std::array<Option, 1> kMnsOptions{{{"base64", "true or false", is_flag}}};
constexpr std::array<Option, 2> kEventBridgeOptions{
    {{"region", "a name", is_text}, {"lineage", "true or false", is_flag}}};
constexpr std::array<Option, 3> kSqsOptions{{{"region", "a name", is_text},
                                             {"account", "an account id", is_text},
                                             {"queue_url", "a URL with {queue} in it", is_text}}};

const std::array<KindRules, 8>& kind_rules() {
  static const std::array<KindRules, 8> rules{{
      {PushKind::kMns, AddressForm::kUrl, false, kMnsOptions},
      {PushKind::kEventBridge, AddressForm::kUrl, false, kEventBridgeOptions},
      {PushKind::kRocketMq, AddressForm::kBrokers, true, kRocketMqOptions},
      {PushKind::kKafka, AddressForm::kBrokers, true, kKafkaOptions},
      {PushKind::kRabbitMq, AddressForm::kBrokers, true, kRabbitMqOptions},
      {PushKind::kNats, AddressForm::kBrokers, true, {}},
      {PushKind::kRedis, AddressForm::kBrokers, false, kRedisOptions},
      {PushKind::kSqs, AddressForm::kUrl, false, kSqsOptions},
  }};
  return rules;
}

Error wrong(std::string text) { return Error{ErrorCode::kInvalidRequest, std::move(text)}; }

Result<void> check_address(const Connection& connection, AddressForm form) {
  constexpr std::uint16_t kAnyPort = 1;  // of an address without one: which, its sender knows
  if (connection.address.empty()) return std::unexpected(wrong("address: it is missing"));
  if (form == AddressForm::kUrl) {
    if (!host_key(connection.address).empty()) return {};
    return std::unexpected(wrong("address: expected an http or https URL"));
  }
  const auto addresses = parse_broker_addresses(connection.address, kAnyPort);
  if (!addresses) return std::unexpected(wrong("address: " + addresses.error().text));
  return {};
}

Result<void> check_tls(const Connection& connection, const KindRules& rules) {
  if (rules.has_tls || !connection.tls) return {};
  if (rules.address == AddressForm::kUrl) {
    return std::unexpected(wrong("tls: the address says it, by https"));
  }
  return std::unexpected(wrong("tls: not supported for " +
                               std::string(push_kind_name(connection.kind)) +
                               "; put a TLS tunnel in front of it"));
}

Result<void> check_option(const KindRules& rules, const std::string& name,
                          const std::string& value) {
  const auto option = std::ranges::find(rules.options, name, &Option::name);
  if (option == rules.options.end()) {
    return std::unexpected(
        wrong(name + ": " + std::string(push_kind_name(rules.kind)) + " has no such field"));
  }
  if (option->accepts(value)) return {};
  return std::unexpected(wrong(name + ": expected " + std::string(option->expected)));
}

}  // namespace

Result<PushKind> connection_kind(std::string_view name) {
  std::string known;
  for (const KindRules& rules : kind_rules()) {
    if (push_kind_name(rules.kind) == name) return rules.kind;
    known += (known.empty() ? "" : ", ") + std::string(push_kind_name(rules.kind));
  }
  return std::unexpected(wrong("expected one of " + known));
}

Result<void> check_connection(const Connection& connection) {
  const auto& all = kind_rules();
  const auto rules = std::ranges::find(all, connection.kind, &KindRules::kind);
  CHECK(rules != all.end());
  RETURN_IF_ERROR(check_address(connection, rules->address));
  RETURN_IF_ERROR(check_tls(connection, *rules));
  if (connection.kind == PushKind::kKafka && connection.user.empty() != connection.secret.empty()) {
    return std::unexpected(wrong("user and secret only make sense together"));
  }
  for (const auto& [name, value] : connection.options) {
    RETURN_IF_ERROR(check_option(*rules, name, value));
  }
  return {};
}

}  // namespace ferry::dispatch
