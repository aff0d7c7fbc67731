#include "api/fc/versions.h"

#include <algorithm>
#include <utility>

#include "api/answers.h"
#include "api/fc/fields.h"
#include "api/fc/owners.h"
#include "api/fc/pages.h"
#include "api/fc/qualifiers.h"

namespace ferry::api::fc {
namespace {

// Rows are read and written whole.
constexpr std::size_t kVersionsMax = 100;
constexpr std::size_t kAliasesMax = 100;
constexpr std::size_t kDescriptionBytesMax = 256;

constexpr std::string_view kAliasMembers[] = {"aliasName", "versionId", "description",
                                              "createdTime", "lastModifiedTime"};

Checked<std::string> description_in(const JsonValue& members) {
  ASSIGN_OR_RETURN(auto text, text_member(members, "description", kDescriptionBytesMax));
  return std::move(text).value_or("");
}

void write_version(JsonWriter& json, const FunctionVersion& version) {
  json.begin_object()
      .field("versionId", std::to_string(version.id))
      .field("description", version.description)
      .field("createdTime", wire_time(version.created_at))
      .field("lastModifiedTime", wire_time(version.modified_at))
      .end_object();
}

void write_alias(JsonWriter& json, const FunctionAlias& alias) {
  json.begin_object()
      .field("aliasName", alias.name)
      .field("versionId", alias.version_id)
      .field("description", alias.description);
  write_members(json, alias.attributes, kAliasMembers);
  json.field("createdTime", wire_time(alias.created_at))
      .field("lastModifiedTime", wire_time(alias.modified_at))
      .end_object();
}

http::ServerResponse alias_answer(const FunctionAlias& alias) {
  JsonWriter json;
  write_alias(json, alias);
  return json_answer(std::move(json).take());
}

Checked<FunctionVersion> add_version(Qualified owner, const std::string& description,
                                     TimePoint now) {
  if (owner.versions.size() >= kVersionsMax) {
    return refuse(FaultCode::kLimitExceeded,
                  "there are " + std::to_string(kVersionsMax) + " versions already");
  }
  FunctionVersion version{.id = ++owner.last_version,
                          .description = description,
                          .created_at = now,
                          .modified_at = now};
  owner.versions.push_back(version);
  return version;
}

Checked<void> remove_version(Qualified owner, const std::string& id) {
  const auto used = std::ranges::find(owner.aliases, id, &FunctionAlias::version_id);
  if (used != owner.aliases.end()) {
    return invalid_argument("version '" + id + "' is used by the alias " + used->name);
  }
  const auto removed = std::erase_if(owner.versions, [&id](const FunctionVersion& version) {
    return std::to_string(version.id) == id;
  });
  if (removed == 0)
    return refuse(FaultCode::kVersionNotFound, "version '" + id + "' does not exist");
  return {};
}

// What a request says of an alias; members that are absent stay as they are.
Checked<void> put_alias_fields(Qualified owner, FunctionAlias& alias, const JsonValue& members) {
  ASSIGN_OR_RETURN(const auto version, text_member(members, "versionId", kDescriptionBytesMax));
  if (version) alias.version_id = *version;
  const auto number = version_number(alias.version_id);
  const bool known = number && std::ranges::find(owner.versions, *number, &FunctionVersion::id) !=
                                   owner.versions.end();
  if (!known && alias.version_id != kLatest) {
    return refuse(FaultCode::kVersionNotFound, "version '" + alias.version_id + "' does not exist");
  }
  ASSIGN_OR_RETURN(const auto text, text_member(members, "description", kDescriptionBytesMax));
  if (text) alias.description = *text;
  ASSIGN_OR_RETURN(alias.attributes, merge_members(alias.attributes, members, kAliasMembers));
  return {};
}

Checked<FunctionAlias> add_alias(Qualified owner, const std::string& name, const JsonValue& members,
                                 TimePoint now) {
  const auto place = std::ranges::lower_bound(owner.aliases, name, {}, &FunctionAlias::name);
  if (place != owner.aliases.end() && place->name == name) {
    return refuse(FaultCode::kAliasAlreadyExists, "alias '" + name + "' already exists");
  }
  if (owner.aliases.size() >= kAliasesMax) {
    return refuse(FaultCode::kLimitExceeded,
                  "there are " + std::to_string(kAliasesMax) + " aliases already");
  }
  FunctionAlias alias{.name = name,
                      .version_id = {},
                      .description = {},
                      .attributes = {},
                      .created_at = now,
                      .modified_at = now};
  RETURN_IF_ERROR(put_alias_fields(owner, alias, members));
  owner.aliases.insert(place, alias);
  return alias;
}

Checked<FunctionAlias*> find_alias(std::vector<FunctionAlias>& aliases, std::string_view name) {
  const auto found = std::ranges::find(aliases, name, &FunctionAlias::name);
  if (found != aliases.end()) return &*found;
  return refuse(FaultCode::kAliasNotFound, "alias '" + std::string(name) + "' does not exist");
}

Checked<std::string> new_alias_name(const JsonValue& members) {
  ASSIGN_OR_RETURN(const auto given, text_member(members, "aliasName", kDescriptionBytesMax));
  if (!given) return invalid_argument("aliasName is missing");
  if (*given == kLatest) return invalid_argument("an alias cannot be named LATEST");
  return checked_name("alias", *given);
}

// Versions have numbers: a page goes on behind one, in the direction of the list.
struct VersionList {
  bool forward = false;
  std::int64_t after = 0;  // 0: from the start
  PageRequest page;
};

Checked<VersionList> read_version_list(const Call& call) {
  VersionList list;
  ASSIGN_OR_RETURN(list.page, read_page(call));
  const std::string_view direction = call.query_value("direction").value_or("BACKWARD");
  if (direction != "FORWARD" && direction != "BACKWARD") {
    return invalid_argument("direction must be FORWARD or BACKWARD");
  }
  list.forward = direction == "FORWARD";
  if (list.page.after.empty()) return list;
  const auto after = version_number(list.page.after);
  if (!after) return invalid_argument("nextToken is none of ours");
  list.after = *after;
  return list;
}

void write_versions(JsonWriter& json, std::vector<FunctionVersion> versions,
                    const VersionList& list) {
  if (!list.forward) std::ranges::reverse(versions);
  if (list.after != 0) {
    std::erase_if(versions, [&list](const FunctionVersion& version) {
      return list.forward ? version.id <= list.after : version.id >= list.after;
    });
  }
  const std::size_t count = std::min(versions.size(), list.page.limit);
  json.begin_object().key("versions").begin_array();
  for (std::size_t i = 0; i < count; ++i) write_version(json, versions[i]);
  json.end_array().field("direction", list.forward ? "FORWARD" : "BACKWARD");
  if (count < versions.size()) json.field("nextToken", std::to_string(versions[count - 1].id));
  json.end_object();
}

}  // namespace

Awaitable<Answered> publish_version(Call call) {
  CO_ASSIGN_OR_RETURN(const JsonDocument body, co_await read_object(call.request.body));
  CO_ASSIGN_OR_RETURN(const std::string description, description_in(body.root()));
  FunctionVersion added;
  const Checked<void> saved = co_await change_owner(
      call, [&added, &description, now = call.now](Qualified owner) -> Checked<void> {
        ASSIGN_OR_RETURN(added, add_version(owner, description, now));
        return {};
      });
  if (!saved) co_return std::unexpected(saved.error());
  JsonWriter json;
  write_version(json, added);
  co_return json_answer(std::move(json).take());
}

Awaitable<Answered> list_versions(Call call) {
  CO_ASSIGN_OR_RETURN(const VersionList list, read_version_list(call));
  CO_ASSIGN_OR_RETURN(QualifiedView owner, co_await read_owner(call));
  JsonWriter json;
  write_versions(json, std::move(owner.versions), list);
  co_return json_answer(std::move(json).take());
}

Awaitable<Answered> delete_version(Call call) {
  const std::string id(call.parameter("version"));
  const Checked<void> saved =
      co_await change_owner(call, [&id](Qualified owner) { return remove_version(owner, id); });
  if (!saved) co_return std::unexpected(saved.error());
  co_return empty_answer(204);
}

Awaitable<Answered> create_alias(Call call) {
  CO_ASSIGN_OR_RETURN(const JsonDocument body, co_await read_object(call.request.body));
  const JsonValue members = body.root();
  CO_ASSIGN_OR_RETURN(const std::string name, new_alias_name(members));
  FunctionAlias added;
  const Checked<void> saved = co_await change_owner(
      call, [&added, &name, members, now = call.now](Qualified owner) -> Checked<void> {
        ASSIGN_OR_RETURN(added, add_alias(owner, name, members, now));
        return {};
      });
  if (!saved) co_return std::unexpected(saved.error());
  co_return alias_answer(added);
}

Awaitable<Answered> list_aliases(Call call) {
  CO_ASSIGN_OR_RETURN(const PageRequest request, read_page(call));
  CO_ASSIGN_OR_RETURN(QualifiedView owner, co_await read_owner(call));
  const auto page = cut_page(std::move(owner.aliases), request,
                             [](const FunctionAlias& alias) { return alias.name; });
  JsonWriter json;
  json.begin_object().key("aliases").begin_array();
  for (const FunctionAlias& alias : page.items) write_alias(json, alias);
  json.end_array().field_if("nextToken", page.next_token).end_object();
  co_return json_answer(std::move(json).take());
}

Awaitable<Answered> get_alias(Call call) {
  CO_ASSIGN_OR_RETURN(QualifiedView owner, co_await read_owner(call));
  CO_ASSIGN_OR_RETURN(const FunctionAlias* alias,
                      find_alias(owner.aliases, call.parameter("alias")));
  co_return alias_answer(*alias);
}

Awaitable<Answered> update_alias(Call call) {
  CO_ASSIGN_OR_RETURN(const JsonDocument body, co_await read_object(call.request.body));
  const JsonValue members = body.root();
  const std::string name(call.parameter("alias"));
  FunctionAlias changed;
  const Checked<void> saved = co_await change_owner(
      call, [&changed, &name, members, now = call.now](Qualified owner) -> Checked<void> {
        ASSIGN_OR_RETURN(FunctionAlias* const alias, find_alias(owner.aliases, name));
        RETURN_IF_ERROR(put_alias_fields(owner, *alias, members));
        alias->modified_at = now;
        changed = *alias;
        return {};
      });
  if (!saved) co_return std::unexpected(saved.error());
  co_return alias_answer(changed);
}

Awaitable<Answered> delete_alias(Call call) {
  const std::string name(call.parameter("alias"));
  const Checked<void> saved =
      co_await change_owner(call, [&name](Qualified owner) -> Checked<void> {
        RETURN_IF_ERROR(find_alias(owner.aliases, name));
        std::erase_if(owner.aliases,
                      [&name](const FunctionAlias& alias) { return alias.name == name; });
        return {};
      });
  if (!saved) co_return std::unexpected(saved.error());
  co_return empty_answer(204);
}

}  // namespace ferry::api::fc
