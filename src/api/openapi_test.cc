#include "api/openapi.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/api_under_test.h"
#include "api/routes.h"
#include "base/encoding.h"
#include "base/errors.h"
#include "base/json.h"

// Keeps docs/openapi.json true: what it describes is served, what is served is described.

namespace ferry::api {
namespace {

using test::ApiUnderTest;
using test::make_request;

constexpr std::string_view kMethods[] = {"get", "post", "put", "patch", "delete"};

struct Parameter {
  std::string name;
  std::string in;
  std::string example;  // as it is written in a request
};

struct Operation {
  std::string method;  // upper case
  std::string path;
  std::vector<Parameter> parameters;  // the path's own included
  bool open = false;                  // has a security of its own: asks for no tenant's token

  std::string called() const { return method + " " + path; }
};

std::string text_of(const std::optional<JsonValue>& value) {
  if (!value) return {};
  if (const auto text = value->text()) return std::string(*text);
  if (const auto number = value->integer()) return std::to_string(*number);
  if (value->kind() == JsonKind::kArray) return text_of(value->element(0));
  return value->kind() == JsonKind::kBool ? "true" : "";
}

class Document {
 public:
  Document() : json_(*JsonDocument::parse(openapi_document())) {}

  JsonValue at(std::initializer_list<std::string_view> keys) const {
    JsonValue value = json_.root();
    for (const std::string_view key : keys) value = *value.find(key);
    return value;
  }

  std::vector<Operation> operations() const {
    std::vector<Operation> all;
    const JsonValue paths = at({"paths"});
    for (std::size_t i = 0; i < paths.size(); ++i) {
      for (const std::string_view method : kMethods) {
        const auto operation = paths.member(i).value.find(method);
        if (operation) all.push_back(read(paths.member(i), method, *operation));
      }
    }
    return all;
  }

  Operation operation(std::string_view called) const {
    const std::vector<Operation> all = operations();
    const auto found = std::ranges::find(all, called, &Operation::called);
    EXPECT_NE(found, all.end()) << called;
    return found == all.end() ? Operation() : *found;
  }

 private:
  static Operation read(const JsonMember& path, std::string_view method,
                        const JsonValue& operation);
  static void read_parameters(const std::optional<JsonValue>& list, Operation& operation);

  JsonDocument json_;
};

const Document& document() {
  static const Document instance;
  return instance;
}

// Each parameter is a reference to its component.
void Document::read_parameters(const std::optional<JsonValue>& list, Operation& operation) {
  for (std::size_t i = 0; list && i < list->size(); ++i) {
    const std::string reference = text_of(list->element(i).find("$ref"));
    const JsonValue component =
        document().at({"components", "parameters", reference.substr(reference.rfind('/') + 1)});
    operation.parameters.push_back({text_of(component.find("name")), text_of(component.find("in")),
                                    text_of(component.find("example"))});
  }
}

Operation Document::read(const JsonMember& path, std::string_view method,
                         const JsonValue& operation) {
  Operation read{.method = std::string(method), .path = std::string(path.name)};
  for (char& c : read.method) c = static_cast<char>(c - 'a' + 'A');
  read_parameters(path.value.find("parameters"), read);
  read_parameters(operation.find("parameters"), read);
  read.open = operation.find("security").has_value();
  return read;
}

// "/v2/queues/{name}/pause" -> "/v2/queues/x/pause".
std::string instance_of(std::string path) {
  for (std::size_t open = path.find('{'); open != std::string::npos; open = path.find('{')) {
    path.replace(open, path.find('}') - open + 1, "x");
  }
  return path;
}

// The row that serves the operation; nothing if none does.
std::optional<std::size_t> row_of(const Operation& operation) {
  std::vector<http::Route> rows;
  for (const RouteRow& row : routes()) {
    rows.push_back({row.method, row.pattern, static_cast<std::uint32_t>(rows.size())});
  }
  const http::Match match =
      http::Router(std::move(rows)).match(operation.method, instance_of(operation.path));
  if (match.kind != http::MatchKind::kFound) return std::nullopt;
  return match.route;
}

std::set<std::string> names_in(const Operation& operation, std::string_view place) {
  std::set<std::string> names;
  for (const Parameter& parameter : operation.parameters) {
    if (parameter.in == place) names.insert(parameter.name);
  }
  return names;
}

std::set<std::string> member_names(const JsonValue& object) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < object.size(); ++i) names.emplace(object.member(i).name);
  return names;
}

// ---- Paths
// ----------------------------------------------------------------------------------------

TEST(OpenApi, EveryOperationIsServed) {
  for (const Operation& operation : document().operations()) {
    EXPECT_TRUE(row_of(operation)) << operation.called();
  }
}

TEST(OpenApi, EveryRouteIsDescribed) {
  std::set<std::size_t> described;
  for (const Operation& operation : document().operations()) {
    if (const auto row = row_of(operation)) described.insert(*row);
  }
  for (std::size_t row = 0; row < routes().size(); ++row) {
    EXPECT_TRUE(described.contains(row)) << routes()[row].method << " " << routes()[row].pattern;
  }
}

TEST(OpenApi, OperationsWithoutATokenAreThoseOfTheRoutes) {
  for (const Operation& operation : document().operations()) {
    const auto row = row_of(operation);
    if (!row) continue;
    EXPECT_EQ(operation.open, routes()[*row].access == Access::kOpen) << operation.called();
  }
}

TEST(OpenApi, EveryPlaceholderOfAPathIsAParameter) {
  for (const Operation& operation : document().operations()) {
    std::set<std::string> placeholders;
    for (std::size_t open = operation.path.find('{'); open != std::string::npos;
         open = operation.path.find('{', open + 1)) {
      placeholders.insert(
          operation.path.substr(open + 1, operation.path.find('}', open) - open - 1));
    }
    EXPECT_EQ(names_in(operation, "path"), placeholders) << operation.called();
  }
}

// ---- Options
// --------------------------------------------------------------------------------------

constexpr std::string_view kFamilies[][2] = {{"{Name}", "X-Shop"}, {"{Option}", "Retries"}};

// The options of a publish with their examples; each family is represented by one of its names.
std::map<std::string, std::string> example_options() {
  std::map<std::string, std::string> options;
  const Operation publish = document().operation("POST /v2/publish/{destination}");
  for (const Parameter& parameter : publish.parameters) {
    if (parameter.in != "header" || !parameter.name.starts_with("Upstash-")) continue;
    std::string name = parameter.name;
    for (const auto& [placeholder, one] : kFamilies) {
      if (name.ends_with(placeholder)) name.replace(name.find('{'), placeholder.size(), one);
    }
    options.emplace(name, parameter.example);
  }
  return options;
}

// These change what kind of message it is, or exclude another option.
const std::set<std::string> kApart = {"Upstash-Cron", "Upstash-Schedule-Id",
                                      "Upstash-Ordering-Key"};

// What a publish with these options asks the engine for; nothing when it is refused.
class Publisher {
 public:
  Publisher() {
    api_.engine = [](const engine::Command&) { return Error{ErrorCode::kOverloaded, "not now"}; };
  }

  std::optional<PublishOptions> options_of(const std::map<std::string, std::string>& options) {
    api_.commands.clear();
    if (status_of(options) == 400) return std::nullopt;
    return api_.command<engine::Publish>().items.at(0).options;
  }

  int status_of(const std::map<std::string, std::string>& options) {
    HeaderList headers = {{"X-Of-The-Call", "1"}};
    for (const auto& [name, value] : options) headers.add(name, value);
    return api_.send("POST", "/v2/publish/https://example.com/", std::move(headers)).status;
  }

 private:
  ApiUnderTest api_;
};

TEST(OpenApi, EveryExampleOfAnOptionIsAccepted) {
  Publisher publisher;
  std::map<std::string, std::string> together;
  for (const auto& [name, example] : example_options()) {
    if (!kApart.contains(name)) together.emplace(name, example);
    if (kApart.contains(name)) EXPECT_NE(publisher.status_of({{name, example}}), 400) << name;
  }
  EXPECT_NE(publisher.status_of(together), 400);
}

TEST(OpenApi, EveryOptionHasAnEffect) {
  Publisher publisher;
  std::map<std::string, std::string> together = example_options();
  for (const std::string& name : kApart) together.erase(name);
  const std::optional<PublishOptions> all = publisher.options_of(together);
  ASSERT_TRUE(all);
  for (const auto& [name, example] : example_options()) {
    std::map<std::string, std::string> without = together;
    without.erase(name);
    std::map<std::string, std::string> with_nonsense = together;
    with_nonsense[name] = "no: such value";
    const bool changes = publisher.options_of(without) != all;
    EXPECT_TRUE(changes || publisher.status_of(with_nonsense) == 400) << name;
  }
}

TEST(OpenApi, EveryOptionHasItsTwinInTheQuery) {
  std::set<std::string> lower_case;
  for (const Operation& operation : document().operations()) {
    for (const std::string& name : names_in(operation, "header")) {
      if (name.starts_with("Upstash-")) lower_case.insert(to_lower(name));
    }
  }
  EXPECT_EQ(member_names(document().at({"components", "schemas", "OptionTwins", "properties"})),
            lower_case);
}

// ---- Filters
// --------------------------------------------------------------------------------------

// Lists that refuse the parameters they do not know.
constexpr std::string_view kStrictLists[] = {
    "GET /v2/dlq",      "DELETE /v2/dlq",      "POST /v2/dlq/retry",
    "GET /v2/messages", "DELETE /v2/messages",
};

std::map<std::string, std::string> example_filters() {
  std::map<std::string, std::string> filters;
  for (const Operation& operation : document().operations()) {
    for (const Parameter& parameter : operation.parameters) {
      if (parameter.in == "query" && parameter.name != "options") {
        filters.emplace(parameter.name, parameter.example);
      }
    }
  }
  return filters;
}

bool is_known(ApiUnderTest& api, const Operation& list, const std::string& name,
              const std::string& value) {
  const http::ServerResponse response =
      api.send(list.method, list.path + "?" + name + "=" + percent_encode(value));
  EXPECT_NE(response.status, 405) << list.called();
  if (response.body.contains("unknown parameter")) return false;
  EXPECT_NE(response.status, 400) << list.called() << " " << name << ": " << response.body;
  return true;
}

TEST(OpenApi, ListsKnowTheFiltersThatAreDescribedAndNoOthers) {
  ApiUnderTest api;
  api.engine = [](const engine::Command&) { return Error{ErrorCode::kOverloaded, "not now"}; };
  const std::map<std::string, std::string> filters = example_filters();
  ASSERT_TRUE(filters.contains("flowControlKey"));
  for (const std::string_view called : kStrictLists) {
    const Operation list = document().operation(called);
    const std::set<std::string> described = names_in(list, "query");
    for (const auto& [name, example] : filters) {
      EXPECT_EQ(is_known(api, list, name, example), described.contains(name))
          << called << " " << name;
    }
  }
}

TEST(OpenApi, EventsAndLogsHaveTheSameFilters) {
  EXPECT_EQ(names_in(document().operation("GET /v2/events"), "query"),
            names_in(document().operation("GET /v2/logs"), "query"));
}

// ---- The rest
// -------------------------------------------------------------------------------------

TEST(OpenApi, ListsEveryErrorCode) {
  std::set<std::string> described, known;
  const JsonValue list = document().at({"components", "schemas", "ErrorCode", "enum"});
  for (std::size_t i = 0; i < list.size(); ++i) described.emplace(*list.element(i).text());
  for (std::uint16_t code = 0; code < static_cast<std::uint16_t>(ErrorCode::kCount); ++code) {
    known.emplace(error_info(static_cast<ErrorCode>(code)).slug);
  }
  EXPECT_EQ(described, known);
}

TEST(OpenApi, HasTheVersionOfTheServer) {
  EXPECT_EQ(document().at({"info", "version"}).text(), FERRY_VERSION);
}

TEST(OpenApi, IsServedWithoutAToken) {
  ApiUnderTest api;
  const http::ServerResponse response = api.send_raw(make_request("GET", "/openapi.json"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(*response.headers.find("Content-Type"), "application/json");
  EXPECT_EQ(response.body, openapi_document());
}

}  // namespace
}  // namespace ferry::api
