#include "domain/push_target.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/encoding.h"
#include "domain/delivery.h"
#include "domain/limits.h"

namespace ferry {
namespace {

using Parts = std::vector<std::string_view>;

Parts split(std::string_view text, char separator, std::size_t parts_max) {
  Parts parts;
  while (parts.size() + 1 < parts_max) {
    const std::size_t at = text.find(separator);
    if (at == std::string_view::npos) break;
    parts.push_back(text.substr(0, at));
    text.remove_prefix(at + 1);
  }
  parts.push_back(text);
  return parts;
}

std::unexpected<Error> refuse(std::string_view text, std::string why) {
  return fail(ErrorCode::kInvalidRequest,
              "the destination " + std::string(text) + " " + std::move(why));
}

// ASCII only, whatever the locale.
bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_made_of(std::string_view text, std::string_view further) {
  return std::ranges::all_of(
      text, [further](char c) { return is_letter_or_digit(c) || further.contains(c); });
}

bool has_blank_or_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7F;
  });
}

// What the systems behind ARNs and queue URLs allow in a name. '%' and '|' are in names of
// RocketMQ's topics (TopicValidator), where a '%' separates the namespace from the topic.
bool is_name(PushKind kind, std::string_view name) {
  switch (kind) {
    case PushKind::kRocketMq:
      return !name.empty() && is_made_of(name, "_-%|");
    case PushKind::kKafka:  // "." and ".." would be folders of the broker
      return !name.empty() && name != "." && name != ".." && is_made_of(name, "._-");
    case PushKind::kMns:
    case PushKind::kEventBridge:
    case PushKind::kFunction:
    case PushKind::kSqs:
      return !name.empty() && is_made_of(name, "._-");
    case PushKind::kNats:  // tokens between dots; the wildcards are for subscribers
      return !name.empty() && !has_blank_or_control(name) && !name.contains('*') &&
             !name.contains('>') && !name.starts_with('.') && !name.ends_with('.') &&
             !name.contains("..");
    case PushKind::kRedis:
      return !name.empty();
    case PushKind::kHttp:
    case PushKind::kRabbitMq:
      break;
  }
  return true;
}

Result<PushTarget> with_checked_names(PushTarget target) {
  // A function's parts were checked one by one: joined they have a '$'.
  if (target.kind != PushKind::kFunction && !is_name(target.kind, target.name)) {
    return refuse(target.text, "names no " + std::string(push_kind_name(target.kind)) +
                                   " queue, topic or function: '" + target.name + "'");
  }
  if (!is_made_of(target.qualifier, "._-") || !is_made_of(target.instance, "._-")) {
    return refuse(target.text, "has a bad qualifier or instance");
  }
  return target;
}

// ---- ARNs. Each reads the parts of the resource into the target, false when it is another form.

bool read_mns(const Parts& resource, PushTarget& target) {
  const bool whole = resource.size() == 3 && resource[2] == "messages";
  if (!whole && resource.size() != 2) return false;
  if (resource[0] != "queues" && resource[0] != "topics") return false;
  target.is_topic = resource[0] == "topics";
  target.name = resource[1];
  return true;
}

// Functions of a service are named "s$f" (domain/function.h).
bool read_function(const Parts& resource, PushTarget& target) {
  if (resource.size() == 4 && resource[0] == "services" && resource[2] == "functions") {
    const Parts service = split(resource[1], '.', 2);
    if (service.size() == 2 && service[1].empty()) return false;
    if (service[0].empty() || resource[3].empty() || !is_made_of(service[0], "_-")) return false;
    target.name = std::string(service[0]) + "$" + std::string(resource[3]);
    if (service.size() == 2) target.qualifier = service[1];
    return is_made_of(resource[3], "._-");
  }
  if (resource[0] != "functions" || resource.size() < 2 || resource.size() > 3) return false;
  if (resource.size() == 3 && resource[2].empty()) return false;
  target.name = resource[1];
  if (resource.size() == 3) target.qualifier = resource[2];
  return is_name(PushKind::kFunction, target.name);
}

bool read_event_bridge(const Parts& resource, PushTarget& target) {
  if (resource.size() != 2 || resource[0] != "eventbus") return false;
  target.name = resource[1];
  return true;
}

bool read_rocketmq(const Parts& resource, PushTarget& target) {
  if (resource.size() != 4 || resource[0] != "instances" || resource[2] != "topic") return false;
  target.instance = resource[1];
  target.name = resource[3];
  return !target.instance.empty();
}

struct ArnForm {
  std::string_view service;
  PushKind kind;
  std::string_view connection;
  bool (*read)(const Parts& resource, PushTarget& target);
  std::string_view form;
};

constexpr std::array<ArnForm, 4> kArnForms = {{
    {"mns", PushKind::kMns, "mns", read_mns,
     "acs:mns:{region}:{account}:/queues/{queue}/messages or …:/topics/{topic}/messages"},
    {"fc", PushKind::kFunction, "", read_function,
     "acs:fc:{region}:{account}:functions/{function} or …:services/{service}/functions/{function}"},
    {"eventbridge", PushKind::kEventBridge, "eventbridge", read_event_bridge,
     "acs:eventbridge:{region}:{account}:eventbus/{bus}"},
    {"mq", PushKind::kRocketMq, "rocketmq", read_rocketmq,
     "acs:mq:{region}:{account}:/instances/{instance}/topic/{topic}"},
}};

Result<PushTarget> parse_arn(std::string_view text) {
  const Parts parts = split(text, ':', 5);  // "acs", service, region, account, resource
  const auto* const form = std::ranges::find(kArnForms, parts[1], &ArnForm::service);
  if (form == kArnForms.end()) return refuse(text, "is an ARN of an unknown service");

  PushTarget target{.kind = form->kind, .text = std::string(text)};
  target.connection = form->connection;
  bool well_formed = parts.size() == 5 && is_made_of(parts[2], "-") && is_made_of(parts[3], "-");
  if (well_formed) {
    target.region = parts[2];
    target.account = parts[3];
    std::string_view resource = parts[4];
    if (resource.starts_with('/')) resource.remove_prefix(1);
    well_formed = form->read(split(resource, '/', 5), target);
  }
  if (!well_formed) return refuse(text, "is not of the form " + std::string(form->form));
  return with_checked_names(std::move(target));
}

// ---- URLs.

Result<PushTarget> parse_http(std::string_view text) {
  PushTarget target{.kind = PushKind::kHttp, .text = std::string(text)};
  const std::size_t hash = std::min(text.find('#'), text.size());
  const std::string_view url = text.substr(0, hash);
  const std::string_view fragment = text.substr(hash);
  const std::string_view behind_scheme = url.substr(url.find("//") + 2);
  if (behind_scheme.substr(0, behind_scheme.find_first_of("/?")).contains('@')) {
    return refuse("http://…", "must not contain credentials");  // the text would show them
  }
  if (host_key(url).empty()) return refuse(text, "is no absolute http or https URL");
  if (fragment == "#ce-structured") {
    target.mode = PushTarget::Mode::kStructured;
  } else if (fragment == "#ce-binary") {
    target.mode = PushTarget::Mode::kBinary;
  } else if (!fragment.empty() && fragment != "#plain") {
    return refuse(text, "has a fragment other than #plain, #ce-structured and #ce-binary");
  }
  target.name = url;
  return target;
}

struct Scheme {
  std::string_view name;
  PushKind kind;
};

constexpr std::array<Scheme, 8> kSchemes = {{{"kafka", PushKind::kKafka},
                                             {"amqp", PushKind::kRabbitMq},
                                             {"nats", PushKind::kNats},
                                             {"redis", PushKind::kRedis},
                                             {"sqs", PushKind::kSqs},
                                             {"rocketmq", PushKind::kRocketMq},
                                             {"mns", PushKind::kMns},
                                             {"eventbridge", PushKind::kEventBridge}}};

// The path of a connection's URL, percent-encoded as paths are, into the target.
bool read_path(std::string_view path, PushTarget& target) {
  if (target.kind == PushKind::kRabbitMq) {
    // An empty exchange is the default one, whose routing keys are names of queues.
    const Parts parts = split(path, '/', 2);
    target.name = percent_decode(parts[0]);
    if (parts.size() == 2) target.routing_key = percent_decode(parts[1]);
    return !target.name.empty() || !target.routing_key.empty();
  }
  if (target.kind == PushKind::kMns) return read_mns(split(path, '/', 4), target);
  target.name = percent_decode(path);
  return true;
}

Result<PushTarget> parse_connection_url(PushKind kind, std::string_view text) {
  const std::string_view rest = text.substr(text.find("://") + 3);
  const Parts parts = split(rest, '/', 2);
  const std::string_view connection = parts[0];
  PushTarget target{.kind = kind, .text = std::string(text)};
  target.connection = connection;
  if (connection.contains('@')) {  // the text may hold a password, so it is not shown
    return refuse(std::string(push_kind_name(kind)) + "://…",
                  "must not contain credentials: they are the connection's");
  }
  if (connection.empty() || !is_made_of(connection, "._-")) {
    return refuse(text, "must name a configured connection, not an address: '" +
                            std::string(connection) + "'");
  }
  if (parts.size() < 2 || parts[1].empty()) return refuse(text, "names nothing in its connection");
  if (parts[1].find_first_of("?#") != std::string_view::npos) {
    return refuse(text, "has a query or fragment; in names write %3F for '?' and %23 for '#'");
  }
  if (!read_path(parts[1], target)) return refuse(text, "names nothing in its connection");
  return with_checked_names(std::move(target));
}

Result<PushTarget> parse_url_target(std::string_view text) {
  const std::string scheme = to_lower(text.substr(0, text.find("://")));
  if (scheme == "http" || scheme == "https") return parse_http(text);
  if (scheme == "rediss") {
    return fail(ErrorCode::kInvalidRequest,
                "a destination begins with redis://, not rediss://: whether TLS is used is a "
                "setting of the connection");
  }
  const auto* const known = std::ranges::find(kSchemes, scheme, &Scheme::name);
  if (known == kSchemes.end()) {
    return fail(ErrorCode::kInvalidRequest,
                "a destination cannot begin with " + scheme +
                    "://: use http, https, kafka, amqp, "
                    "nats, redis, sqs, rocketmq, mns, eventbridge or an ARN (acs:…)");
  }
  return parse_connection_url(known->kind, text);
}

}  // namespace

std::string_view push_kind_name(PushKind kind) {
  switch (kind) {
    case PushKind::kHttp:
      return "http";
    case PushKind::kFunction:
      return "function";
    case PushKind::kMns:
      return "mns";
    case PushKind::kEventBridge:
      return "eventbridge";
    case PushKind::kRocketMq:
      return "rocketmq";
    case PushKind::kKafka:
      return "kafka";
    case PushKind::kRabbitMq:
      return "amqp";
    case PushKind::kNats:
      return "nats";
    case PushKind::kRedis:
      return "redis";
    case PushKind::kSqs:
      return "sqs";
  }
  CHECK(false);
}

Result<PushTarget> parse_push_target(std::string_view text) {
  if (text.empty()) return fail(ErrorCode::kInvalidRequest, "a destination must not be empty");
  if (text.size() > limits::kPushTargetBytesMax) {
    return fail(ErrorCode::kInvalidRequest,
                "a destination may have " + std::to_string(limits::kPushTargetBytesMax) +
                    " bytes, this one has " + std::to_string(text.size()));
  }
  if (has_blank_or_control(text) || !is_valid_utf8(text)) {
    return fail(ErrorCode::kInvalidRequest,
                "a destination is UTF-8 text without blanks and control characters");
  }
  if (text.starts_with("acs:")) return parse_arn(text);
  if (text.contains("://")) return parse_url_target(text);
  return refuse(text, "is neither an ARN (acs:…) nor a URL");
}

std::size_t push_bytes_max(PushKind kind) {
  switch (kind) {
    case PushKind::kHttp:
      return limits::kPushHttpBytesMax;
    case PushKind::kFunction:
      return limits::kPushFunctionBytesMax;
    case PushKind::kMns:
      return limits::kPushMnsBytesMax;
    case PushKind::kEventBridge:
      return limits::kPushEventBridgeBytesMax;
    case PushKind::kRocketMq:
      return limits::kPushRocketMqBytesMax;
    case PushKind::kKafka:
      return limits::kPushKafkaBytesMax;
    case PushKind::kRabbitMq:
      return limits::kPushRabbitMqBytesMax;
    case PushKind::kNats:
      return limits::kPushNatsBytesMax;
    case PushKind::kRedis:
      return limits::kPushRedisBytesMax;
    case PushKind::kSqs:
      return limits::kPushSqsBytesMax;
  }
  CHECK(false);
}

}  // namespace ferry
