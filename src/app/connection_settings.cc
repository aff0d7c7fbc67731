#include "app/connection_settings.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include "app/setting_values.h"
#include "base/encoding.h"
#include "dispatch/senders/connection_rules.h"

namespace ferry::app {
namespace {

using dispatch::Connection;
using Fields = std::map<std::string, std::string>;

constexpr std::size_t kBodyBytesMax = 64u << 20;

Error wrong(std::string text) { return Error{ErrorCode::kInvalidRequest, std::move(text)}; }

bool is_word(std::string_view text, std::string_view further) {
  return !text.empty() && std::ranges::all_of(text, [further](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           further.contains(c);
  });
}

struct Entry {
  std::string_view name;
  std::string_view field;
  std::string_view value;
};

std::optional<Entry> parse_entry(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  const std::string_view key = trim(text.substr(0, equals));
  const std::size_t slash = std::min(key.find('/'), key.size());
  const std::string_view name = key.substr(0, slash);
  const std::string_view field = key.substr(std::min(slash + 1, key.size()));
  if (!is_word(name, "._-") || !is_word(field, "_")) return std::nullopt;
  return Entry{name, field, trim(text.substr(equals + 1))};
}

// Where the entry at the beginning of `text` ends: before a comma that another one follows.
std::size_t end_of_entry(std::string_view text) {
  for (std::size_t comma = text.find(','); comma != std::string_view::npos;
       comma = text.find(',', comma + 1)) {
    const std::string_view rest = text.substr(comma + 1);
    if (trim(rest).empty() || parse_entry(rest.substr(0, rest.find(',')))) return comma;
  }
  return text.size();
}

Result<std::map<std::string, Fields>> fields_by_name(const SettingTexts& texts) {
  std::map<std::string, Fields> connections;
  for (const std::string& text : texts) {
    std::string_view rest = trim(text);
    while (!rest.empty()) {
      const std::size_t end = end_of_entry(rest);
      const auto entry = parse_entry(rest.substr(0, end));
      if (!entry) return std::unexpected(wrong("expected name/field=value"));
      auto& fields = connections[std::string(entry->name)];
      const std::string field(entry->field);
      if (!fields.emplace(field, entry->value).second) {
        return std::unexpected(wrong(std::string(entry->name) + ": " + field + ": given twice"));
      }
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return connections;
}

// Takes the field out of those that are left.
std::string take(Fields& fields, const std::string& name) {
  auto field = fields.extract(name);
  return field.empty() ? "" : std::move(field.mapped());
}

Result<std::string> take_secret(Fields& fields) {
  const std::string path = take(fields, "secret_file");
  std::string secret = take(fields, "secret");
  if (path.empty()) return secret;
  if (!secret.empty()) {
    return std::unexpected(wrong("secret_file: there is a secret already"));
  }
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  secret = content.str();
  while (secret.ends_with('\n') || secret.ends_with('\r')) secret.pop_back();
  if (secret.empty()) {
    return std::unexpected(wrong("secret_file: " + path + " is empty or cannot be read"));
  }
  return secret;
}

template <class T>
Result<T> named(const std::string& field, Result<T> value) {
  if (!value) return std::unexpected(wrong(field + ": " + value.error().text));
  return value;
}

Result<void> check_reserved_name(const Connection& connection) {
  for (const PushKind kind : {PushKind::kMns, PushKind::kEventBridge, PushKind::kRocketMq}) {
    if (connection.name == push_kind_name(kind) && connection.kind != kind) {
      return std::unexpected(
          wrong("kind: ARNs use a connection of this name, so it must be " + connection.name));
    }
  }
  return {};
}

Result<Connection> read_connection(const std::string& name, Fields fields) {
  Connection connection;
  connection.name = name;
  ASSIGN_OR_RETURN(connection.kind, named("kind", dispatch::connection_kind(take(fields, "kind"))));
  connection.address = take(fields, "address");
  connection.user = take(fields, "user");
  ASSIGN_OR_RETURN(connection.secret, take_secret(fields));
  connection.token = take(fields, "token");
  connection.ca_file = take(fields, "ca_file");
  if (const std::string tls = take(fields, "tls"); !tls.empty()) {
    ASSIGN_OR_RETURN(connection.tls, named("tls", read_flag({tls})));
  }
  if (const std::string bytes = take(fields, "body_bytes_max"); !bytes.empty()) {
    ASSIGN_OR_RETURN(connection.body_bytes_max,
                     named("body_bytes_max", read_bytes({bytes}, 1, kBodyBytesMax)));
  }
  connection.options = std::move(fields);
  RETURN_IF_ERROR(check_reserved_name(connection));
  RETURN_IF_ERROR(dispatch::check_connection(connection));
  return connection;
}

}  // namespace

Result<std::vector<Connection>> read_connections(const SettingTexts& texts) {
  ASSIGN_OR_RETURN(auto fields, fields_by_name(texts));
  std::vector<Connection> connections;
  for (auto& [name, given] : fields) {
    ASSIGN_OR_RETURN(connections.emplace_back(),
                     named(name, read_connection(name, std::move(given))));
  }
  return connections;
}

}  // namespace ferry::app
